/**
 * Blocks of a chain as its RPC gives them, and a longer chain made of them: the same transactions and events
 * again and again, each time about other orders and datasets.
 *
 * Executing 100 000 contract calls takes the embedded chain the better part of an hour; an indexer cannot tell
 * the copies from blocks that were executed.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export const EVENTS_KEY = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";

const blockSchema = z.object({
  hash: z.string(),
  header: z.looseObject({ number: z.string(), parentHash: z.string() }),
  extrinsics: z.array(z.string()),
  events: z.string(),
});
export const recordingSchema = z.object({
  metadata: z.string(),
  version: z.looseObject({ specVersion: z.number() }),
  /** From genesis on. */
  blocks: z.array(blockSchema),
  /** Blocks from this height on are repeated. */
  repeatFrom: z.number(),
  /** Ids, 64 hex digits each, that differ in each copy. */
  ids: z.array(z.string()),
  /** Contract events in one copy. */
  events: z.number(),
});
export type Recording = z.infer<typeof recordingSchema>;

/** What a JSON-RPC connection can be asked. */
export type Send = (method: string, parameters: unknown[]) => Promise<unknown>;

export async function record(
  send: Send,
  height: number,
  rest: Pick<Recording, "repeatFrom" | "ids" | "events">,
): Promise<Recording> {
  const blocks: Recording["blocks"] = [];
  for (let number = 0; number <= height; number++) {
    const hash = z.string().parse(await send("chain_getBlockHash", [number]));
    const { block } = z
      .object({ block: z.object({ header: blockSchema.shape.header, extrinsics: z.array(z.string()) }) })
      .parse(await send("chain_getBlock", [hash]));
    const events = (await send("state_getStorage", [EVENTS_KEY, hash])) ?? "0x00";
    blocks.push({ hash, ...block, events: z.string().parse(events) });
  }
  return {
    metadata: z.string().parse(await send("state_getMetadata", [blocks.at(-1)!.hash])),
    version: recordingSchema.shape.version.parse(await send("state_getRuntimeVersion", [])),
    blocks,
    ...rest,
  };
}

/** Text cut at its ids, so that a copy with other ids is one join. */
interface Template {
  parts: string[];
  ids: number[];
}

/** A recording and so many copies of its repeated part, answering as a node that has finalised them all. */
export class LongChain {
  readonly height: number;
  readonly #recording: Recording;
  readonly #templates: Template[];
  readonly #period: number;
  readonly #hashes: string[] = [];
  readonly #heights = new Map<string, number>();
  /** The blocks that answers were made for last: the two halves of one block are asked for together. */
  readonly #made = new Map<number, { extrinsics: string[]; events: string }>();

  constructor(recording: Recording, copies: number) {
    this.#recording = recording;
    const { blocks, repeatFrom, ids } = recording;
    this.#period = blocks.length - repeatFrom;
    this.height = blocks.length - 1 + copies * this.#period;
    const pattern = new RegExp(ids.join("|"), "g");
    const numbers = new Map(ids.map((id, index) => [id, index]));
    this.#templates = blocks.slice(repeatFrom).map(({ extrinsics, events }) => {
      const text = [...extrinsics, events].join(" ");
      return {
        parts: text.split(pattern),
        ids: [...text.matchAll(pattern)].map(([id]) => numbers.get(id)!),
      };
    });
    for (let number = 0; number <= this.height; number++) {
      const hash = blocks[number]?.hash ?? digest(`block ${number}`);
      this.#hashes.push(hash);
      this.#heights.set(hash, number);
    }
  }

  /** @throws Error for a method that no indexer of this benchmark uses */
  answer(method: string, parameters: readonly unknown[]): unknown {
    const [first, second] = parameters;
    switch (method) {
      case "chain_getBlockHash":
        if (Array.isArray(first)) return first.map((height) => this.#hashes[Number(height)] ?? null);
        return this.#hashes[Number(first ?? this.height)] ?? null;
      case "chain_getFinalizedHead":
      case "chain_getHead":
        return this.#hashes[this.height];
      case "chain_getHeader":
        return this.#header(first === undefined || first === null ? this.height : this.#at(first));
      case "chain_getBlock": {
        const height = this.#at(first);
        return {
          block: { header: this.#header(height), extrinsics: this.#block(height).extrinsics },
          justifications: null,
        };
      }
      case "state_getStorage":
      case "state_getStorageAt":
        return first === EVENTS_KEY ? this.#block(this.#at(second)).events : null;
      case "state_getRuntimeVersion":
      case "chain_getRuntimeVersion":
        return this.#recording.version;
      case "state_getMetadata":
        return this.#recording.metadata;
      case "system_health":
        return { isSyncing: false, peers: 0, shouldHavePeers: false };
      case "system_chain":
        return "Development";
      case "system_properties":
        return { ss58Format: 42 };
      default:
        throw new Error(`no ${method}`);
    }
  }

  #at(hash: unknown): number {
    const height = this.#heights.get(String(hash));
    if (height === undefined) throw new Error(`no block ${String(hash)}`);
    return height;
  }

  #header(height: number): object {
    const { blocks } = this.#recording;
    const source = blocks[height] ?? blocks[this.#sourceOf(height)]!;
    return {
      ...source.header,
      number: `0x${height.toString(16)}`,
      parentHash: height === 0 ? source.header.parentHash : this.#hashes[height - 1],
    };
  }

  #sourceOf(height: number): number {
    const { repeatFrom } = this.#recording;
    return repeatFrom + ((height - repeatFrom) % this.#period);
  }

  #block(height: number): { extrinsics: string[]; events: string } {
    const { blocks, repeatFrom, ids } = this.#recording;
    const recorded = blocks[height];
    if (recorded) return recorded;
    const known = this.#made.get(height);
    if (known) {
      this.#made.delete(height);
      return known;
    }
    const copy = Math.floor((height - repeatFrom) / this.#period);
    const { parts, ids: numbers } = this.#templates[(height - repeatFrom) % this.#period]!;
    let text = parts[0]!;
    for (const [index, number] of numbers.entries())
      text += digest(`${copy} ${ids[number]}`).slice(2) + parts[index + 1]!;
    const extrinsics = text.split(" ");
    const events = extrinsics.pop()!;
    const made = { extrinsics, events };
    this.#made.set(height, made);
    if (this.#made.size > 500) this.#made.clear();
    return made;
  }
}

function digest(text: string): string {
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}
