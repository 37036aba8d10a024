import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { openDataset } from "@keystrand/sdk/car";
import { generateKeyPair, sealPacket } from "@keystrand/sdk/crypt4gh";
import type { LineState } from "@keystrand/sdk/generated/escrow";
import { custodianIdentitySchema, enclaveOrderSchema, problemSchema, requestJson } from "@keystrand/sdk/http";
import { nameEnclave } from "@keystrand/sdk/orders";
import { blake2b256 } from "@keystrand/sdk/signing";
import { collectBytes } from "@keystrand/sdk/streams";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { addressOf } from "./chain/orders.ts";
import { keyringPairOf } from "./chain/transactions.ts";
import type { CrashPoint } from "./custodian/release-loop.ts";
import { accountOf } from "./service/keys.ts";
import { type Market, openMarket, PATIENCE } from "./testing/market.ts";
import { type AtEnd, startProcess } from "./testing/process.ts";

const HEADER = "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP\n";
/** A person of two sites: one biallelic, one with two alternates. */
const person = (first: string, second: string) =>
  new TextEncoder().encode(
    `${HEADER}2\t100\trs1\tA\tG\t.\t.\t.\tGT\t${first}\n2\t200\t.\tC\tT,G\t.\t.\t.\tGT\t${second}\n`,
  );

const FILES = [
  person("0|1", "1|2"),
  person("1|1", "./."),
  person("0/0", "0|2"),
  person(".", "0|0"),
  new TextEncoder().encode("no VCF at all\n"),
];

// Whole systems of processes: how long they take depends on what else the machine does.
vi.setConfig({ testTimeout: 2 * PATIENCE, hookTimeout: 2 * PATIENCE });

let market: Market;
const endings: Parameters<AtEnd>[0][] = [];
const forAll: AtEnd = (clean) => void endings.unshift(clean);
beforeAll(async () => {
  market = await openMarket({ files: FILES, atEnd: forAll });
});
afterAll(async () => {
  for (const clean of endings) await clean();
});

const custodianOf = async () => {
  const { account } = await requestJson(`${market.custodian.url}/identity`, custodianIdentitySchema);
  return addressOf(fromHex(account));
};

const nonceOf = async (account: string) => {
  const nonce = await market.contracts.api.rpc.system.accountNextIndex(account);
  return nonce.toNumber();
};

const lineStates = async (order: string): Promise<LineState[]> => {
  const lines = await market.contracts.escrow.query("lines", { order });
  return lines.map(({ state }) => state);
};

/** The sites of an order's result, as its buyer opens it. */
async function resultOf(order: string): Promise<string[]> {
  const { output, receipt } = await market.atEnclave(order);
  const car = await (await fetch(`${market.blockStore.url}/ipfs/${output}?format=car`)).bytes();
  const opened = await openDataset(car, fromHex(receipt!.output), { secretKeys: [market.reader.secretKey] });
  const text = new TextDecoder().decode(await collectBytes(opened.read(0)));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const OF_FIRST_THREE = [
  "2\t100\t.\tA\tG\t.\t.\tAC=3;AN=6;AF=0.5",
  "2\t200\t.\tC\tT\t.\t.\tAC=1;AN=4;AF=0.25",
  "2\t200\t.\tC\tG\t.\t.\tAC=2;AN=4;AF=0.5",
];

describe("an order on a real chain, with every service a process", () => {
  test("runs from attestation to settlement, and the buyer alone can open the result", async () => {
    const order = await market.order([0, 1, 2]);
    const attested = await market.qualify(order);
    expect(attested).toMatchObject({ simulated: true, claim: { platform: "Simulated" } });
    expect(attested.signatures).toHaveLength(2);
    await market.until(order, "Settled");
    expect(await resultOf(order)).toEqual(OF_FIRST_THREE);
    const { output, receipt } = await market.atEnclave(order);
    const car = await (await fetch(`${market.blockStore.url}/ipfs/${output}?format=car`)).bytes();
    const stranger = { secretKeys: [generateKeyPair().secretKey] };
    await expect(openDataset(car, fromHex(receipt!.output), stranger)).rejects.toThrow();
  });

  test("the buyer's signature names the enclave, and its host sends attest", async () => {
    const order = await market.order([0, 1, 2]);
    const attested = await requestJson(`${market.enclave.url}/orders`, enclaveOrderSchema, {
      json: { order },
    });
    const name = (signature: string) =>
      fetch(`${market.enclave.url}/orders/${order}/naming`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ signature }),
      });
    const stranger = nameEnclave(market.contracts, attested, market.governor);
    expect((await name(stranger)).status).toBe(409);
    expect((await name(nameEnclave(market.contracts, attested, market.buyer))).status).toBe(202);
    await market.until(order, "Settled");
  });
});

