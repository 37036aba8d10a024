import { z } from "zod";
import { fromHex } from "../../codec/bytes.ts";
import type { ChainNode } from "../../node/node.ts";
import { invalidParams, RpcError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Method } from "../session.ts";

const hex = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/)
  .describe("Hexadecimal with 0x");
const blockHash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as `0x${string}`)
  .describe("Hash of a block");
const milliseconds = z.int().nonnegative();
const sealedBlock = z.object({
  hash: blockHash,
  number: z.int(),
  outcomes: z
    .array(z.enum(["included", "invalid", "exhausted", "trapped"]))
    .describe("What became of each extrinsic offered, in order"),
});
const snapshotId = z.int().describe("What dev_snapshot answered");

const sealing = z.discriminatedUnion("mode", [
  z.object({
    mode: z.literal("instant"),
    idleMilliseconds: milliseconds
      .optional()
      .describe("An empty block after this long without one; 0: never; default 6000"),
  }),
  z.object({ mode: z.literal("interval"), milliseconds: z.int().positive() }),
  z.object({ mode: z.literal("manual") }),
]);

/** One `dev_*` method: checked parameters by position or name, and what its documentation says. */
interface DevMethod<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly summary: string;
  /** In the order of positional parameters. */
  readonly params: Shape;
  readonly result: z.ZodType;
  readonly run: (node: ChainNode, params: z.infer<z.ZodObject<Shape>>) => Json;
}

function devMethod<Shape extends z.ZodRawShape>(method: DevMethod<Shape>): DevMethod {
  return method as unknown as DevMethod;
}

/** Source of both the method table and the OpenRPC document. */
export const devDefinitions: readonly DevMethod[] = [
  devMethod({
    name: "dev_seal",
    summary:
      "Makes a block now, of the pool's ready transactions or of the extrinsics given. With a parent that is not the best block it makes a fork, which becomes best when it is longer.",
    params: {
      options: z
        .object({
          timestamp: milliseconds.optional().describe("Milliseconds since 1970 for the block's inherent"),
          parent: blockHash.optional(),
          extrinsics: z.array(hex).optional().describe("Each with its SCALE length prefix"),
          count: z.int().positive().max(10_000).optional().describe("Blocks to make; default 1"),
          finalize: z.boolean().optional().describe("Make the last one final, in a later task"),
        })
        .optional(),
    },
    result: sealedBlock.describe("The last block made"),
    run: (node, { options = {} }) => {
      const { timestamp, parent, extrinsics, count = 1, finalize = false } = options;
      if (count > 1 && (timestamp !== undefined || parent !== undefined || extrinsics !== undefined))
        throw invalidParams("count goes with neither timestamp, parent nor extrinsics");
      for (let made = 1; made < count; made += 1) node.seal();
      const { block, outcomes } = node.seal({
        ...(timestamp === undefined ? {} : { timestamp }),
        ...(parent === undefined ? {} : { parent }),
        ...(extrinsics === undefined ? {} : { extrinsics: extrinsics.map(fromHex) }),
      });
      if (finalize) node.finalizeSoon(block.hash);
      return { hash: block.hash, number: block.number, outcomes: outcomes.map(({ kind }) => kind) };
    },
  }),
  devMethod({
    name: "dev_finalize",
    summary: "Makes a block and all before it final; by default the best block.",
    params: { hash: blockHash.optional() },
    result: blockHash.describe("The last final block"),
    run: (node, { hash }) => {
      node.finalize(hash);
      return node.chain.finalized.hash;
    },
  }),
  devMethod({
    name: "dev_holdFinality",
    summary:
      "Stops finality until it is called with false; then the best block becomes final after the usual delay.",
    params: { hold: z.boolean().optional().describe("Default true") },
    result: z.null(),
    run: (node, { hold = true }) => {
      node.holdFinality(hold);
      return null;
    },
  }),
  devMethod({
    name: "dev_setTime",
    summary:
      "Sets the clock that blocks take their time from. It goes on from there, or stands still when frozen. A block is always later than its parent.",
    params: {
      timestamp: milliseconds.nullable().describe("Milliseconds since 1970; null: the system's clock again"),
      frozen: z.boolean().optional().describe("Default false"),
    },
    result: z.int().describe("What the clock says now"),
    run: (node, { timestamp, frozen = false }) => node.setTime(timestamp, frozen),
  }),
  devMethod({
    name: "dev_setSealing",
    summary: "Changes when blocks are made.",
    params: { sealing },
    result: z.null(),
    run: (node, params) => {
      const chosen = params.sealing;
      if (chosen.mode !== "instant") node.sealing = chosen;
      else if (chosen.idleMilliseconds === undefined) node.sealing = { mode: "instant" };
      else node.sealing = { mode: "instant", idleMilliseconds: chosen.idleMilliseconds };
      return null;
    },
  }),
  devMethod({
    name: "dev_snapshot",
    summary: "Remembers blocks, state, finality and pool. Takes no time and no copy.",
    params: {},
    result: snapshotId,
    run: (node) => node.snapshot(),
  }),
  devMethod({
    name: "dev_restore",
    summary:
      "Goes back to a snapshot, as often as wanted; later snapshots become void. Head subscriptions get the head of then, chainHead subscriptions get `stop`.",
    params: { id: snapshotId },
    result: blockHash.describe("The best block"),
    run: (node, { id }) => {
      node.restore(id);
      return node.chain.best.hash;
    },
  }),
  devMethod({
    name: "dev_release",
    summary: "Forgets a snapshot.",
    params: { id: snapshotId },
    result: z.null(),
    run: (node, { id }) => {
      node.release(id);
      return null;
    },
  }),
  devMethod({
    name: "dev_reorg",
    summary:
      "Replaces the last blocks by a competing fork of empty blocks. Transactions of the blocks that leave go back to the pool and are told `retracted`. Final blocks cannot leave: hold finality first.",
    params: {
      depth: z.int().positive().describe("Blocks that leave"),
      length: z.int().positive().optional().describe("Blocks of the fork; default depth + 1"),
    },
    result: z.array(blockHash).describe("The fork's blocks, oldest first"),
    run: (node, { depth, length }) => {
      try {
        return node.reorg(depth, length).map((block) => block.hash);
      } catch (error) {
        if (error instanceof RangeError) throw invalidParams(error.message);
        throw error;
      }
    },
  }),
  devMethod({
    name: "dev_reorgTo",
    summary: "Makes a known block the best one, for example the head of a fork made by dev_seal.",
    params: { hash: blockHash },
    result: z.null(),
    run: (node, { hash }) => {
      node.chain.reorgTo(hash);
      return null;
    },
  }),
  devMethod({
    name: "dev_status",
    summary: "What the chain is doing: heads, clock, sealing, finality, pool.",
    params: {},
    result: z.object({
      best: z.object({ hash: blockHash, number: z.int() }),
      finalized: z.object({ hash: blockHash, number: z.int() }),
      time: z.int(),
      sealing,
      finality: z.union([z.int(), z.literal("held")]),
      ready: z.int(),
      future: z.int(),
    }),
    run: (node) => {
      const { best, finalized } = node.chain;
      return {
        best: { hash: best.hash, number: best.number },
        finalized: { hash: finalized.hash, number: finalized.number },
        time: node.chain.clock(),
        sealing: { ...node.sealing },
        finality: node.finality,
        ready: node.pool.readyCount,
        future: node.pool.future().length,
      };
    },
  }),
];

