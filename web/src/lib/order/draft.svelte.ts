import { purposeSchema } from "@keystrand/sdk/duo";
import type { Request } from "@keystrand/sdk/generated/escrow";
import { z } from "zod";
import { hex } from "../indexer/values.ts";

/** Version of what is kept; another one is forgotten, never misread. */
const KEPT = "keystrand:order-draft:1";

const request: z.ZodType<Request> = z.object({
  collection: z.number(),
  custodian: z.string(),
  lines: z.array(z.object({ dataset: hex, consentVersion: z.number() })).readonly(),
  purpose: purposeSchema,
  policyVersion: z.number(),
  policyHash: hex,
  readerKey: hex,
  job: hex,
  nonce: hex,
});

const draftSchema = z.object({
  collection: z.number().nullable(),
  datasets: z.array(hex),
  purpose: purposeSchema.nullable(),
  /** The public half of the key that opens the result. The secret half is in the file that the buyer saved. */
  readerKey: hex.nullable(),
  /** What was quoted, ready to be paid: the same after a reload, so that nothing is paid twice. */
  requests: z.array(request).readonly(),
});
type DraftContent = z.output<typeof draftSchema>;

const EMPTY: DraftContent = { collection: null, datasets: [], purpose: null, readerKey: null, requests: [] };

function kept(): DraftContent {
  const text = localStorage.getItem(KEPT);
  if (text === null) return EMPTY;
  const parsed = draftSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : EMPTY;
}

/** An order that is being made. Kept in this browser, so that a reload at any step goes on from there. */
export class OrderDraft {
  #content = $state.raw<DraftContent>(kept());

  get content(): DraftContent {
    return this.#content;
  }

  /** Changes a part; a changed part undoes what was quoted for the old one. */
  change(part: Partial<DraftContent>): void {
    const quoted = "requests" in part || "readerKey" in part;
    this.#content = { ...this.#content, ...(quoted ? {} : { requests: [] }), ...part };
    localStorage.setItem(
      KEPT,
      JSON.stringify(this.#content, (_, value) => (typeof value === "bigint" ? Number(value) : value)),
    );
  }

  forget(): void {
    this.#content = EMPTY;
    localStorage.removeItem(KEPT);
  }
}
