/** The work that every chain is given: the same signed extrinsics, made before the clock starts. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Chain, createChain, type Hex, recording } from "@keystrand/devchain";
import { account, type Signer } from "../../../devchain/src/chain/signer.fixture.ts";
import { World } from "../../../devchain/src/differential/world.ts";

/** Hexadecimal throughout, so that it can be sent to another process. */
export interface Work {
  /** Uploads and instantiates ink!'s flipper. */
  readonly deploy: Hex;
  /** One a block. */
  readonly transfers: readonly Hex[];
  /** All in one block. */
  readonly batch: readonly Hex[];
  /** `flip()`, one a block. */
  readonly calls: readonly Hex[];
  /** A dry run of `flip()`, as api-contract makes it. */
  readonly dryRun: { readonly method: string; readonly args: Hex };
}

export interface WorkCounts {
  readonly transfers: number;
  readonly batch: number;
  readonly calls: number;
}

/** Made once: deriving the key from its phrase takes longer than signing. */
const alice = account("Alice");
const bob = account("Bob");
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
/** Selectors of ink!'s flipper. */
const FLIP = "0x633aa551";
/** In the recorded blocks, this one instantiates a flipper with code and salt. */
const INSTANTIATION = 33;

/** Signs work for a chain with the development runtime, from whatever genesis. */
export class Workshop {
  readonly #chain: Chain;
  readonly #signer: Signer;
  readonly #instantiation: Uint8Array;
  readonly #flipper: string;

  private constructor(world: World, instantiation: Uint8Array, flipper: string) {
    this.#chain = world.chain;
    this.#signer = world.signer;
    this.#instantiation = instantiation;
    this.#flipper = flipper;
  }

  static async open(): Promise<Workshop> {
    const chain = await createChain({ selfCheck: false });
    const file = new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url);
    const blocks = recording.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
    const world = new World(chain);
    const { signer } = world;
    const recorded = signer.registry.createType("Extrinsic", blocks[INSTANTIATION]!.extrinsics[1]!);
    const call = recorded.method.toU8a();
    // Contract addresses come from deployer, code and salt alone, so this is its address on every chain.
    chain.seal({ extrinsics: [signer.sign(alice, 0, call)] });
    const flipper = world.contracts[0];
    if (flipper === undefined) throw new Error("The recorded flipper was not instantiated");
    return new Workshop(world, call, hex(flipper));
  }

  /** Transfers from nonce 0 on. */
  transfers(count: number, genesisHash: Hex): Hex[] {
    const call = this.#transfer();
    return Array.from({ length: count }, (_, nonce) =>
      hex(this.#signer.sign(alice, nonce, call, 0, genesisHash)),
    );
  }

  #transfer(): Uint8Array {
    return this.#signer.call("Balances", "transfer_keep_alive", { Id: bob.address }, 10n ** 9n);
  }

  make(counts: WorkCounts, genesisHash: Hex): Work {
    let nonce = 0;
    const sign = (call: Uint8Array): Hex => hex(this.#signer.sign(alice, nonce++, call, 0, genesisHash));
    const transfer = this.#transfer();
    const gas = { refTime: 2_000_000_000n, proofSize: 200_000n };
    const flip = this.#signer.call("Contracts", "call", { Id: this.#flipper }, 0, gas, null, FLIP);
    const times = (count: number, call: Uint8Array) => Array.from({ length: count }, () => sign(call));
    return {
      deploy: sign(this.#instantiation),
      transfers: times(counts.transfers, transfer),
      batch: times(counts.batch, transfer),
      calls: times(counts.calls, flip),
      dryRun: { method: "ContractsApi_call", args: this.#dryRun() },
    };
  }

  #dryRun(): Hex {
    const { registry } = this.#signer;
    const parts = [
      registry.createType("AccountId", alice.address),
      registry.createType("AccountId", this.#flipper),
      registry.createType("u128", 0),
      registry.createType("Option<WeightV2>", null),
      registry.createType("Option<u128>", null),
      registry.createType("Bytes", FLIP),
    ];
    return hex(Buffer.concat(parts.map((part) => part.toU8a())));
  }

  get genesisHash(): Hex {
    return this.#chain.genesisHash;
  }
}
