import { words } from "../language.svelte.ts";
import type { Failure } from "../transaction/failure.ts";
import { refusalWords } from "./refusals.ts";

/** A failure in one line, for places where nothing was about to be signed. */
export function failureWords(failure: Failure): string {
  const say = words().transaction;
  switch (failure.kind) {
    case "rejected":
      return say.rejected;
    case "poor":
      return say.short;
    case "refused":
      return `${say.refused}: ${refusalWords(failure.refusal)}.`;
    case "node":
      return `${say[failure.state]}. ${say[`${failure.state}Remedy`]}`;
    case "failed":
      return `${say.failed}: ${failure.reason}.`;
    case "other":
      return failure.message;
  }
}