describe("the custodian", () => {
  /** Starts the custodian so that it dies at this moment. */
  const crashing = async (point: CrashPoint) =>
    startProcess(
      "custodian",
      { ...market.custodianSettings, CRASH_AT: point },
      { script: "crashing.fixture.ts" },
    );
  const restarted = async () => {
    market.custodian = await startProcess("custodian", market.custodianSettings, { atEnd: forAll });
  };

  test("killed at every moment of its work in turn, sends one release and one deliver", async () => {
    const points: readonly CrashPoint[] = [
      "block-read",
      "release-intended",
      "release-signed",
      "release-sent",
      "outcome-noted",
      "deliver-intended",
      "deliver-signed",
      "deliver-sent",
    ];
    const account = await custodianOf();
    const before = await nonceOf(account);
    await market.custodian.stop();
    const order = await market.order([0, 1, 2]);
    await market.qualify(order);
    for (const point of points) expect([point, await (await crashing(point)).ended]).toEqual([point, null]);
    await restarted();
    await market.until(order, "Settled");
    expect(await resultOf(order)).toEqual(OF_FIRST_THREE);
    expect(await nonceOf(account)).toBe(before + 2);
  });

  test("posts nothing for a consent that falls between release and deliver: the line is refunded", async () => {
    await market.custodian.stop();
    const dying = await crashing("deliver-intended");
    const order = await market.order([0, 1, 3]);
    await market.qualify(order);
    expect(await dying.ended).toBe(null);
    const { stored, contributor } = market.datasets[3]!;
    const { consents } = market.contracts;
    await consents.execute("withdraw", { dataset: stored.dataset }, contributor, { until: "finalized" });
    await restarted();
    await market.until(order, "Settled");
    expect(await lineStates(order)).toEqual(["Paid", "Paid", "Refunded"]);
  });

  test("away for longer than the release window, refunds the order when it is back", async () => {
    const order = await (await market.collect({ files: FILES.slice(0, 2), releaseWindow: 4_000n }))([0, 1]);
    await market.custodian.stop();
    const dying = await crashing("release-sent");
    await market.qualify(order);
    expect(await dying.ended).toBe(null);
    await market.until(order, "Releasing");
    const { deadline } = (await market.contracts.escrow.query("order", { order }))!;
    const time = async () => Number((await market.contracts.api.query.timestamp!.now!()).toString());
    await expect.poll(time, { timeout: PATIENCE }).toBeGreaterThan(Number(deadline));
    await restarted();
    await market.until(order, "Refunded");
    expect(await lineStates(order)).toEqual(["Refunded", "Refunded"]);
  });

  test("forgets a key for ever once its dataset is erased on-chain", async () => {
    const { stored, contributor } = market.datasets[3]!;
    const keys = async () => {
      const metrics = await (await fetch(`${market.custodian.url}/metrics`)).text();
      return Number(/keystrand_custodian_keys\{[^}]*\} (\d+)/.exec(metrics)?.[1]);
    };
    const before = await keys();
    await market.contracts.consents.execute("erase", { dataset: stored.dataset }, contributor);
    await expect.poll(keys, { timeout: PATIENCE }).toBe(before - 1);
  });
});

