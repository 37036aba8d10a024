/** The recorded answers of the real node, asked again here: block by block the same hashes, call by call the same JSON. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { ReferenceNode } from "../../differential/reference-node.ts";
import { methodTable } from "../methods/table.ts";
import { type Playback, playTape } from "./player.ts";
import { recordTape } from "./recorder.ts";
import { type Tape, tapeSchema } from "./tape.ts";

const tape: Tape = tapeSchema.parse(
  JSON.parse(
    gunzipSync(readFileSync(new URL("../fixtures/node-answers.json.gz", import.meta.url))).toString(),
  ),
);

describe(`Recorded answers of substrate-contracts-node ${tape.node}`, () => {
  let playback: Playback;
  beforeAll(async () => {
    playback = await playTape(tape);
  });

  test("every call is answered with the same JSON, every block has the same hash", () => {
    expect(playback.compared).toBeGreaterThan(250);
    expect(playback.different).toEqual([]);
  });

  test.each(Object.keys(tape.notifications))(
    "subscription %s is told the same, in the same order",
    (name) => {
      expect(playback.told.get(name)).toEqual(tape.notifications[name]);
    },
  );

  test("every method of the node is there", () => {
    const recorded = tape.entries.find((entry) => entry.kind === "call" && entry.method === "rpc_methods");
    const { result } = (recorded as unknown as { answer: { result: { methods: string[] } } }).answer;
    const ours = methodTable();
    expect(result.methods.filter((method) => !ours.has(method))).toEqual([]);
  });
});

/**
 * Of a replaced transaction the real node says sometimes `usurped`, sometimes `invalid`: two of its tasks race, and on
 * a busy machine either wins. Both count as the same end.
 */
const sameEnd = (notifications: Readonly<Record<string, readonly unknown[]>>) => ({
  ...notifications,
  replaced: notifications["replaced"]?.map((status) =>
    typeof status === "object" && status !== null && "usurped" in status ? "invalid" : status,
  ),
});

const binary = process.env["CONTRACTS_NODE"];
test.runIf(binary)(
  "a real node that is asked now says what it said when it was recorded, and what we say",
  async () => {
    const node = await ReferenceNode.start(binary!);
    try {
      const live = await recordTape(node.url);
      const { different, told } = await playTape(live);
      expect(different).toEqual([]);
      expect(sameEnd(Object.fromEntries(told))).toEqual(sameEnd(live.notifications));
      expect(live.frames).toEqual(tape.frames);
      expect(live.http).toEqual(tape.http);
    } finally {
      await node.stop();
    }
  },
);
