import { fromHex } from "@keystrand/sdk/bytes";
import {
  type AppraisalRequest,
  type AttestationResult,
  attestationResultSchema,
  problemSchema,
} from "@keystrand/sdk/http";
import type { Log } from "../service/log.ts";
import { ServiceProblem } from "../service/problem.ts";

/** How long a verifier may think, ms. */
const PATIENCE = 30_000;

/** One claim with the signatures of the verifiers that made it. */
export interface Quorum {
  readonly claim: AttestationResult["claim"];
  readonly signatures: readonly { readonly verifier: Uint8Array; readonly signature: Uint8Array }[];
  readonly simulated: boolean;
}

/**
 * Has evidence appraised by every verifier at once, and keeps the signatures of `needed` distinct ones that the
 * chain allows, all over the very same claim.
 *
 * @throws ServiceProblem 502 with what each of the others said, when fewer signed
 */
export async function collectQuorum(
  urls: readonly string[],
  request: AppraisalRequest,
  needed: number,
  isAllowed: (verifier: Uint8Array) => Promise<boolean>,
  log: Log,
): Promise<Quorum> {
  const answers = await Promise.all(urls.map((url) => ask(url, request)));
  const refusals = answers.flatMap((answer) => ("refusal" in answer ? [answer.refusal] : []));
  const byVerifier = new Map<string, AttestationResult>();
  let first: string | undefined;
  for (const answer of answers) {
    if ("refusal" in answer) continue;
    const { result, url } = answer;
    first ??= JSON.stringify(result.claim);
    if (JSON.stringify(result.claim) !== first) refusals.push(`${url} signed another claim than the others`);
    else if (!(await isAllowed(fromHex(result.verifier))))
      refusals.push(`${url} is no verifier that the chain allows`);
    else byVerifier.set(result.verifier, result);
  }
  for (const refusal of refusals) log.warn({ order: request.order, refusal }, "a verifier did not sign");
  const results = [...byVerifier.values()].slice(0, needed);
  const [any] = results;
  if (any === undefined || results.length < needed) {
    throw new ServiceProblem(
      502,
      "quorum-missing",
      `Only ${results.length} of the ${needed} verifiers that the policy asks for signed.`,
      { remedy: refusals.join("; ") },
    );
  }
  return {
    claim: any.claim,
    simulated: any.simulated,
    signatures: results.map(({ verifier, signature }) => ({
      verifier: fromHex(verifier),
      signature: fromHex(signature),
    })),
  };
}

async function ask(
  url: string,
  request: AppraisalRequest,
): Promise<{ url: string; result: AttestationResult } | { refusal: string }> {
  try {
    const response = await fetch(new URL("/appraise", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body: unknown = await response.json();
    if (response.ok) return { url, result: attestationResultSchema.parse(body) };
    const problem = problemSchema.safeParse(body);
    return { refusal: `${url} refused: ${problem.success ? problem.data.title : response.status}` };
  } catch (error) {
    // A verifier that is down or talks nonsense is one signature less, not the end.
    return { refusal: `${url} did not answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
