import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Metadata, TypeRegistry } from "@polkadot/types";
import { blake2AsHex, encodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { type Bundle, bundleSchema } from "../chain/abi.ts";
import { RpcError } from "../chain/rpc.ts";
import { SYSTEM_EVENTS_KEY } from "../chain/runtime.ts";
import { hex, type Json, portableTypesSchema } from "../chain/scale.ts";
import { join } from "../chain/scale-write.ts";
import { DEFAULT_ARTIFACTS, readBundleFiles, readBundles } from "../files.ts";
import type { Subject } from "../indexing/store.ts";
import { compact, compileEncoders, type Encode } from "./encode.ts";
import type { SeededRandom } from "./random.ts";
import { nextStep, prologue, type StoryEvent, type StoryStep, type World } from "./story.ts";

/** Metadata of the real node's runtime, version 100. */
export const METADATA: `0x${string}` = `0x${gunzipSync(
  readFileSync(new URL("./metadata-v100.scale.gz", import.meta.url)),
).toString("hex")}`;

/** The deployment's bundles as they are built now. */
export const bundles: readonly Bundle[] = readBundles([DEFAULT_ARTIFACTS]);

const contractName = (bundle: Bundle) => bundle.contract.name.replace(/^keystrand[-_]/, "");

/** Address of each contract of the story, and the code that it begins with. */
export const subject: Subject = {
  genesis: `0x${"11".repeat(32)}`,
  contracts: Object.fromEntries(
    bundles.map((bundle, index) => [
      contractName(bundle),
      {
        address: encodeAddress(new Uint8Array(32).fill(200 + index), 42),
        codeHash: bundle.source.hash,
        block: 1,
      },
    ]),
  ),
};

const FOREIGN = encodeAddress(new Uint8Array(32).fill(99), 42);

/** What a replaced voice contract's bundle has in its file: another code hash, and a `Minted` of one field more. */
export function replacedVoiceFile(): Record<string, unknown> {
  const { content } = readBundleFiles([DEFAULT_ARTIFACTS]).find(
    ({ bundle }) => contractName(bundle) === "voice",
  )!;
  const file = z
    .looseObject({
      source: z.looseObject({ hash: z.string() }),
      spec: z.looseObject({
        events: z.array(
          z.looseObject({ label: z.string(), args: z.array(z.looseObject({ label: z.string() })) }),
        ),
      }),
    })
    .parse(structuredClone(content));
  file.source.hash = `0x${"ab".repeat(32)}`;
  const minted = file.spec.events.find(({ label }) => label === "Minted")!;
  const amount = minted.args.find(({ label }) => label === "amount")!;
  minted.args.push({ ...amount, label: "note", indexed: false });
  return file;
}

/** A made-up block, encoded as a node would give it. */
interface FakeBlock {
  height: number;
  hash: string;
  parent: FakeBlock | undefined;
  timestamp: number;
  extrinsics: string[];
  events: string;
  /** The story's state after the block. */
  world: World;
  /** What voice runs after the block. */
  voiceCode: Bundle;
}

class EventEncoder {
  readonly #events = new Map<
    string,
    { signature: string; indexed: number; encode: (fields: Record<string, Json>) => Uint8Array }
  >();

  constructor(bundle: Bundle) {
    const encoders = compileEncoders(bundle.types);
    for (const { label, args, signature_topic: signature } of bundle.spec.events) {
      const fields = args.map((argument) => ({ name: argument.label, encode: encoders(argument.type.type) }));
      this.#events.set(label, {
        signature: signature ?? "",
        indexed: args.filter((argument) => argument.indexed).length,
        encode: (values) => join(fields.map(({ name, encode }) => encode(values[name] ?? null))),
      });
    }
  }

  encode(name: string, fields: Record<string, Json>): { topics: string[]; data: Uint8Array } {
    const event = this.#events.get(name);
    if (!event) throw new Error(`no event ${name}`);
    const data = event.encode(fields);
    const topics = [
      event.signature,
      ...Array.from({ length: event.indexed }, (_, index) => blake2AsHex(`${name}${index}`)),
    ];
    return { topics, data };
  }
}

