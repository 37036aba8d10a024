/** A policy beyond its terms, topic by topic, in words. */
import type { Policy } from "../contracts/generated/policies.ts";
import { dateInWords, inWords, list, periodInWords, shareInWords, tokensInWords } from "./words.ts";

/** Topics and what the policy says of each; two policies differ where these texts do. */
export const requirementsOf = (policy: Policy): Readonly<Record<string, string>> => {
  const { attestation, split, windows, committee } = policy;
  return {
    "credentials of every buyer":
      policy.required.length === 0
        ? "none"
        : list(
            policy.required.map(({ kind, scope }) =>
              /^0x0+$/.test(scope) ? inWords(kind) : `${inWords(kind)} for ${scope}`,
            ),
          ),
    "verifiers that must agree": String(attestation.quorum),
    platforms: list(attestation.platforms.map((platform) => inWords(platform))),
    measurements: list(attestation.measurements),
    "oldest trusted computing base":
      attestation.minTcbDate === 0n ? "any" : dateInWords(attestation.minTcbDate),
    "debug enclaves": attestation.admitDebug ? "admitted" : "refused",
    "age of an attestation": `at most ${periodInWords(attestation.maxAge)}`,
    "smallest cohort": `${policy.minCohort} datasets`,
    "laboratory's signature": policy.laboratory ? "required" : "not required",
    split: `contributor ${shareInWords(split.contributor)}, custodian ${shareInWords(split.custodian)}, treasury ${shareInWords(split.treasury)}`,
    windows: list(
      Object.entries(windows).map(([name, length]) => `${inWords(name)} ${periodInWords(length)}`),
    ),
    "bond of a dispute": tokensInWords(policy.bond),
    arbitrator: policy.arbitrator,
    treasury: policy.treasury,
    "data access committee": `${committee.quorum} of ${list(committee.members)}`,
  };
};
