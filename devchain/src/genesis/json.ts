/**
 * JSON with integers above 2^53: they travel as source text, never as JavaScript numbers.
 * Source: ECMAScript proposal "JSON.parse source text access".
 */

interface JsonWithSource {
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}

// The library types of TypeScript 6 do not have these functions yet; every engine we run on does.
const json = JSON as unknown as JsonWithSource;

/** Like JSON.parse, but numbers that a double would change stay raw. */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !json.isRawJSON(value);
}

/** Objects merge key by key; anything else in `patch` replaces (`sc_chain_spec::json_patch::merge`). */
export function mergeJson(base: unknown, patch: unknown): unknown {
  if (!isObject(base) || !isObject(patch)) return patch;
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) merged[key] = mergeJson(merged[key], value);
  return merged;
}
