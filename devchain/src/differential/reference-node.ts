/** Starts the real substrate-contracts-node and talks to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { RecordedBlock } from "../chain/replay.ts";
import type { Hex } from "../chain/types.ts";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeVector } from "../codec/scale.ts";
import { twox_128 } from "../crypto/hashing.ts";

const answer = z.union([
  z.object({ result: z.unknown() }).refine((value) => "result" in value),
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) }),
]);
const hex = z
  .string()
  .startsWith("0x")
  .transform((text) => text as Hex);
const signedBlock = z.object({
  block: z.object({
    header: z.object({
      parentHash: hex,
      number: hex,
      stateRoot: hex,
      extrinsicsRoot: hex,
      digest: z.object({ logs: z.array(hex) }),
    }),
    extrinsics: z.array(hex),
  }),
});

const EVENTS = toHex(concat(twox_128(ascii("System")), twox_128(ascii("Events"))));

/** The node's code for a block whose state it cannot read (sc-rpc-api, state errors). */
const UNKNOWN_BLOCK = 4003;
/** How often it is asked again for a state that it is about to have. */
const PATIENCE = 2_000;

/** The node answered with an error. */
class NodeAnswer extends Error {
  override readonly name = "NodeAnswer";
  readonly code: number;

  constructor(method: string, { code, message, data }: { code: number; message: string; data?: unknown }) {
    super(`${method}: ${code} ${message} ${data === undefined ? "" : JSON.stringify(data)}`);
    this.code = code;
  }
}

const CHILDREN = toHex(ascii(":child_storage:default:"));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

export class ReferenceNode {
  readonly #process: ChildProcess;
  readonly #address: string;
  readonly #folder: string;

  private constructor(process: ChildProcess, address: string, folder: string) {
    this.#process = process;
    this.#address = address;
    this.#folder = folder;
  }

  /**
   * @param binary path of substrate-contracts-node 0.42.0
   * @param chainSpec file of a raw chain spec; default: the development genesis
   */
  static async start(binary: string, chainSpec?: string): Promise<ReferenceNode> {
    const folder = await mkdtemp(join(tmpdir(), "node-"));
    const [rpc, p2p] = [await freePort(), await freePort()];
    const quiet = ["--no-telemetry", "--no-prometheus", "--no-mdns"];
    const archive = ["--state-pruning", "archive", "--blocks-pruning", "archive"];
    const ports = ["--rpc-port", String(rpc), "--port", String(p2p)];
    // What --dev stands for, with another chain: it cannot be combined with --chain.
    const custom = ["--alice", "--force-authoring", "--unsafe-force-node-key-generation"];
    const chain = chainSpec === undefined ? ["--dev"] : ["--chain", chainSpec, ...custom];
    const child = spawn(binary, [...chain, "--base-path", folder, ...ports, ...archive, ...quiet], {
      stdio: "ignore",
    });
    const node = new ReferenceNode(child, `http://127.0.0.1:${rpc}`, folder);
    const failed = new Promise<never>((_resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`The node ended with code ${code} while it started`)));
    });
    await Promise.race([node.#answers(), failed]);
    return node;
  }

  /** Its WebSocket address. */
  get url(): string {
    return this.#address.replace(/^http/, "ws");
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      try {
        await this.request("system_health");
        return;
      } catch (error) {
        // Not listening yet: fetch fails with a TypeError, as distinct from an answer that is an error.
        if (!(error instanceof TypeError)) throw error;
        await wait(100);
      }
    }
    throw new Error("The node does not answer within a minute");
  }

  async request(method: string, ...params: unknown[]): Promise<unknown> {
    const response = await fetch(this.#address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const parsed = answer.parse(await response.json());
    if ("error" in parsed) throw new NodeAnswer(method, { ...parsed.error });
    return parsed.result;
  }

  /** The block at a height, as soon as there is one. */
  async block(number: number): Promise<RecordedBlock> {
    for (;;) {
      const found = hex.nullable().parse(await this.request("chain_getBlockHash", number));
      if (found !== null) return this.#readable(found);
      await wait(3);
    }
  }

  /** On a busy machine a block's hash is known a moment before its state can be read. */
  async #readable(hash: Hex): Promise<RecordedBlock> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#recorded(hash);
      } catch (error) {
        if (!(error instanceof NodeAnswer) || error.code !== UNKNOWN_BLOCK || attempt === PATIENCE)
          throw error;
        await wait(3);
      }
    }
  }

  async #recorded(hash: Hex): Promise<RecordedBlock> {
    const [block, events] = await Promise.all([
      this.request("chain_getBlock", hash),
      this.request("state_getStorage", EVENTS, hash),
    ]);
    const { header, extrinsics } = signedBlock.parse(block).block;
    return {
      hash,
      header: {
        parentHash: header.parentHash,
        number: Number(header.number),
        stateRoot: header.stateRoot,
        extrinsicsRoot: header.extrinsicsRoot,
        digest: toHex(encodeVector(header.digest.logs.map(fromHex))),
      },
      extrinsics,
      events: hex.nullable().parse(events) ?? "0x00",
    };
  }

  /** Every key of the top trie with its value, in order. */
  async storage(hash: Hex): Promise<[string, string][]> {
    return z.array(z.tuple([hex, hex])).parse(await this.request("state_getPairs", "0x", hash));
  }

  /** Every key of the child tries with its value, by the child's storage key, with prefix. */
  async childStorage(hash: Hex): Promise<[string, [string, string][]][]> {
    const roots = z.array(hex).parse(await this.request("state_getKeys", CHILDREN, hash));
    return await Promise.all(
      roots.map(async (root): Promise<[string, [string, string][]]> => {
        const keys = z.array(hex).parse(await this.request("childstate_getKeys", root, "0x", hash));
        const values = z
          .array(hex)
          .parse(await this.request("childstate_getStorageEntries", root, keys, hash));
        return [root, keys.map((key, i) => [key, values[i]!])];
      }),
    );
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    }
    await rm(this.#folder, { recursive: true });
  }
}
