/** The baseline governor on a chain: calls are encoded by hand, since it has no client. */
import { readFileSync } from "node:fs";
import { concatBytes, toHex, u32LittleEndian, u64LittleEndian } from "@keystrand/sdk/bytes";
import { submit } from "@keystrand/sdk/chain";
import { type Contracts, contractAddress } from "@keystrand/sdk/contracts";
import { blake2b256 } from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { compactToU8a } from "@polkadot/util";
import { decodeAddress } from "@polkadot/util-crypto";

const CODE = new Uint8Array(readFileSync(new URL("baseline.wasm", import.meta.url)));
const GAS = { refTime: 400_000_000_000n, proofSize: 3_000_000n };
const selector = (number: number) => Uint8Array.of(0, 0, 0, number);
const [NEW, PROPOSE, VOTE] = [1, 2, 3].map(selector) as [Uint8Array, Uint8Array, Uint8Array];

/** What a call takes. */
export interface Taken {
  /** Execution time by the chain's weights, ps. */
  readonly refTime: bigint;
  /** Bytes of a proof of validity. */
  readonly proofSize: bigint;
  /** Storage deposit, smallest units. */
  readonly deposit: bigint;
}

export interface Baseline {
  propose(by: KeyringPair): Promise<Taken>;
  vote(by: KeyringPair, proposal: number): Promise<Taken>;
  /** What a ballot would take. */
  estimate(by: KeyringPair, proposal: number): Promise<Taken>;
}

interface DryRun {
  readonly gasRequired: {
    readonly refTime: { toBigInt(): bigint };
    readonly proofSize: { toBigInt(): bigint };
  };
  readonly storageDeposit: { readonly isCharge: boolean; readonly asCharge: { toBigInt(): bigint } };
  readonly result: {
    readonly isErr: boolean;
    readonly asOk: { readonly flags: { readonly bits: { toNumber(): number } } };
  };
}

/** Instantiates it with these members' voices. */
export const baselineOn = async (
  api: Contracts["api"],
  deployer: KeyringPair,
  members: readonly (readonly [address: string, voice: bigint])[],
): Promise<Baseline> => {
  const period = u64LittleEndian(7n * 86_400_000n);
  const rows = members.flatMap(([address, voice]) => [
    decodeAddress(address),
    u64LittleEndian(voice),
    new Uint8Array(8),
  ]);
  const input = concatBytes(NEW, period, compactToU8a(members.length), ...rows);
  const address = contractAddress(deployer.address, toHex(blake2b256(CODE)), input, new Uint8Array());
  const made = api.tx.contracts!.instantiateWithCode!(0n, GAS, null, toHex(CODE), toHex(input), "0x");
  await submit(api, made, deployer);
  const dryRun = async (by: KeyringPair, data: Uint8Array): Promise<Taken> => {
    const run = (await api.call.contractsApi!.call!(
      by.address,
      address,
      0n,
      null,
      null,
      toHex(data),
    )) as unknown as DryRun;
    if (run.result.isErr || run.result.asOk.flags.bits.toNumber() !== 0)
      throw new Error("The baseline refuses a call of the benchmark.");
    const { refTime, proofSize } = run.gasRequired;
    const deposit = run.storageDeposit.isCharge ? run.storageDeposit.asCharge.toBigInt() : 0n;
    return { refTime: refTime.toBigInt(), proofSize: proofSize.toBigInt(), deposit };
  };
  const send = async (by: KeyringPair, data: Uint8Array): Promise<Taken> => {
    const taken = await dryRun(by, data);
    await submit(api, api.tx.contracts!.call!(address, 0n, GAS, null, toHex(data)), by);
    return taken;
  };
  const ballot = (proposal: number) => concatBytes(VOTE, u32LittleEndian(proposal), Uint8Array.of(1));
  return {
    propose: (by) => {
      // A call with an account and an amount, as minting is.
      const call = concatBytes(compactToU8a(48), new Uint8Array(48));
      return send(by, concatBytes(PROPOSE, new Uint8Array(32), new Uint8Array(4), call));
    },
    vote: (by, proposal) => send(by, ballot(proposal)),
    estimate: (by, proposal) => dryRun(by, ballot(proposal)),
  };
};
