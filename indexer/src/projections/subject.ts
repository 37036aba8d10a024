import type { Json } from "../chain/scale.ts";

/** Fields that name what an event is about, the first that an event has counts. */
const NAMED = ["order", "proposal", "dataset", "grant", "account", "owner", "issuer", "collection"] as const;

/** Numbers that are ids of their kind only. */
const NUMBERED = new Set(["proposal", "collection"]);

/** Id of what an event is about: an order, a dataset, an account, `collection/1`, `proposal/1`. */
export function subjectOf(fields: { [name: string]: Json }): string | null {
  for (const name of NAMED) {
    const value = fields[name];
    if (NUMBERED.has(name) && (typeof value === "number" || typeof value === "string"))
      return `${name}/${value}`;
    if (typeof value === "string") return value;
  }
  return null;
}
