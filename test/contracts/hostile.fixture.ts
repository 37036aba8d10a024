/** A contract that misbehaves as it is told: test/fixtures/hostile.wat says how. */
import { readFileSync } from "node:fs";
import { concatBytes, toHex } from "@keystrand/sdk/bytes";
import { submit } from "@keystrand/sdk/chain";
import { contractAddress } from "@keystrand/sdk/contracts";
import { blake2b256 } from "@keystrand/sdk/signing";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";

const CODE = new Uint8Array(readFileSync(new URL("../fixtures/hostile.wasm", import.meta.url)));
const NOBODY = new Uint8Array(32);
const GAS = { refTime: 50_000_000_000n, proofSize: 1_000_000n };
const ORDERS = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
const RESULTS = "r";

/** How it answers whoever calls it. */
export type Conduct = Uint8Array;

export const answering = (...bytes: number[]): Conduct => Uint8Array.of(0, ...bytes);
/** `Ok(Ok(()))`: as a contract answers that is content. */
export const CONTENT = answering(0, 0);
export const GARBAGE = answering(...Array.from({ length: 300 }, () => 0xff));
export const NOTHING = answering();
export const REVERTING: Conduct = Uint8Array.of(1, 0xff);
export const TRAPPING: Conduct = Uint8Array.of(2);
export const BURNING: Conduct = Uint8Array.of(3);
/** Calls a contract twice with this input; without one, whoever called it. */
export const calling = (input: Uint8Array, target?: string): Conduct =>
  concatBytes(Uint8Array.of(4), target ? decodeAddress(target) : NOBODY, input);

/** pallet-contracts' codes of a call that succeeded, that trapped, and that reverted. */
export const CODES = { success: 0, trapped: 1, reverted: 2 } as const;

/** One instance. */
export interface Hostile {
  readonly address: string;
  /** Behaves like this from now on. */
  readonly become: (conduct: Conduct) => Promise<unknown>;
  /** Lets it act. */
  readonly provoke: () => Promise<unknown>;
  /** Return codes of its own two calls; empty if its code never made them. */
  readonly results: () => Promise<readonly number[]>;
}

let instances = 0;

/** Instantiates one that behaves like this. */
export const hostile = async (api: ApiPromise, deployer: KeyringPair, conduct: Conduct): Promise<Hostile> => {
  instances += 1;
  const salt = Uint8Array.of(instances);
  const address = contractAddress(deployer.address, toHex(blake2b256(CODE)), conduct, salt);
  const make = api.tx.contracts!.instantiateWithCode!(
    10n ** 12n,
    GAS,
    null,
    toHex(CODE),
    toHex(conduct),
    toHex(salt),
  );
  await submit(api, make, deployer);
  const call = (input: Uint8Array) =>
    submit(api, api.tx.contracts!.call!(address, 0n, GAS, null, toHex(input)), deployer);
  return {
    address,
    become: (next) => call(concatBytes(ORDERS, next)),
    provoke: () => call(new Uint8Array()),
    results: async () => {
      const answer = await api.call.contractsApi!.getStorage!(address, RESULTS);
      const found = (
        answer as unknown as { asOk: { isSome: boolean; unwrap(): { toU8a(bare: boolean): Uint8Array } } }
      ).asOk;
      if (!found.isSome) return [];
      const bytes = found.unwrap().toU8a(true);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return [view.getUint32(0, true), view.getUint32(4, true)];
    },
  };
};