function asMethod(definition: DevMethod): Method {
  const schema = z.object(definition.params);
  const names = Object.keys(definition.params);
  return (params, { node }) => {
    const given = Object.fromEntries(
      names.flatMap((name) => {
        const value = params.optional(name, (json) => json);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    // Absent and null are the same by position; where null means something, it is asked for.
    for (const name of names)
      if (!(name in given) && definition.params[name] instanceof z.ZodNullable) given[name] = null;
    const checked = schema.safeParse(given);
    if (!checked.success) throw invalidParams(z.prettifyError(checked.error));
    try {
      return definition.run(node, checked.data);
    } catch (error) {
      if (error instanceof RpcError) throw error;
      throw new RpcError(6000, error instanceof Error ? error.message : String(error));
    }
  };
}

/** OpenRPC 1.3 of the `dev_*` methods, served by `rpc.discover`. */
export function openRpcDocument(): Json {
  const schemaOf = (schema: z.ZodType): Json => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
    return JSON.parse(JSON.stringify(rest)) as Json;
  };
  return {
    openrpc: "1.3.2",
    info: {
      title: "Keystrand embedded chain: development methods",
      description:
        "Besides the JSON-RPC of substrate-contracts-node, which rpc_methods lists, the chain takes these.",
      version: "0.1.0",
      license: { name: "Apache-2.0" },
    },
    methods: devDefinitions.map((definition) => ({
      name: definition.name,
      summary: definition.summary,
      paramStructure: "either",
      params: Object.entries(definition.params).map(([name, schema]) => ({
        name,
        required: !(schema as z.ZodType).safeParse(undefined).success,
        schema: schemaOf(schema as z.ZodType),
      })),
      result: { name: "result", schema: schemaOf(definition.result) },
    })),
  };
}

export const devMethods: readonly (readonly [string, Method])[] = [
  ...devDefinitions.map((definition) => [definition.name, asMethod(definition)] as const),
  ["rpc.discover", openRpcDocument],
];
