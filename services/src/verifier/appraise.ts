import { equalBytes, fromHex, toHex } from "@keystrand/sdk/bytes";
import type { AppraisalRequest, AttestationResult, ClaimJson } from "@keystrand/sdk/http";
import { attestationMessage, blake2b256, type OrderScope, reportData } from "@keystrand/sdk/signing";
import { fromBase64 } from "../service/base64.ts";
import type { Signer } from "../service/keys.ts";
import { verifyDcap } from "./dcap.ts";
import type { Findings } from "./findings.ts";
import { verifyNitro } from "./nitro.ts";
import { refusal } from "./refusal.ts";
import type { Trust } from "./trust.ts";

/** What a verifier judges with. */
export interface Appraiser {
  readonly trust: Trust;
  readonly signer: Signer;
  /** Measurements that are known, in hex; empty leaves the judgement to the policy. */
  readonly measurements: readonly string[];
  /** Milliseconds. */
  readonly maxEvidenceAge: number;
  readonly maxClaimLifetime: number;
  readonly maxClockDifference: number;
  readonly now: () => number;
}

/**
 * Appraises evidence and signs the attestation result: a claim of what was found, for one order and its keys.
 *
 * The claim's period comes from the caller, since all verifiers of an order must sign the very same claim and a
 * verifier knows no chain; it is held to this machine's clock.
 *
 * @throws ServiceProblem 422 with the reason; then nothing is signed
 */
export async function appraise(request: AppraisalRequest, by: Appraiser): Promise<AttestationResult> {
  const now = by.now();
  verifyPeriod(request, by, now);
  const document = fromBase64(request.evidence.document);
  const findings: Findings =
    request.evidence.format === "nitro"
      ? await verifyNitro(document, by.trust, new Date(now), by.maxEvidenceAge)
      : await verifyDcap(document, request.evidence.collateral, by.trust, new Date(now));

  const scope: OrderScope = {
    genesis: fromHex(request.genesis),
    contract: fromHex(request.escrow),
    order: fromHex(request.order),
  };
  const keys = {
    suite: request.keys.suite,
    encryption: fromHex(request.keys.encryption),
    signing: fromHex(request.keys.signing),
  };
  if (!equalBytes(findings.reportData, reportData(scope, keys))) {
    throw refusal(
      "report-data-mismatch",
      "The evidence was made for other keys, another order or another chain.",
    );
  }
  const measurement = toHex(findings.measurement);
  if (by.measurements.length > 0 && !by.measurements.includes(measurement)) {
    throw refusal("measurement-unknown", `This verifier does not know the measurement ${measurement}.`);
  }
  const evidence = blake2b256(document);
  const { platform, tcbDate, debug } = findings;
  const { issued, expires } = request;
  const claim: ClaimJson = {
    order: request.order,
    keys: request.keys,
    platform,
    measurement,
    tcbDate,
    debug,
    evidence: toHex(evidence),
    issued,
    expires,
  };
  const message = attestationMessage(scope, {
    keys,
    platform,
    measurement: findings.measurement,
    tcbDate,
    debug,
    evidence,
    issued,
    expires,
  });
  return {
    claim,
    verifier: toHex(by.signer.account),
    signature: toHex(by.signer.sign(message)),
    simulated: platform === "Simulated",
  };
}

function verifyPeriod({ issued, expires }: AppraisalRequest, by: Appraiser, now: number): void {
  if (Math.abs(issued - now) > by.maxClockDifference) {
    throw refusal("claim-period", "The claim does not begin now.");
  }
  if (expires <= issued || expires - issued > by.maxClaimLifetime) {
    throw refusal("claim-period", `A claim of this verifier lives at most ${by.maxClaimLifetime} ms.`);
  }
}
