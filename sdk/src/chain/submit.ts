import type { ApiPromise } from "@polkadot/api";
import type { Signer, SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import type { ISubmittableResult } from "@polkadot/types/types";
import { BaseError } from "../errors.ts";
import { shortOfFunds } from "./balance.ts";

/** Who signs: a key pair, or an address whose wallet signs. */
export type Account = KeyringPair | { readonly address: string; readonly signer: Signer };

/** Where an extrinsic stands in the chain. */
export interface Inclusion {
  readonly blockHash: string;
  readonly blockNumber: number;
  readonly extrinsicHash: string;
  readonly extrinsicIndex: number;
  /** Fee paid in the chain's smallest unit, refunds taken off. */
  readonly fee: bigint;
  readonly events: readonly EventRecord[];
}

/** Steps of a transaction, in their order. */
export type TransactionStep = "signing" | "broadcast" | "inBlock" | "finalized";

export interface SubmitOptions {
  /** Resolve in a block (default) or when that block is final. */
  readonly until?: "inBlock" | "finalized";
  /** Told each step as it happens, with the hash of the block where the step has one. */
  readonly onStep?: (step: TransactionStep, blockHash?: string) => void;
}

/** The extrinsic came into a block and failed, or never came into one. */
export class TransactionError extends BaseError {
  override readonly name = "TransactionError";
  /** The pallet's error as `pallet.Name`, or the pool's status. */
  readonly reason: string;
  constructor(reason: string, happened: string, remedy?: string, cause?: unknown) {
    super(`The transaction failed: ${reason}.`, { happened: [happened], remedy, cause });
    this.reason = reason;
  }
}

const dispatchReason = (api: ApiPromise, result: ISubmittableResult): string | undefined => {
  const error = result.dispatchError;
  if (!error) return undefined;
  if (!error.isModule) return error.toString();
  const { section, name } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}`;
};

const poolReason = (result: ISubmittableResult): string | undefined =>
  result.status.isInvalid ||
  result.status.isDropped ||
  result.status.isUsurped ||
  result.status.isFinalityTimeout
    ? result.status.type
    : undefined;

const feePaid = (events: readonly EventRecord[]): bigint => {
  const paid = events.find(
    ({ event }) => event.section === "transactionPayment" && event.method === "TransactionFeePaid",
  );
  return paid ? BigInt(paid.event.data[1]!.toString()) : 0n;
};

/** Why the pool did not take it; when money is short, with the figures. */
const refusal = async (
  api: ApiPromise,
  extrinsic: SubmittableExtrinsic<"promise">,
  sender: string,
  cause: unknown,
): Promise<TransactionError> => {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!/1010.*(pay|balance)/is.test(text)) return new TransactionError("refused", text, undefined, cause);
  const { partialFee } = await extrinsic.paymentInfo(sender);
  const { happened, remedy } = await shortOfFunds(api, sender, {
    amount: partialFee.toBigInt(),
    what: "for the fee",
  });
  return new TransactionError("insufficient balance", happened, remedy, cause);
};

/**
 * Signs, sends and waits.
 *
 * @throws {@link TransactionError} when the call fails or the pool gives it up
 */
export const submit = (
  api: ApiPromise,
  extrinsic: SubmittableExtrinsic<"promise">,
  account: Account,
  options: SubmitOptions = {},
): Promise<Inclusion> =>
  new Promise((resolve, reject) => {
    let unsubscribe: (() => void) | undefined;
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      unsubscribe?.();
      act();
    };
    const finish = async (result: ISubmittableResult, blockHash: string) => {
      const reason = dispatchReason(api, result);
      if (reason) {
        settle(() => reject(new TransactionError(reason, `In block ${blockHash}; its fee was paid.`)));
        return;
      }
      try {
        const header = await api.rpc.chain.getHeader(blockHash);
        settle(() =>
          resolve({
            blockHash,
            blockNumber: header.number.toNumber(),
            extrinsicHash: result.txHash.toHex(),
            extrinsicIndex: result.txIndex ?? 0,
            fee: feePaid(result.events),
            events: result.events,
          }),
        );
      } catch (cause) {
        settle(() => reject(cause));
      }
    };
    options.onStep?.("signing");
    const sender = "signer" in account ? account.address : account;
    extrinsic
      .signAndSend(
        sender,
        { nonce: -1, ...("signer" in account ? { signer: account.signer } : {}) },
        (result) => {
          const { status } = result;
          const lost = poolReason(result);
          if (lost) {
            settle(() =>
              reject(
                new TransactionError(lost, "The node's pool gave the transaction up.", "Send it again."),
              ),
            );
          } else if (status.isReady) options.onStep?.("broadcast");
          else if (status.isInBlock) {
            options.onStep?.("inBlock", status.asInBlock.toHex());
            if (options.until !== "finalized") void finish(result, status.asInBlock.toHex());
          } else if (status.isFinalized) {
            options.onStep?.("finalized", status.asFinalized.toHex());
            void finish(result, status.asFinalized.toHex());
          }
        },
      )
      .then((stop) => {
        unsubscribe = stop;
        if (settled) stop();
      })
      .catch((cause: unknown) => {
        void refusal(api, extrinsic, account.address, cause).then(
          (error) => settle(() => reject(error)),
          (error: unknown) => settle(() => reject(error)),
        );
      });
  });
