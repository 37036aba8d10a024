import { z } from "zod";
import { NodeUnavailable } from "../chain/node.svelte.ts";
import { SignatureRejected } from "../wallet/signer.ts";

/** Why nothing was sent, or what was sent came to nothing. */
export type Failure =
  | { readonly kind: "rejected" }
  | { readonly kind: "node"; readonly state: "gone" | "otherChain" | "readOnly" }
  /** A contract said no. */
  | { readonly kind: "refused"; readonly contract: string; readonly refusal: unknown }
  /** The account cannot pay for it; the chain does not say how much it would take in all. */
  | { readonly kind: "poor" }
  /** The call could not run, or ran and failed; `reason` is the chain's own word. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "other"; readonly message: string };

// The classes of the library are loaded late and are known here by their names.
const refused = z.object({
  name: z.literal("ContractRefusal"),
  contract: z.string(),
  refusal: z.unknown(),
});
const failed = z.object({ name: z.enum(["ContractFailure", "TransactionError"]), reason: z.string() });

const causes = function* (error: unknown): Generator<unknown> {
  for (let current = error; current !== undefined && current !== null; ) {
    yield current;
    current = current instanceof Error ? current.cause : undefined;
  }
};

/** Sorts what was thrown by what a person can do about it. */
export function failureOf(error: unknown): Failure {
  for (const cause of causes(error)) {
    if (cause instanceof SignatureRejected) return { kind: "rejected" };
    if (cause instanceof NodeUnavailable)
      return {
        kind: "node",
        state: cause.state === "otherChain" || cause.state === "readOnly" ? cause.state : "gone",
      };
    const refusal = refused.safeParse(cause);
    if (refusal.success)
      return { kind: "refused", contract: refusal.data.contract, refusal: refusal.data.refusal };
  }
  const failure = failed.safeParse(error);
  if (
    failure.success &&
    /insufficient balance|StorageDepositNotEnoughFunds|TransferFailed|FundsUnavailable/i.test(
      failure.data.reason,
    )
  )
    return { kind: "poor" };
  if (failure.success) return { kind: "failed", reason: failure.data.reason };
  return { kind: "other", message: error instanceof Error ? error.message : String(error) };
}
