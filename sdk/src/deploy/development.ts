/** What a development deployment chooses: minutes where a public one would have days. */
import { decodeAddress } from "@polkadot/util-crypto";
import { toHex } from "../bytes.ts";
import type { GovernorConstructors, Track } from "../contracts/generated/governor.ts";
import type { Limits, Policy, Windows } from "../contracts/generated/policies.ts";
import { UNSCOPED } from "../credentials/grant.ts";

/** One token, smallest units (12 decimals). */
export const TOKEN = 10n ** 12n;

const MINUTE = 60_000n;
const DAY = 24n * 60n * MINUTE;

const windows = (length: bigint): Windows => ({
  fulfil: length,
  release: length,
  dispute: length,
  answer: length,
  arbitration: length,
});

/** Bounds of policies: a second to a year, at most 1 000 tokens of bond, at most half to custodian or treasury. */
export const DEVELOPMENT_LIMITS: Limits = {
  shortest: windows(1_000n),
  longest: windows(365n * DAY),
  maxBond: 1_000n * TOKEN,
  maxCustodian: 5_000,
  maxTreasury: 5_000,
};

/** Modifiers' bits of contracts-ink/commons/src/terms.rs that the demonstration uses. */
const NON_PROFIT_NON_COMMERCIAL = 1 << 3;
const ETHICS_APPROVAL = 1 << 8;

/** Who and what a development policy names. */
export interface DevelopmentPolicyParts {
  /** What the verifiers will measure in the simulated enclave. */
  readonly measurement: string;
  readonly arbitrator: string;
  readonly treasury: string;
  readonly committee: readonly string[];
}

/**
 * Health research by non-profit organisations with ethics approval (HMB, NPUNCU, IRB); a bona fide researcher;
 * cohorts of five and more; 2 verifiers; the simulated platform is admitted by name.
 */
export const developmentPolicy = (parts: DevelopmentPolicyParts): Policy => ({
  terms: {
    permission: "HealthMedicalBiomedical",
    diseases: [],
    modifiers: NON_PROFIT_NON_COMMERCIAL | ETHICS_APPROVAL,
    region: null,
    months: null,
    user: null,
    project: null,
    institution: null,
    publishFrom: null,
  },
  required: [{ kind: "BonaFideResearcher", scope: UNSCOPED }],
  attestation: {
    quorum: 2,
    platforms: ["Simulated"],
    measurements: [parts.measurement],
    minTcbDate: 0n,
    admitDebug: false,
    maxAge: 60n * MINUTE,
  },
  minCohort: 5,
  laboratory: false,
  split: { contributor: 8_000, custodian: 1_000, treasury: 1_000 },
  windows: {
    fulfil: 30n * MINUTE,
    release: 10n * MINUTE,
    dispute: 5n * MINUTE,
    answer: 5n * MINUTE,
    arbitration: 10n * MINUTE,
  },
  bond: TOKEN,
  arbitrator: parts.arbitrator,
  treasury: parts.treasury,
  committee: { members: [...parts.committee].sort(byAccount), quorum: Math.min(2, parts.committee.length) },
});

/** The contracts sort accounts by their bytes, not by their SS58 text. */
const byAccount = (left: string, right: string): number =>
  toHex(decodeAddress(left)) < toHex(decodeAddress(right)) ? -1 : 1;

const SECOND = 1_000n;

const track = (passing: Track["passing"], threshold = 0): Track => ({
  passing,
  decision: 20n * SECOND,
  confirm: 0n,
  delay: SECOND,
  grace: 60n * MINUTE,
  threshold,
  deposit: TOKEN,
});
const ratio = (approval: number, supportFrom: number, supportTo = supportFrom): Track["passing"] => ({
  type: "Ratio",
  value: { approval, supportFrom, supportTo },
});

/** The design's tracks with seconds for days. There are no guardians until the members elect some. */
export const DEVELOPMENT_GOVERNANCE: Omit<GovernorConstructors["new"]["args"], "genesis" | "neighbours"> = {
  tracks: [
    { ...track({ type: "Optimistic", value: { objection: 2_000 } }, 200), delay: 0n },
    track(ratio(6_667, 2_000)),
    track(ratio(5_000, 2_000, 500)),
    track(ratio(6_000, 1_000)),
    track(ratio(6_667, 2_000)),
    track(ratio(7_500, 3_000)),
    { ...track(ratio(5_000, 500)), delay: 0n },
  ],
  settings: { narrowInterval: MINUTE, guardianTerm: 365n * DAY, emergencyRest: MINUTE },
  guardians: [],
  guardianQuorum: 0,
  routes: [],
};
