/** The real substrate-contracts-node under test: it seals a block for each transaction, at the system's time. */
import { setTimeout as until } from "node:timers/promises";
import { accountFrom, connect, submit } from "@keystrand/sdk/chain";
import { ReferenceNode } from "../../devchain/src/differential/reference-node.ts";
import type { TestChain } from "./chain.fixture.ts";

/** Path of the node's binary, where the tests are to use one. */
export const CONTRACTS_NODE = process.env["CONTRACTS_NODE"];

/** Starts a node with a chain of its own. */
export const realNode = async (): Promise<TestChain> => {
  const node = await ReferenceNode.start(CONTRACTS_NODE!);
  const api = await connect(node.url);
  const sender = await accountFrom("//Bob");
  const now = async () => Number((await api.query.timestamp!.now!()).toString());
  return {
    api,
    pass: async (milliseconds) => {
      const target = (await now()) + milliseconds;
      do {
        await until(Math.max(0, target - Date.now()));
        await submit(api, api.tx.system!.remark!("0x"), sender);
      } while ((await now()) < target);
    },
    close: async () => {
      await api.disconnect();
      await node.stop();
    },
  };
};
