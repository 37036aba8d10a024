import { z } from "zod";
import type { Json } from "../json.ts";

/** What a node was asked and what it said, in order, so that another can be asked the same. */
export const tapeSchema = z.object({
  /** Version of the node that was recorded. */
  node: z.string(),
  entries: z.array(
    z.discriminatedUnion("kind", [
      /** A call. A string parameter `$name` stands for the id of the subscription of that name. */
      z.object({
        kind: z.literal("call"),
        method: z.string(),
        params: z.array(z.json()),
        answer: z.json(),
      }),
      z.object({
        kind: z.literal("subscribe"),
        name: z.string(),
        method: z.string(),
        params: z.array(z.json()),
        /** null when it was accepted, else the error. */
        error: z.json(),
      }),
      /** The node made a block; its hash has the timestamp in it. */
      z.object({ kind: z.literal("block"), hash: z.string(), timestamp: z.int() }),
      z.object({ kind: z.literal("final"), hash: z.string() }),
    ]),
  ),
  /** Everything each subscription was told, by name. */
  notifications: z.record(z.string(), z.array(z.json())),
  /** What came back for each frame of frames.ts. */
  frames: z.array(z.object({ frame: z.string(), answers: z.array(z.string()) })),
  /** What came back for each of its HTTP requests, in order. */
  http: z.array(z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() })),
});
export type Tape = z.infer<typeof tapeSchema>;

/** Parts of answers that differ between two runs of the same node, replaced by what stays. */
export function comparable(method: string, answer: Json): Json {
  if (method === "rpc_methods" || method.startsWith("system_local") || method === "system_version")
    return "…";
  if (method === "system_unstable_networkState") return "…";
  if (method === "transaction_v1_broadcast" && isResult(answer, "string")) return "an operation id";
  // A panic's text ends with the engine's own addresses (node) or the runtime's words (ours).
  const parsed = JSON.parse(JSON.stringify(answer), (_, value: Json) =>
    typeof value === "string"
      ? value
          .replace(/instruction executed.*/s, "instruction executed")
          .replace(/ at line 1 column \d+$/, "")
          .replace(/^RuntimeApi\(.*/s, "RuntimeApi")
      : value,
  ) as Json;
  if (method.endsWith("ReadProof")) return sortProof(parsed);
  return parsed;
}

function isResult(answer: Json, type: string): boolean {
  return typeof answer === "object" && answer !== null && "result" in answer && typeof answer.result === type;
}

/** The order of nodes in a proof means nothing. */
function sortProof(answer: Json): Json {
  return JSON.parse(JSON.stringify(answer), (key, value: Json) =>
    key === "proof" && Array.isArray(value) ? [...value].sort() : value,
  ) as Json;
}
