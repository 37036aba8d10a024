/** A transaction that would replace another for less: what the pool answers, here and on the real node. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { account, Signer } from "../chain/signer.fixture.ts";
import { toHex } from "../codec/bytes.ts";
import { ReferenceNode } from "../differential/reference-node.ts";
import { createChain } from "../index.ts";
import { ChainNode } from "../node/node.ts";
import { startServer } from "../server/index.ts";

const answers = z.array(z.looseObject({ id: z.number(), error: z.json().optional() }));
const stale = z.looseObject({ code: z.literal(1010) });
const chain = await createChain();
const signer = new Signer(chain);
const [alice, bob] = [account("Alice"), account("Bob")];
const transfer = signer.call("Balances", "transfer_keep_alive", { Id: bob.address }, 10n ** 9n);

/**
 * Submits three transactions in one batch, so that no block comes between: one that goes first, then two with
 * the same nonce, the second with the lower tip.
 * @returns the answer to the last
 */
async function replaceForLess(url: string, nonce: number): Promise<unknown> {
  const signed = [
    signer.sign(alice, nonce, transfer),
    signer.sign(alice, nonce + 1, transfer, 5_000_000),
    signer.sign(alice, nonce + 1, transfer, 1_000_000),
  ];
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(
      signed.map((extrinsic, id) => ({
        jsonrpc: "2.0",
        id,
        method: "author_submitExtrinsic",
        params: [toHex(extrinsic)],
      })),
    ),
  });
  return answers.parse(await response.json()).find(({ id }) => id === 2)?.error;
}

/** As the node said it; the numbers are what the runtime makes of tip, weight and length. */
const TOO_LOW = {
  code: 1014,
  message: expect.stringMatching(/^Priority is too low: \(\d+ vs \d+\)$/),
  data: "The transaction has too low priority to replace another transaction already in the pool.",
};

async function here(): Promise<unknown> {
  const node = new ChainNode({ chain: await createChain(), sealing: { mode: "manual" } });
  const server = await startServer({ node, port: 0 });
  try {
    return await replaceForLess(server.url.replace(/^ws/, "http"), 0);
  } finally {
    node.close();
    await server.close();
  }
}

describe("a transaction with the nonce of another and a lower tip", () => {
  test("is refused with the node's code and words", async () => {
    expect(await here()).toEqual(TOO_LOW);
  });

  test.runIf(process.env["CONTRACTS_NODE"] !== undefined)(
    "is refused by the real node with the very same answer (needs CONTRACTS_NODE)",
    async () => {
      const node = await ReferenceNode.start(process.env["CONTRACTS_NODE"]!);
      try {
        const url = node.url.replace(/^ws/, "http");
        let answer: unknown;
        // The node makes blocks meanwhile: where one came between, the last is stale (1010), and it is tried again.
        for (let nonce = 0; nonce < 40; nonce += 2) {
          answer = await replaceForLess(url, nonce);
          if (!stale.safeParse(answer).success) break;
        }
        expect(answer).toEqual(await here());
      } finally {
        await node.stop();
      }
    },
  );
});