const runtimeSchema = z.object({
  lookup: z.object({ types: portableTypesSchema }),
  pallets: z.array(z.object({ name: z.string(), storage: z.unknown() })),
  extrinsic: z.object({
    addressType: z.number(),
    callType: z.number(),
    signatureType: z.number(),
    transactionExtensions: z.array(z.object({ type: z.number() })),
  }),
});

/** Encodes blocks of the real runtime. */
class BlockEncoder {
  readonly #events: Encode;
  readonly #call: Encode;
  readonly #address: Encode;
  readonly #signature: Encode;

  constructor() {
    const runtime = runtimeSchema.parse(new Metadata(new TypeRegistry(), METADATA).asLatest.toJSON());
    const encoders = compileEncoders(runtime.lookup.types);
    const system = z
      .object({ items: z.array(z.object({ name: z.string(), type: z.unknown() })) })
      .parse(runtime.pallets.find(({ name }) => name === "System")?.storage);
    const events = z
      .object({ plain: z.number() })
      .parse(system.items.find(({ name }) => name === "Events")?.type);
    this.#events = encoders(events.plain);
    this.#call = encoders(runtime.extrinsic.callType);
    this.#address = encoders(runtime.extrinsic.addressType);
    this.#signature = encoders(runtime.extrinsic.signatureType);
  }

  events(records: Json): string {
    return hex(this.#events(records));
  }

  timestamp(now: number): string {
    return this.#framed(
      join([new Uint8Array([4]), this.#call({ Timestamp: { set: { now: String(now) } } })]),
    );
  }

  contractCall(signer: string, contract: string, input: string): string {
    const call = this.#call({
      Contracts: {
        call: {
          dest: { Id: contract },
          value: "0",
          gas_limit: { ref_time: "1", proof_size: "1" },
          storage_deposit_limit: null,
          data: input,
        },
      },
    });
    return this.#framed(
      join([
        new Uint8Array([0x84]),
        this.#address({ Id: signer }),
        this.#signature({ Sr25519: `0x${"00".repeat(64)}` }),
        // Extensions that carry bytes: an immortal era, nonce 0, tip 0.
        new Uint8Array([0, 0, 0]),
        call,
      ]),
    );
  }

  #framed(body: Uint8Array): string {
    return hex(join([compact(BigInt(body.length)), body]));
  }
}

// Compiling the runtime's types takes longer than a short chain's whole life: every chain shares them.
let sharedBlockEncoder: BlockEncoder | undefined;
function blockEncoder(): BlockEncoder {
  sharedBlockEncoder ??= new BlockEncoder();
  return sharedBlockEncoder;
}

const REPLACED_VOICE: Bundle = bundleSchema.parse(replacedVoiceFile());
const encoders = new Map([
  ...bundles.map((bundle) => [contractName(bundle), new EventEncoder(bundle)] as const),
  [REPLACED_VOICE.source.hash, new EventEncoder(REPLACED_VOICE)] as const,
]);

/** Chances of what a hostile or unlucky chain has, for each block or event. */
export interface Mischief {
  /** An event of ours whose bytes are broken. */
  broken: number;
  /** An event of a contract that is not ours. */
  foreign: number;
  /** An event about something that does not exist. */
  stray: number;
  /** The voice contract's code is replaced, once. */
  replace: number;
}

/**
 * A chain in memory that serves what the indexer asks of a node: a tree of blocks, a best and a finalised
 * head, and blocks encoded by the real runtime's metadata with events by the real contracts' metadata.
 */
export class FakeChain {
  readonly #random: SeededRandom;
  readonly #mischief: Mischief;
  readonly #encoder = blockEncoder();
  readonly #byHash = new Map<string, FakeBlock>();
  readonly #replaced = REPLACED_VOICE;
  readonly #listeners = new Set<() => void>();
  #best: FakeBlock;
  #finalized: FakeBlock;
  readonly #steps: StoryStep[];
  /** Height below which state is discarded, as on a node without archive. */
  prunedBelow = 0;

  constructor(random: SeededRandom, mischief: Mischief) {
    this.#random = random;
    this.#mischief = mischief;
    const { world, steps } = prologue(random);
    const genesis: FakeBlock = {
      height: 0,
      hash: subject.genesis,
      parent: undefined,
      timestamp: 1_700_000_000_000,
      extrinsics: [],
      events: this.#encoder.events([]),
      world,
      voiceCode: bundles.find((bundle) => contractName(bundle) === "voice")!,
    };
    this.#byHash.set(genesis.hash, genesis);
    this.#best = genesis;
    this.#finalized = genesis;
    this.#steps = steps;
    for (const step of steps) this.#best = this.#child(this.#best, [step]);
  }

