import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import { fromHex, toHex } from "../bytes.ts";
import type { Account, SubmitOptions } from "../chain/submit.ts";
import type { EscrowMessages, OrderView, Request, State } from "../contracts/generated/escrow.ts";
import { type Contracts, SS58_PREFIX } from "../contracts/index.ts";
import type { EnclaveOrder } from "../http/index.ts";
import { enclaveMessage } from "../signing/index.ts";

/**
 * Opens an order and pays the sum of its lines' prices.
 *
 * @param total - from the quote; the contract refuses any other amount
 * @throws ContractRefusal with an `EscrowError` that names the rule and the dataset
 */
export const createOrder = (
  contracts: Contracts,
  request: Request,
  total: bigint,
  buyer: Account,
  options?: SubmitOptions,
) => contracts.escrow.execute("create", { request }, buyer, { ...options, value: total });

/** Names the enclave's keys by the buyer's signature, so that anyone may send the attestation result. */
export const nameEnclave = (contracts: Contracts, enclave: EnclaveOrder, buyer: KeyringPair): string =>
  toHex(
    buyer.sign(
      enclaveMessage(
        {
          genesis: fromHex(contracts.deployment.genesis),
          contract: decodeAddress(contracts.escrow.address),
          order: fromHex(enclave.order),
        },
        {
          suite: enclave.keys.suite,
          encryption: fromHex(enclave.keys.encryption),
          signing: fromHex(enclave.keys.signing),
        },
      ),
    ),
  );

/** Arguments of `attest` from what the enclave answers; the buyer sends it, so that no signature of theirs is needed. */
export const attestationOf = (enclave: EnclaveOrder): EscrowMessages["attest"]["args"] => ({
  claim: {
    ...enclave.claim,
    tcbDate: BigInt(enclave.claim.tcbDate),
    issued: BigInt(enclave.claim.issued),
    expires: BigInt(enclave.claim.expires),
  },
  signatures: enclave.signatures.map(({ verifier, signature }) => ({
    verifier: encodeAddress(fromHex(verifier), SS58_PREFIX),
    signature,
  })),
  buyerSignature: null,
});

/** Submits the verifiers' attestation results for the buyer's order: Funded -> Qualified. */
export const attestOrder = (
  contracts: Contracts,
  enclave: EnclaveOrder,
  buyer: Account,
  options?: SubmitOptions,
) => contracts.escrow.execute("attest", attestationOf(enclave), buyer, options);

/** Pays an account what the order owes it. Anyone may send it. */
export const withdrawFrom = (contracts: Contracts, order: string, to: string, sender: Account) =>
  contracts.escrow.execute("withdraw", { order, to }, sender);

/** States from which an order does not move on by itself or anyone. */
export const ENDED_STATES: readonly State[] = ["Settled", "Resolved", "Refunded"];

/**
 * Waits for an order to reach one of the given states in a block; looks once a block.
 *
 * @throws the signal's reason when it is aborted first
 */
export const untilOrder = async (
  contracts: Contracts,
  order: string,
  states: readonly State[],
  signal?: AbortSignal,
): Promise<OrderView> => {
  const { promise, resolve, reject } = Promise.withResolvers<OrderView>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  const look = async () => {
    const view = await contracts.escrow.query("order", { order });
    if (view && states.includes(view.head.state)) resolve(view);
  };
  const unsubscribe = await contracts.api.rpc.chain.subscribeNewHeads(() => {
    look().catch(reject);
  });
  try {
    signal?.throwIfAborted();
    return await promise;
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", abort);
  }
};
