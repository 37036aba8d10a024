import { fromHex } from "@keystrand/sdk/bytes";
import { openDataset } from "@keystrand/sdk/car";
import { collectBytes } from "@keystrand/sdk/streams";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Market, openMarket } from "./testing/market.ts";
import type { AtEnd } from "./testing/process.ts";

const HEADER = "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP\n";
/** A person of two sites: one biallelic, one with two alternates. */
const person = (first: string, second: string) =>
  new TextEncoder().encode(
    `${HEADER}2\t100\trs1\tA\tG\t.\t.\t.\tGT\t${first}\n2\t200\t.\tC\tT,G\t.\t.\t.\tGT\t${second}\n`,
  );

const FILES = [person("0|1", "1|2"), person("1|1", "./."), person("0/0", "0|2"), person(".", "0|0")];

let market: Market;
const endings: Parameters<AtEnd>[0][] = [];
beforeAll(async () => {
  market = await openMarket({ files: FILES, atEnd: (clean) => endings.unshift(clean) });
}, 240_000);
afterAll(async () => {
  for (const clean of endings) await clean();
});

/** The result of an order as its buyer opens it. */
async function resultOf(order: string): Promise<string> {
  const { output } = await market.atEnclave(order);
  const { receipt } = await market.atEnclave(order);
  const car = await (await fetch(`${market.blockStore.url}/ipfs/${output}?format=car`)).bytes();
  const opened = await openDataset(car, fromHex(receipt!.output), { secretKeys: [market.reader.secretKey] });
  return new TextDecoder().decode(await collectBytes(opened.read(0)));
}

describe("an order on a real chain, with every service a process", () => {
  test("runs from attestation to settlement, and the buyer alone can open the result", async () => {
    const order = await market.order([0, 1, 2]);
    const attested = await market.qualify(order);
    expect(attested).toMatchObject({ simulated: true, claim: { platform: "Simulated" } });
    await market.until(order, "Settled");
    const sites = (await resultOf(order)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(sites).toEqual([
      "2\t100\trs1\tA\tG\t.\t.\tAC=3;AN=6;AF=0.5",
      "2\t200\t.\tC\tT,G\t.\t.\tAC=1,2;AN=4;AF=0.25,0.5",
    ]);
  });
});