  /** ABIs of every code that this chain runs. */
  get bundles(): Bundle[] {
    return [...bundles, this.#replaced];
  }

  get best(): { height: number; hash: string } {
    return { height: this.#best.height, hash: this.#best.hash };
  }
  get finalized(): { height: number; hash: string } {
    return { height: this.#finalized.height, hash: this.#finalized.hash };
  }

  /** Extends the best chain. */
  grow(blocks: number): void {
    for (let count = 0; count < blocks; count++) this.#best = this.#child(this.#best);
    this.#announce();
  }

  /** Extends the best chain by one block in which contracts say exactly this, with bytes that need not mean anything. */
  say(...emissions: ({ event: StoryEvent } | { contract: string; topics: string[]; data: string })[]): void {
    const records = emissions.map((emission) => {
      if (!("event" in emission))
        return record(1, emitted(emission.contract, emission.data), emission.topics);
      const { contract, name, fields } = emission.event;
      const { topics, data } = encoders.get(contract)!.encode(name, fields);
      return record(1, emitted(subject.contracts[contract]!.address, hex(data)), topics);
    });
    this.#best = this.#child(this.#best, [], records);
    this.#announce();
  }

  /** Topics and bytes of an event, as its contract would emit it. */
  encoded({ contract, name, fields }: StoryEvent): { contract: string; topics: string[]; data: string } {
    const { topics, data } = encoders.get(contract)!.encode(name, fields);
    return { contract: subject.contracts[contract]!.address, topics, data: hex(data) };
  }

  /** Leaves the best chain `depth` blocks below its head for another, longer one. */
  reorganise(depth: number): void {
    const deepest = this.#best.height - Math.max(this.#finalized.height, this.#steps.length);
    const going = Math.min(depth, deepest);
    if (going <= 0) return;
    let block = this.#best;
    for (let step = 0; step < going; step++) block = block.parent!;
    for (let count = 0; count < going + this.#random.below(2); count++) block = this.#child(block);
    this.#best = block;
    this.#announce();
  }

  finalize(behind: number): void {
    let block = this.#best;
    for (let step = 0; step < behind && block.parent; step++) block = block.parent;
    if (block.height > this.#finalized.height) this.#finalized = block;
    this.#announce();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers a JSON-RPC method as the real node does. */
  answer(method: string, parameters: unknown[]): unknown {
    switch (method) {
      case "chain_getBlockHash": {
        const [asked] = parameters;
        return Array.isArray(asked) ? asked.map((height) => this.#hashAt(height)) : this.#hashAt(asked);
      }
      case "chain_getHeader":
        return this.#header(
          parameters[0] === undefined ? this.#best : this.#byHash.get(String(parameters[0])),
        );
      case "chain_getFinalizedHead":
        return this.#finalized.hash;
      case "chain_getBlock": {
        const block = this.#byHash.get(String(parameters[0]));
        return block
          ? { block: { header: this.#header(block), extrinsics: block.extrinsics }, justifications: null }
          : null;
      }
      case "state_getStorage": {
        const block = this.#byHash.get(String(parameters[1]));
        if (!block) throw new RpcError(4003, "Client error: UnknownBlock: header not found");
        if (block.height < this.prunedBelow)
          throw new RpcError(4003, "Client error: State already discarded for this block");
        return parameters[0] === SYSTEM_EVENTS_KEY ? block.events : null;
      }
      case "state_getRuntimeVersion":
        return { specVersion: 100 };
      case "state_getMetadata":
        return METADATA;
      case "system_health":
        return { isSyncing: false };
      default:
        throw new RpcError(-32601, "Method not found");
    }
  }

  #hashAt(height: unknown): string | null {
    let block: FakeBlock | undefined = this.#best;
    while (block && block.height > Number(height)) block = block.parent;
    return block && block.height === Number(height) ? block.hash : null;
  }

  #header(block: FakeBlock | undefined): unknown {
    if (!block) return null;
    return {
      number: `0x${block.height.toString(16)}`,
      parentHash: block.parent?.hash ?? `0x${"00".repeat(32)}`,
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }

  #child(parent: FakeBlock, told?: StoryStep[], said: Json[] = []): FakeBlock {
    const random = this.#random;
    const world = structuredClone(parent.world);
    let { voiceCode } = parent;
    const steps = told ?? Array.from({ length: random.below(4) }, () => nextStep(world, random));
    const timestamp = parent.timestamp + 1_000 + random.below(6_000);
    const extrinsics = [this.#encoder.timestamp(timestamp)];
    const records: Json[] = [
      record(0, { System: { ExtrinsicSuccess: { dispatch_info: DISPATCH_INFO } } }),
      ...said,
    ];
    for (const step of steps) {
      const index = extrinsics.length;
      const first = subject.contracts[step.events[0]!.contract]!.address;
      extrinsics.push(this.#encoder.contractCall(step.signer, first, random.bytes(8)));
      for (const event of step.events) {
        const { address } = subject.contracts[event.contract]!;
        const replaced = event.contract === "voice" && voiceCode === this.#replaced;
        const encoder = encoders.get(replaced ? this.#replaced.source.hash : event.contract)!;
        const fields = replaced && event.name === "Minted" ? { ...event.fields, note: "7" } : event.fields;
        const { topics, data } = encoder.encode(event.name, fields);
        records.push(record(index, emitted(address, hex(data)), topics));
        records.push(...this.#mischievous(index, address, topics, data));
      }
      records.push(
        record(index, {
          TransactionPayment: {
            TransactionFeePaid: { who: step.signer, actual_fee: String(random.below(2 ** 31)), tip: "0" },
          },
        }),
        random.chance(0.1)
          ? record(index, {
              System: {
                ExtrinsicFailed: {
                  dispatch_error: { Module: { index: 8, error: "0x1a000000" } },
                  dispatch_info: DISPATCH_INFO,
                },
              },
            })
          : record(index, { System: { ExtrinsicSuccess: { dispatch_info: DISPATCH_INFO } } }),
      );
    }
    if (!told && random.chance(this.#mischief.replace) && voiceCode !== this.#replaced) {
      records.push(
        record(0, {
          Contracts: {
            ContractCodeUpdated: {
              contract: subject.contracts.voice!.address,
              new_code_hash: this.#replaced.source.hash,
              old_code_hash: voiceCode.source.hash,
            },
          },
        }),
      );
      voiceCode = this.#replaced;
    }
    const block: FakeBlock = {
      height: parent.height + 1,
      hash: random.bytes(32),
      parent,
      timestamp,
      extrinsics,
      events: this.#encoder.events(records),
      world,
      voiceCode,
    };
    this.#byHash.set(block.hash, block);
    return block;
  }

  #mischievous(index: number, address: string, topics: string[], data: Uint8Array): Json[] {
    const random = this.#random;
    const records: Json[] = [];
    if (random.chance(this.#mischief.foreign))
      records.push(record(index, emitted(FOREIGN, hex(data)), topics));
    if (random.chance(this.#mischief.broken)) {
      const broken = random.pick([
        hex(join([data, new Uint8Array([0])])),
        hex(data.slice(0, -1)),
        "0x",
        `0x${"ff".repeat(random.between(1, 4_000))}`,
      ]);
      records.push(record(index, emitted(address, broken), random.chance(0.5) ? topics : [random.bytes(32)]));
    }
    if (random.chance(this.#mischief.stray)) {
      const escrow = subject.contracts.escrow!.address;
      const stray = encoders.get("escrow")!.encode("Settled", {
        order: random.bytes(32),
        buyer: FOREIGN,
        collection: 2 ** 32 - 1,
        output: null,
      });
      records.push(record(index, emitted(escrow, hex(stray.data)), stray.topics));
    }
    return records;
  }
}

const DISPATCH_INFO: Json = {
  weight: { ref_time: "1", proof_size: "1" },
  class: "Normal",
  pays_fee: "Yes",
};

function emitted(contract: string, data: string): Json {
  return { Contracts: { ContractEmitted: { contract, data } } };
}

function record(extrinsic: number, event: Json, topics: string[] = []): Json {
  return { phase: { ApplyExtrinsic: extrinsic }, event, topics };
}
