import { z } from "zod";
import { type Policy, policy } from "../indexer/values.ts";
import { words } from "../language.svelte.ts";
import { apart } from "./states.ts";

/** What a proposal would do: a sentence, and the policy that it would set, where it sets one. */
export interface ProposedAction {
  readonly sentence: string;
  readonly policy: Policy | null;
}

const policyAction = z.object({
  Policy: z.union([
    z.object({ Open: z.object({ policy, disease: z.number().nullable() }) }),
    z.object({ Set: z.object({ collection: z.number(), policy }) }),
    z.object({ Close: z.object({ collection: z.number() }) }),
    z.object({ Root: z.object({ root: z.string() }) }),
  ]),
});
const variant = z.record(z.string(), z.unknown());

/** A proposal's actions in words. Kinds without words of their own are named as the contract names them. */
export function describeActions(actions: unknown): readonly ProposedAction[] {
  return z.array(z.unknown()).parse(actions).map(describeAction);
}

function describeAction(action: unknown): ProposedAction {
  const known = policyAction.safeParse(action);
  if (!known.success) return { sentence: nameOf(action), policy: null };
  const change = known.data.Policy;
  if ("Open" in change) {
    return { sentence: words().actions.open, policy: change.Open.policy };
  }
  if ("Set" in change) {
    const sentence = words().actions.set(change.Set.collection);
    return { sentence, policy: change.Set.policy };
  }
  if ("Close" in change) {
    const sentence = words().actions.close(change.Close.collection);
    return { sentence, policy: null };
  }
  return { sentence: words().actions.root(change.Root.root), policy: null };
}

/** The names of nested variants, outermost first. */
function nameOf(action: unknown): string {
  const outer = variant.safeParse(action);
  if (!outer.success) return apart(String(action));
  const [name = "", inside] = Object.entries(outer.data)[0] ?? [];
  const inner = variant.safeParse(inside);
  const innerName = inner.success ? Object.keys(inner.data)[0] : undefined;
  return innerName && /^[A-Z]/.test(innerName) ? `${apart(name)}: ${apart(innerName)}` : apart(name);
}
