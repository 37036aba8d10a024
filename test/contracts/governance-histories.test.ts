/**
 * Random histories of the members, performed call by call on the real contracts: each answer, tally, state and snapshot
 * as the model has it that recomputes everything from the whole history.
 */
import { ChainNode, ChainProvider, createChain } from "@keystrand/devchain";
import { type Inclusion, submit } from "@keystrand/sdk/chain";
import { ApiPromise } from "@polkadot/api";
import { describe, expect, test } from "vitest";
import { type HistoryChain, isRefusal, readHistory, replayOn } from "./history.fixture.ts";
import { CONTRACTS_NODE, realNode } from "./real-node.fixture.ts";

/** Calls on the embedded chain; the file has 3 000. */
const STEPS = Number(process.env["KEYSTRAND_STEPS"] ?? 250);
/** Every so many calls everything that the model expects is compared, and otherwise what the call was about. */
const WHOLE_EVERY = 10;

const embedded = async (start: number): Promise<HistoryChain> => {
  const node = new ChainNode({ chain: await createChain() });
  // Setting up takes less than a day.
  node.setTime(start - 86_400_000);
  const api = await ApiPromise.create({ provider: new ChainProvider(node), noInitWarn: true });
  const nonces = new Map<string, number>();
  const nonceOf = async (address: string) => {
    const nonce = nonces.get(address) ?? (await api.rpc.system.accountNextIndex(address)).toNumber();
    nonces.set(address, nonce + 1);
    return nonce;
  };
  return {
    api,
    moves: true,
    pass: async () => void node.seal(),
    ready: () => {
      node.sealing = { mode: "manual" };
    },
    send: async (calls, timestamp) => {
      const extrinsics: Uint8Array[] = [];
      for (const [call, pair] of calls) {
        const nonce = await nonceOf(pair.address);
        extrinsics.push((await call.signAsync(pair, { nonce, era: 0 })).toU8a());
      }
      const { block, outcomes } = node.seal({ timestamp, extrinsics });
      expect(node.chain.timestamp(block.hash)).toBe(timestamp);
      expect(outcomes.map(({ kind }) => kind)).toEqual(calls.map(() => "included"));
      const records = (await (
        await api.at(block.hash)
      ).query.system!.events!()) as unknown as Inclusion["events"];
      const results = records.filter(({ event }) => api.events.system!.ExtrinsicFailed!.is(event));
      for (const { event } of results) {
        const [failure] = event.data as unknown as [{ isModule: boolean; asModule: never }];
        const { section, name } = api.registry.findMetaError(failure.asModule);
        expect(`${section}.${name}`).toBe("contracts.ContractReverted");
      }
      // The timestamp comes first.
      return results.every(({ phase }) => phase.asApplyExtrinsic.toNumber() !== calls.length);
    },
    close: async () => {
      await api.disconnect();
      node.close();
    },
  };
};

const real = async (): Promise<HistoryChain> => {
  const chain = await realNode();
  return {
    ...chain,
    moves: false,
    ready: () => undefined,
    send: async (calls) => {
      let accepted = false;
      for (const [call, pair] of calls)
        accepted = await submit(chain.api, call, pair).then(
          () => true,
          (error: unknown) => {
            if (isRefusal(error)) return false;
            throw error;
          },
        );
      return accepted;
    },
  };
};

/** Performs the history; the failure of a step names it. */
const perform = async (chain: HistoryChain, history: ReturnType<typeof readHistory>) => {
  try {
    const replay = await replayOn(chain, history);
    for (const [number, step] of history.steps.entries()) {
      const { accepted } = await replay.step(step);
      expect(accepted, `step ${number}: ${JSON.stringify(step, textual)}`).toBe(step.ok);
      const all = number % WHOLE_EVERY === 0 || number === history.steps.length - 1;
      const found = await replay.found(step, all);
      const named = found.proposals.map(([id]) => id);
      const expected = {
        proposals: step.expected.proposals.filter(([id]) => named.includes(id)),
        sides: all ? step.expected.sides : null,
      };
      expect(found, `after step ${number}: ${JSON.stringify(step, textual)}`).toEqual(expected);
    }
  } finally {
    await chain.close();
  }
};
const textual = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);

test(`${STEPS} calls on the embedded chain end as the model says`, async () => {
  const history = readHistory("governance-history", STEPS);
  expect(history.steps.length).toBe(STEPS);
  await perform(await embedded(history.start), history);
}, 1_800_000);

describe.runIf(CONTRACTS_NODE !== undefined)("on the real node (needs CONTRACTS_NODE)", () => {
  test("500 calls end as the model says", async () => {
    const history = readHistory("governance-history-still", 500);
    expect(history.steps.length).toBe(500);
    await perform(await real(), history);
  }, 1_800_000);
});