describe("the enclave", () => {
  test("calls a packet bad that does not open or holds another key, and nothing else", async () => {
    await market.custodian.stop();
    onTestFinished(async () => {
      market.custodian = await startProcess("custodian", market.custodianSettings, { atEnd: forAll });
    });
    const order = await market.order([0, 1, 2, 4]);
    const { keys } = await market.qualify(order);
    // A custodian that cheats: line 2 gets another data key, line 3 a packet for somebody else.
    const cheat = keyringPairOf(await accountOf(market.custodianSettings.FOLDER ?? ""));
    const enclave = fromHex(keys.encryption);
    const packets = [
      sealPacket({ dataKey: market.datasets[0]!.stored.dataKey, reader: enclave }),
      sealPacket({ dataKey: market.datasets[1]!.stored.dataKey, reader: enclave }),
      sealPacket({ dataKey: market.datasets[1]!.stored.dataKey, reader: enclave }),
      sealPacket({ dataKey: market.datasets[4]!.stored.dataKey, reader: generateKeyPair().publicKey }),
    ];
    const { escrow } = market.contracts;
    const hashes = packets.map((bytes, line) => ({ line, hash: toHex(blake2b256(bytes)) }));
    await escrow.execute("release", { order, packets: hashes }, cheat);
    const bytes = packets.map((packet, line) => ({ line, bytes: toHex(packet) }));
    await escrow.execute("deliver", { order, packets: bytes }, cheat);
    await market.until(order, "Disputed");
    expect(await lineStates(order)).toEqual(["Paid", "Paid", "Disputed", "Disputed"]);
    expect((await market.atEnclave(order)).receipt?.bad).toEqual([2, 3]);
    // The second site is called in one good line only: its frequency would be that person's genotype.
    expect(await resultOf(order)).toEqual(["2\t100\t.\tA\tG\t.\t.\tAC=3;AN=4;AF=0.75"]);
  });

  test("waits for storage that is away, and never calls that bad", async () => {
    const { port } = new URL(market.blockStore.url);
    await market.blockStore.kill();
    const order = await market.order([0, 1, 2]);
    await market.qualify(order);
    await expect
      .poll(async () => (await market.atEnclave(order)).note, { timeout: PATIENCE })
      .toMatch(/cannot be read/);
    expect((await market.atEnclave(order)).stage).toBe("fetching");
    market.blockStore = await startProcess(
      "block-store",
      { ...market.blockStoreSettings, PORT: port },
      { atEnd: forAll },
    );
    await market.until(order, "Settled");
    expect(await resultOf(order)).toEqual(OF_FIRST_THREE);
  });

  test("computes one result for several orders of one job, once all of them are delivered", async () => {
    const [one, two] = await market.job([
      [0, 1],
      [1, 2],
    ]);
    await market.qualify(one!, [one!, two!]);
    await market.until(one!, "Delivered");
    await market.qualify(two!, [one!, two!]);
    await market.until(one!, "Settled");
    await market.until(two!, "Settled");
    const [first, second] = [await market.atEnclave(one!), await market.atEnclave(two!)];
    expect(first.output).toBe(second.output);
    expect((await resultOf(one!))[0]).toContain("AC=5;AN=8;");
  });

  test("leaves out a dataset that is no VCF, and lets the buyer decide: accepting would pay for it", async () => {
    const order = await market.order([0, 1, 2, 4]);
    await market.qualify(order);
    await expect.poll(async () => (await market.atEnclave(order)).stage, { timeout: PATIENCE }).toBe("done");
    const { note, receipt } = await market.atEnclave(order);
    expect(note).toContain("left out");
    expect(receipt?.bad).toEqual([]);
    expect(await resultOf(order)).toEqual(OF_FIRST_THREE);
    expect(await lineStates(order)).toEqual(["Delivered", "Delivered", "Delivered", "Delivered"]);
  });

  test("says plainly what it cannot do", async () => {
    const ask = async (path: string, body?: object) => {
      const response = await fetch(`${market.enclave.url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return problemSchema.parse(await response.json()).code;
    };
    const unknown = toHex(new Uint8Array(32));
    expect(await ask(`/orders/${unknown}`)).toBe("order-unknown");
    expect(await ask("/orders", { order: unknown })).toBe("order-unknown");
    const order = await market.order([0, 1]);
    expect(await ask("/orders", { order, job: [unknown] })).toBe("bad-request");
  });
});

test("a node that is killed and comes back interrupts an order and does not end it", async () => {
  const order = await market.order([0, 1, 2]);
  await market.restartChain();
  for (const { url } of [market.custodian, market.enclave]) {
    await expect.poll(async () => (await fetch(`${url}/ready`)).status, { timeout: PATIENCE }).toBe(200);
  }
  await expect.poll(() => market.contracts.api.isConnected, { timeout: PATIENCE }).toBe(true);
  await market.qualify(order);
  await market.until(order, "Settled");
  expect(await resultOf(order)).toEqual(OF_FIRST_THREE);
});

test("no log of any service holds a data key, a packet or a name", async () => {
  const logs = [market.blockStore, market.custodian, market.enclave, ...market.verifiers]
    .flatMap(({ lines }) => lines)
    .join("\n");
  expect(logs).toContain("delivered");
  expect(logs).not.toContain("person.vcf");
  expect(logs).not.toMatch(/rs1\b/);
  for (const { stored } of market.datasets) {
    expect(logs).not.toContain(toHex(stored.dataKey).slice(2));
    expect(logs).not.toContain(Buffer.from(stored.dataKey).toString("base64"));
  }
});

test("with too few verifiers no enclave is attested, and the answer says which did not sign", async () => {
  const order = await market.order([0, 1]);
  for (const verifier of market.verifiers.slice(0, 2)) await verifier.stop();
  const asked = requestJson(`${market.enclave.url}/orders`, enclaveOrderSchema, { json: { order } });
  await expect(asked).rejects.toThrow(/Only 1 of the 2 verifiers.*did not answer/s);
});
