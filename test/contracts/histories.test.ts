/**
 * Random histories of orders on the chain: after every step the contracts must hold what the reference model
 * wrote. ORDER_HISTORY names another file than the committed one.
 */
import { connect, submit, TransactionError } from "@keystrand/sdk/chain";
import { expect, test } from "vitest";
import { ReferenceNode } from "../../devchain/src/differential/reference-node.ts";
import { contractsOn, contractsOnChain } from "./chain.fixture.ts";
import { type Ground, historyOf, Performance } from "./histories.fixture.ts";
import { dispatchError } from "./races.fixture.ts";

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);
const CONTRACTS_NODE = process.env["CONTRACTS_NODE"];

test("a history on the embedded chain", { timeout: 1_800_000 }, async () => {
  const history = historyOf(process.env["ORDER_HISTORY"] ?? fixture("history.jsonl.gz"));
  const chain = await contractsOnChain();
  const { node, contracts, governor } = chain;
  try {
    const nonces = new Map<string, number>();
    let start = 0;
    const ground: Ground = {
      contracts,
      governor,
      time: async (now) => start + now,
      send: async (extrinsic, by, now) => {
        const nonce =
          nonces.get(by.address) ?? (await contracts.api.rpc.system.accountNextIndex(by.address)).toNumber();
        nonces.set(by.address, nonce + 1);
        const signed = (await extrinsic.signAsync(by, { nonce, era: 0 })).toU8a();
        const { outcomes } = node.seal({ extrinsics: [signed], timestamp: start + now });
        const error = dispatchError(contracts.api, outcomes[0]!);
        if (error !== undefined) expect(error).toBe("ContractReverted");
        return error === undefined;
      },
    };
    const performance = new Performance(ground, history);
    await performance.prepare();
    node.sealing = { mode: "manual" };
    start = node.chain.timestamp(node.chain.best.hash);
    for (const [number, step] of history.steps.entries()) await performance.perform(step, number);
    console.info(`${history.steps.length} steps of seed ${history.seed}`);
  } finally {
    await chain.close();
  }
});

test.runIf(CONTRACTS_NODE)("a history on the real node", { timeout: 1_800_000 }, async () => {
  const history = historyOf(process.env["ORDER_HISTORY_NODE"] ?? fixture("history-node.jsonl.gz"));
  const node = await ReferenceNode.start(CONTRACTS_NODE!);
  const api = await connect(node.url);
  try {
    const unneeded = async () => {};
    const { contracts, governor } = await contractsOn({ api, pass: unneeded, close: unneeded });
    const ground: Ground = {
      contracts,
      governor,
      time: async () => Number((await api.query.timestamp!.now!()).toString()),
      send: async (extrinsic, by) => {
        try {
          await submit(api, extrinsic, by);
          return true;
        } catch (error) {
          if (error instanceof TransactionError && error.reason === "contracts.ContractReverted")
            return false;
          throw error;
        }
      },
    };
    const performance = new Performance(ground, history);
    await performance.prepare();
    for (const [number, step] of history.steps.entries()) await performance.perform(step, number);
    console.info(`${history.steps.length} steps of seed ${history.seed} on the real node`);
  } finally {
    await api.disconnect();
    await node.stop();
  }
});
