import { secureRandom, toHex } from "../bytes.ts";
import type { Purpose, Quote, Request } from "../contracts/generated/escrow.ts";
import type { Contracts } from "../contracts/index.ts";
import { BaseError } from "../errors.ts";

/** Most lines in one order. */
export const MAX_LINES = 64;

/** A cohort cannot be asked for as it is. */
export class CohortError extends BaseError {
  override readonly name = "CohortError";
}

/** What a buyer wants. */
export interface CohortToOrder {
  readonly collection: number;
  /** Dataset ids; more than 64 become several orders under one job. */
  readonly datasets: readonly string[];
  readonly purpose: Purpose;
  /** X25519 public key that the result is sealed to, hex. */
  readonly readerKey: string;
}

const random32 = () => toHex(secureRandom(32));

/** Sizes of orders: as few as possible, and as equal as possible, so that none falls below a smallest cohort. */
export const orderSizes = (lines: number): number[] => {
  const orders = Math.ceil(lines / MAX_LINES);
  return Array.from(
    { length: orders },
    (_, index) => Math.floor(lines / orders) + (index < lines % orders ? 1 : 0),
  );
};

/**
 * The requests that order a cohort, one for each custodian and 64 lines, with the versions that stand now.
 *
 * @throws {@link CohortError} when the cohort is empty or a dataset is unknown
 */
export const requestsFor = async (contracts: Contracts, cohort: CohortToOrder): Promise<Request[]> => {
  if (cohort.datasets.length === 0) throw new CohortError("The cohort has no dataset.");
  const view = await contracts.policies.query("view", { collection: cohort.collection });
  const byCustodian = new Map<string, { dataset: string; consentVersion: number }[]>();
  for (const dataset of cohort.datasets) {
    const known = await contracts.consents.query("dataset", { dataset });
    if (!known)
      throw new CohortError(`There is no dataset ${dataset}.`, { remedy: "Leave it out of the cohort." });
    const lines = byCustodian.get(known.custodian) ?? [];
    lines.push({ dataset, consentVersion: known.version });
    byCustodian.set(known.custodian, lines);
  }
  const job = random32();
  return [...byCustodian].flatMap(([custodian, lines]) => {
    let start = 0;
    return orderSizes(lines.length).map((size) => {
      const part = lines.slice(start, start + size);
      start += size;
      return {
        collection: cohort.collection,
        custodian,
        lines: part,
        purpose: cohort.purpose,
        policyVersion: view.version,
        policyHash: view.hash,
        readerKey: cohort.readerKey,
        job,
        nonce: random32(),
      };
    });
  });
};

/** What create would answer, line by line, without sending anything. Throws ContractRefusal for a malformed request. */
export const quoteOrder = (contracts: Contracts, buyer: string, request: Request): Promise<Quote> =>
  contracts.escrow.query("quote", { buyer, request }, { caller: buyer });
