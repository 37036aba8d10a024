import { ServiceProblem } from "../service/problem.ts";

/** Why evidence was not accepted. */
export type RefusalCode =
  | "evidence-malformed"
  | "platform-not-trusted"
  | "certificate-invalid"
  | "certificate-expired"
  | "certificate-revoked"
  | "revocation-unknown"
  | "signature-invalid"
  | "report-data-mismatch"
  | "evidence-stale"
  | "measurement-unknown"
  | "debug-evidence"
  | "tcb-not-trusted"
  | "claim-period";

const REMEDIES: Partial<Record<RefusalCode, string>> = {
  "platform-not-trusted": "Name the platform in PLATFORMS, or for simulated evidence set DEVELOPMENT_ROOT.",
  "revocation-unknown": "Put a current revocation list of that issuer into the verifier's `crls` folder.",
  "evidence-stale": "Ask the enclave for fresh evidence.",
  "claim-period": "Ask for a claim that begins now, by the chain's clock.",
};

/** The refusal of evidence: nothing is signed. */
export function refusal(code: RefusalCode, title: string, cause?: unknown): ServiceProblem {
  const remedy = REMEDIES[code];
  return new ServiceProblem(422, code, title, { cause, ...(remedy === undefined ? {} : { remedy }) });
}
