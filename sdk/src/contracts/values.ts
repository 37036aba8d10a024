/** `0x` and hex digits, two a byte. */
export type Hex = string;
/** SS58 address. */
export type Address = string;
/** What a fallible message returns. */
export type Result<Ok, Err> = { readonly ok: Ok } | { readonly err: Err };
