/** Signs extrinsics for tests with @polkadot/types and the runtime's own metadata, without a node. */
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { Metadata, TypeRegistry } from "@polkadot/types";
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { u8aToU8a } from "@polkadot/util";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import { ScaleReader } from "../codec/scale.ts";
import type { Chain, Hex } from "./types.ts";

await cryptoWaitReady();
const keyring = new Keyring({ type: "sr25519" });

export type Name = "Alice" | "Bob" | "Charlie" | "Dave" | "Eve" | "Ferdie";

export function account(name: string): KeyringPair {
  return keyring.addFromUri(`//${name}`);
}

export class Signer {
  readonly registry = new TypeRegistry();
  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
    const opaque = new ScaleReader(chain.call(chain.best.hash, "Metadata_metadata")).vectorOfBytes();
    this.registry.setMetadata(new Metadata(this.registry, u8aToU8a(opaque)));
  }

  /**
   * An immortal extrinsic, with its length prefix.
   * @param genesisHash of the chain it is for, when that is not the signer's own
   */
  sign(
    pair: KeyringPair,
    nonce: number,
    call: Uint8Array,
    tip = 0,
    genesisHash: Hex = this.#chain.genesisHash,
  ): Uint8Array {
    const version = this.#chain.runtimeVersion(this.#chain.best.hash);
    const extrinsic = this.registry.createType("Extrinsic", this.registry.createType("Call", call), {
      version: 4,
    });
    extrinsic.sign(pair, {
      blockHash: genesisHash,
      genesisHash,
      nonce,
      tip,
      era: this.registry.createType("ExtrinsicEra"),
      runtimeVersion: this.registry.createTypeUnsafe<RuntimeVersion>("RuntimeVersion", [
        { ...version, apis: [...version.apis] },
      ]),
    });
    return extrinsic.toU8a();
  }

  /** The SCALE encoding of a call, by pallet and name as in the metadata. */
  call(pallet: string, name: string, ...args: unknown[]): Uint8Array {
    const { pallets } = this.registry.metadata;
    const found = pallets.find((each) => each.name.toString() === pallet);
    if (found === undefined) throw new Error(`No pallet ${pallet}`);
    const variants = this.registry.lookup.getSiType(found.calls.unwrap().type).def.asVariant.variants;
    const variant = variants.find((each) => each.name.toString() === name);
    if (variant === undefined) throw new Error(`No call ${pallet}.${name}`);
    const types = variant.fields.map((field) => this.registry.createLookupType(field.type));
    const parts = types.map((type, i) => this.registry.createType(type, args[i]).toU8a());
    return Uint8Array.from([
      found.index.toNumber(),
      variant.index.toNumber(),
      ...parts.flatMap((part) => [...part]),
    ]);
  }

  transfer(from: Name, nonce: number, to: string, value: bigint, tip = 0): Uint8Array {
    const call = this.call("Balances", "transfer_keep_alive", { Id: account(to).address }, value);
    return this.sign(account(from), nonce, call, tip);
  }
}
