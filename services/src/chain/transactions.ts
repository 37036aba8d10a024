import { fromHex, toHex } from "@keystrand/sdk/bytes";
import {
  type ContractClient,
  ContractFailure,
  gasWithRoom,
  type MessageTypes,
} from "@keystrand/sdk/contracts";
import type { ApiPromise } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Signer } from "../service/keys.ts";
import type { Broadcaster, Refusal, SignedTransaction } from "./blocks.ts";

/** Blocks for which a transaction is valid: a few minutes, so that a lost one is soon known to be lost. */
const LIFETIME = 64;

/** The transaction signer of a service's account. */
export function keyringPairOf({ seed }: Signer): KeyringPair {
  return new Keyring({ type: "sr25519" }).addFromSeed(seed);
}

/**
 * Signs a contract call without sending it, after a dry run.
 * @returns the signed bytes, or why the contract would refuse now
 */
export async function signCall<Messages extends MessageTypes, Label extends keyof Messages & string>(
  client: ContractClient<Messages>,
  label: Label,
  args: Messages[Label]["args"],
  pair: KeyringPair,
): Promise<SignedTransaction | Refusal> {
  const { api, abi, address } = client;
  let run: Awaited<ReturnType<typeof client.dryRun<Label>>>;
  try {
    run = await client.dryRun(label, args, { caller: pair.address });
  } catch (error) {
    if (error instanceof ContractFailure) return { refusal: error.message };
    throw error;
  }
  const { returned, gasRequired } = run;
  if (typeof returned === "object" && returned !== null && "err" in returned) {
    return { refusal: `${label} would be refused: ${plain(returned.err)}` };
  }
  const { refTime, proofSize } = gasRequired;
  const call = api.tx.contracts!.call!(
    address,
    0n,
    gasWithRoom({ refTime: { toBigInt: () => refTime }, proofSize: { toBigInt: () => proofSize } }),
    null,
    toHex(abi.message(label).encode(args as Record<string, unknown>)),
  );
  const finalized = await api.rpc.chain.getFinalizedHead();
  const current = (await api.rpc.chain.getHeader(finalized)).number.toNumber();
  const signed = await call.signAsync(pair, {
    nonce: -1,
    blockHash: finalized,
    era: api.registry.createType("ExtrinsicEra", { current, period: LIFETIME }),
  });
  return {
    extrinsic: signed.toU8a(),
    hash: fromHex(signed.hash.toHex()),
    validUntil: signed.era.asMortalEra.death(current),
  };
}

/** Sends signed bytes through a node. */
export function broadcaster(api: ApiPromise): Broadcaster {
  return {
    async broadcast(extrinsic) {
      try {
        await api.rpc.author.submitExtrinsic(toHex(extrinsic));
        return null;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        // Substrate's pool errors are 1010 to 1019; 1013 is "already imported": it has the very same bytes.
        const code = /^(10\d\d)\b/.exec(said)?.[1];
        if (code === undefined) throw error;
        return code === "1013" ? null : said;
      }
    },
  };
}

function plain(refusal: unknown): string {
  if (typeof refusal === "string") return refusal;
  return JSON.stringify(refusal, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}
