import { words } from "../language.svelte.ts";
import { apart } from "./states.ts";

/** The innermost named part of a contract's error, with its value: `{Ballot: NoVoice}` is `NoVoice`. */
function innermost(refusal: unknown): { readonly name: string; readonly value: unknown } {
  if (typeof refusal === "string") return { name: refusal, value: null };
  if (typeof refusal !== "object" || refusal === null || !("type" in refusal))
    return { name: "", value: refusal };
  const { type, value } = refusal as { readonly type: unknown; readonly value?: unknown };
  const isNested = typeof value === "object" && value !== null && "type" in value;
  const isNamed = typeof value === "string" && /^[A-Z][A-Za-z]+$/.test(value) && type === "Ballot";
  return isNested || isNamed ? innermost(value) : { name: String(type), value };
}

/** Why a contract refuses, for a person. */
export function refusalWords(refusal: unknown): string {
  const { name, value } = innermost(refusal);
  const known: Readonly<Record<string, string | ((value: string) => string)>> = words().refusals;
  const sentence = known[name] ?? words().refusals.other(apart(name).toLowerCase());
  return typeof sentence === "string" ? sentence : sentence(apart(String(value)).toLowerCase());
}
