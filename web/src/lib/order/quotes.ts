import type { DuoPurpose } from "@keystrand/sdk/duo";
import type { Quote, Request } from "@keystrand/sdk/generated/escrow";
import type { Chain } from "../chain/node.svelte.ts";

/** What the contract would answer a request now. */
export interface Quoted {
  readonly request: Request;
  readonly quote: Quote;
  /** It was paid already: a reload came between. */
  readonly exists: boolean;
}

/** Stands for the reader until the buyer has a key; a quote seals nothing. */
const NO_READER = `0x09${"00".repeat(31)}`;

/** Fresh requests for a cohort and a purpose: one for each custodian and 64 datasets. */
export const requestsOf = (
  { contracts, library }: Chain,
  collection: number,
  datasets: readonly string[],
  purpose: DuoPurpose,
  readerKey: string | null,
): Promise<Request[]> =>
  library.requestsFor(contracts, { collection, datasets, purpose, readerKey: readerKey ?? NO_READER });

/** Asks the contract about each request. It runs the code of create and sends nothing. */
export const quotesOf = (
  { contracts, library }: Chain,
  buyer: string,
  requests: readonly Request[],
): Promise<Quoted[]> =>
  Promise.all(
    requests.map(async (request) => {
      const quote = await library.quoteOrder(contracts, buyer, request);
      return { request, quote, exists: await contracts.escrow.query("exists", { order: quote.order }) };
    }),
  );
