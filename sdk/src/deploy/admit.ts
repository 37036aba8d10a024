/** What a deployer enters in the members' stead before it hands the contracts over. */
import type { Account } from "../chain/submit.ts";
import type { Platform } from "../contracts/generated/attestations.ts";
import type { CredentialKind } from "../contracts/generated/identity.ts";
import type { Contracts } from "../contracts/index.ts";
import { kindsMask } from "../credentials/grant.ts";

/** Who and what is trusted from the first day on; afterwards members vote on it. */
export interface Admission {
  /** Addresses of the verifiers' accounts. */
  readonly verifiers: readonly string[];
  /** Reference values: what an approved enclave measures. */
  readonly references: readonly {
    readonly measurement: string;
    readonly platform: Platform;
    /** Oldest state of the platform's firmware that is trusted, ms since 1970. */
    readonly minTcbDate: bigint;
    readonly label: string;
  }[];
  readonly issuers: readonly { readonly issuer: string; readonly kinds: readonly CredentialKind[] }[];
}

/** Enters what is missing; what is there stays, so that a repetition changes nothing. */
export const admit = async (
  { attestations, identity }: Contracts,
  deployer: Account,
  { verifiers, references, issuers }: Admission,
): Promise<void> => {
  for (const verifier of verifiers)
    if (!(await attestations.query("verifier", { verifier })).allowed)
      await attestations.execute("addVerifier", { verifier }, deployer);
  for (const { measurement, ...reference } of references)
    if ((await attestations.query("reference", { measurement })) === null)
      await attestations.execute("addReference", { measurement, reference }, deployer);
  for (const { issuer, kinds } of issuers) {
    const mask = kindsMask(kinds);
    if ((await identity.query("issuer", { issuer })).kinds !== mask)
      await identity.execute("accredit", { issuer, kinds: mask }, deployer);
  }
};
