/** @polkadot/api, unchanged, over both ways to reach the chain. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createChain } from "../index.ts";
import { ChainNode } from "../node/node.ts";
import { type RunningServer, startServer } from "../server/index.ts";
import { ChainProvider } from "./provider.ts";

const keyring = new Keyring({ type: "sr25519" });
const alice = keyring.addFromUri("//Alice");
const bob = keyring.addFromUri("//Bob");
const UNIT = 1_000_000_000_000n;

const blocks = JSON.parse(
  gunzipSync(
    readFileSync(new URL("../../../test/fixtures/reference-blocks.json.gz", import.meta.url)),
  ).toString(),
) as { extrinsics: `0x${string}`[] }[];

interface Outcome {
  readonly statuses: string[];
  readonly result: ISubmittableResult;
}

/** Signs, sends and waits for finality (or what else is last). */
function send(
  transaction: SubmittableExtrinsic<"promise">,
  signer: typeof alice,
  options: Record<string, unknown> = {},
): Promise<Outcome> {
  const statuses: string[] = [];
  return new Promise((resolve, reject) => {
    transaction
      .signAndSend(signer, options, (result) => {
        statuses.push(result.status.type);
        // The client drops a status when the next comes while it still looks the block up.
        if (result.isInBlock) node.finalize();
        if (result.isFinalized || result.isError) resolve({ statuses, result });
      })
      .catch(reject);
  });
}

let node: ChainNode;
let server: RunningServer;
beforeAll(async () => {
  node = new ChainNode({ chain: await createChain(), finality: "held" });
  server = await startServer({ node, port: 0 });
});
afterAll(async () => {
  node.close();
  await server.close();
});

describe.each([
  ["a WebSocket", () => new WsProvider(server.url, false)],
  ["the provider in this process", () => new ChainProvider(node)],
] as const)("@polkadot/api over %s", (_, makeProvider) => {
  let api: ApiPromise;
  beforeAll(async () => {
    const provider = makeProvider();
    if (provider instanceof WsProvider) await provider.connect();
    api = await ApiPromise.create({ provider: provider as ChainProvider, noInitWarn: true });
  });
  afterAll(() => api.disconnect());

  test("a transfer goes from ready to inBlock to finalized and moves the balance", async () => {
    const before = await api.query.system!.account!(bob.address);
    const { statuses, result } = await send(api.tx.balances!.transferKeepAlive!(bob.address, UNIT), alice);
    expect(statuses).toEqual(["Ready", "InBlock", "Finalized"]);
    expect(result.dispatchError).toBeUndefined();
    const after = await api.query.system!.account!(bob.address);
    const free = (account: unknown) =>
      (account as { data: { free: { toBigInt(): bigint } } }).data.free.toBigInt();
    expect(free(after) - free(before)).toBe(UNIT);
  });

  test("a mortal transaction holds for its era and no longer", async () => {
    const transfer = api.tx.balances!.transferKeepAlive!(bob.address, 1n);
    const { result } = await send(transfer, alice, { era: 8 });
    expect(result.isFinalized).toBe(true);
    const header = await api.rpc.chain.getHeader();
    const nonce = await api.rpc.system.accountNextIndex(alice.address);
    const era = api.createType("ExtrinsicEra", { current: header.number.toNumber(), period: 4 });
    const blockHash = header.hash;
    const old = await transfer.signAsync(alice, { era: era.asMortalEra.toU8a() as never, blockHash, nonce });
    for (let i = 0; i < 5; i += 1) node.seal();
    await expect(api.rpc.author.submitExtrinsic(old)).rejects.toThrow(/1010: Invalid Transaction: /);
  });

  test("a failed dispatch is in the block and says why", async () => {
    const { result } = await send(api.tx.balances!.transferKeepAlive!(bob.address, 2n ** 100n), alice);
    const error = result.dispatchError!;
    expect(error.isArithmetic && error.asArithmetic.type).toBe("Underflow");
  });

  test("an outdated nonce is refused with the node's error", async () => {
    const stale = await api.tx.balances!.transferKeepAlive!(bob.address, 1n).signAsync(alice, { nonce: 0 });
    await expect(api.rpc.author.submitExtrinsic(stale)).rejects.toThrow(
      "1010: Invalid Transaction: Transaction is outdated",
    );
  });

  test("a contract is uploaded, instantiated, dry-run and called", async () => {
    const recorded = api.createType("Extrinsic", blocks[33]!.extrinsics[1]!);
    const code = recorded.method.args[3]!.toHex();
    const weight = api.createType("WeightV2", { refTime: 5_000_000_000n, proofSize: 500_000n });
    const salt = `0x${crypto.randomUUID().replaceAll("-", "")}`;
    const { result } = await send(
      api.tx.contracts!.instantiateWithCode!(0, weight, null, code, "0x9bae9d5e01", salt),
      alice,
    );
    const event = result.findRecord("contracts", "Instantiated")!.event;
    const address = event.data[1]!.toString();
    const get = async () => {
      const dryRun = api.call.contractsApi!.call as unknown as (...args: unknown[]) => Promise<{
        result: { asOk: { data: { toHex(): string } } };
      }>;
      const answer = await dryRun(alice.address, address, 0, null, null, "0x2f865bd9");
      return answer.result.asOk.data.toHex();
    };
    expect(await get()).toBe("0x0001");
    await send(api.tx.contracts!.call!(address, 0, weight, null, "0x633aa551"), alice);
    expect(await get()).toBe("0x0000");
  });

  test("heads, storage and events are followed", async () => {
    const heads: number[] = [];
    const times: bigint[] = [];
    const events: string[] = [];
    const stops = await Promise.all([
      api.rpc.chain.subscribeNewHeads((header) => void heads.push(header.number.toNumber())),
      api.query.timestamp!.now!(
        (now: unknown) => void times.push((now as { toBigInt(): bigint }).toBigInt()),
      ),
      api.query.system!.events!((records: unknown) => {
        for (const { event } of records as { event: { method: string } }[]) events.push(event.method);
      }),
    ]);
    await send(api.tx.system!.remarkWithEvent!("0x68656c6c6f"), alice);
    expect(events).toContain("Remarked");
    expect(heads.length).toBeGreaterThanOrEqual(2);
    expect(times.length).toBeGreaterThanOrEqual(2);
    for (const stop of stops) (stop as unknown as () => void)();
  });

  test("two transactions of one account in the wrong order are both included", async () => {
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const later = send(api.tx.system!.remark!("0x02"), alice, { nonce: nonce + 1 });
    const sooner = send(api.tx.system!.remark!("0x01"), alice, { nonce });
    const [second, first] = await Promise.all([later, sooner]);
    expect(first.statuses.at(-1)).toBe("Finalized");
    expect(second.statuses.at(-1)).toBe("Finalized");
  });

  test("fees are told before sending", async () => {
    const info = await api.tx.balances!.transferKeepAlive!(bob.address, UNIT).paymentInfo(alice);
    expect(info.partialFee.toBigInt()).toBeGreaterThan(0n);
  });
});
