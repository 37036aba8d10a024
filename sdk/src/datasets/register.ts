import { encodeAddress } from "@polkadot/util-crypto";
import type { Account, SubmitOptions } from "../chain/submit.ts";
import type { ConsentsMessages, Terms } from "../contracts/generated/consents.ts";
import { type Contracts, SS58_PREFIX } from "../contracts/index.ts";
import type { StoredDataset } from "./store.ts";

/** A contributor's consent for one dataset. */
export interface ConsentToGive {
  readonly collection: number;
  readonly terms: Terms;
  /** Price of one use, smallest units. */
  readonly price: bigint;
  /** Account that the contributor's share goes to. */
  readonly payee: string;
  /** End of the consent, ms since the epoch; without it the consent has no end. */
  readonly expiresAt?: bigint;
}

/** What of a stored dataset is registered: everything but its secret. */
export type Registrable = Omit<StoredDataset, "dataKey">;

/** Arguments of `register` for a stored dataset and a consent. */
export const registrationOf = (
  stored: Registrable,
  consent: ConsentToGive,
): ConsentsMessages["register"]["args"] => ({
  nonce: stored.nonce,
  collection: consent.collection,
  root: stored.root,
  size: stored.size,
  keyCommitment: stored.keyCommitment,
  custodian: encodeAddress(stored.custodian, SS58_PREFIX),
  custodianReceipt: stored.custodianReceipt,
  payee: consent.payee,
  price: consent.price,
  terms: consent.terms,
  expiresAt: consent.expiresAt ?? null,
  laboratorySignature: null,
});

/**
 * Registers a stored dataset and gives consent for it, from the contributor's account.
 *
 * @throws ContractRefusal with a `ConsentError`
 */
export const registerDataset = (
  contracts: Contracts,
  stored: StoredDataset,
  consent: ConsentToGive,
  contributor: Account,
  options?: SubmitOptions,
) => contracts.consents.execute("register", registrationOf(stored, consent), contributor, options);
