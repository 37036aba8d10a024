import type { Json } from "../chain/scale.ts";
import type { PolicyDifference } from "../database/schema/collections.ts";

/**
 * Parts of a policy that differ, sorted by path, since the database does not keep the order of names; lists
 * count as one part.
 */
export function differences(before: Json, after: Json, path = ""): PolicyDifference[] {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) =>
      differences(before[name] ?? null, after[name] ?? null, path === "" ? name : `${path}.${name}`),
    );
  }
  return same(before, after) ? [] : [{ path, before, after }];
}

function isRecord(value: Json): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equality of values, whatever the order of their names: the database may give another. */
function same(left: Json, right: Json): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index] ?? null));
  }
  if (isRecord(left) && isRecord(right)) return differences(left, right).length === 0;
  return left === right;
}
