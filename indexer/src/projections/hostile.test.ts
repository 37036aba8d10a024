import { encodeAddress } from "@polkadot/util-crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../chain/scale.ts";
import { inTransaction } from "../testing/database.ts";
import { subject } from "../testing/fake-chain.ts";
import { type Populated, populated } from "../testing/populated.ts";
import { ACCOUNTS, type StoryEvent } from "../testing/story.ts";
import { deviations } from "../verify/tables.ts";

/** pallet-contracts refuses longer events: 16 KiB. */
const LONGEST = 16_000;
const U128 = ((1n << 128n) - 1n).toString();
const U64 = ((1n << 64n) - 1n).toString();
const NO_TALLY: Json = { favour: "0", against: "0", abstain: "0" };

describe("whatever a chain says", () => {
  let indexer: Populated;
  let order: string;
  let proposal: number;
  beforeAll(async () => {
    indexer = await populated(31, 120);
    const { rows } = await indexer.database.database.pool.query<{ order: string; proposal: string }>(
      "SELECT (SELECT max(id) FROM orders) AS order, (SELECT max(id) FROM proposals) AS proposal",
    );
    order = rows[0]!.order;
    proposal = Number(rows[0]!.proposal);
  });
  afterAll(() => indexer.close());

  /** The raw events of the chain's newest block, once it is indexed. */
  const heard = async () => {
    await indexer.caughtUp();
    const { rows } = await indexer.database.database.pool.query<{
      name: string | null;
      data: string;
      problem: string | null;
    }>("SELECT name, data, problem FROM contract_events WHERE height = $1 ORDER BY index", [
      indexer.chain.best.height,
    ]);
    expect(await inTransaction(indexer.database.database.pool, deviations)).toEqual([]);
    return rows;
  };

  const ballot = (reason: string): StoryEvent => ({
    contract: "governor",
    name: "BallotCast",
    fields: {
      proposal,
      voter: ACCOUNTS[0]!,
      ballot: { own: { favour: 10_000, against: 0, abstain: 0 }, delegated: null },
      nonce: 0,
      by_signature: false,
      own: NO_TALLY,
      delegated: NO_TALLY,
      tally: { favour: U128, against: U128, abstain: U128 },
      reason,
    },
  });

  test.each([
    ["as long as an event can be", "61".repeat(LONGEST - 500), "a".repeat(LONGEST - 500)],
    ["that are no UTF-8", "fffe80c0afed a080f4908080".replace(" ", ""), undefined],
    [
      "with NUL, escapes and direction marks",
      "00225c27e280aee2808b0a09",
      "\u{FFFD}\"\\'\u{202e}\u{200b}\n\t",
    ],
  ])("words %s are kept and shown", async (_what, bytes, shown) => {
    indexer.chain.say({ event: ballot(`0x${bytes}`) });
    expect(await heard()).toMatchObject([{ name: "BallotCast", problem: null }]);
    const { data, errors } = await indexer.ask(
      'query ($p: Long!) { ballots(where: { proposal: { eq: $p }, voter: { eq: "VOTER" } }) { nodes { reason ofProposal { favour } } } }'.replace(
        "VOTER",
        ACCOUNTS[0]!,
      ),
      { p: proposal },
    );
    expect(errors).toBeUndefined();
    const schema = z.object({
      ballots: z.object({
        nodes: z.array(z.object({ reason: z.string(), ofProposal: z.object({ favour: z.string() }) })),
      }),
    });
    const [found] = schema.parse(data).ballots.nodes;
    if (shown !== undefined) expect(found?.reason).toBe(shown);
    expect(found?.ofProposal.favour).toBe(U128);
  });

  test("the largest amounts and times are exact; sums beyond any contract's are a problem of their event only", async () => {
    const withdrawn: StoryEvent = {
      contract: "escrow",
      name: "Withdrawn",
      fields: { order, to: ACCOUNTS[5]!, amount: U128 },
    };
    indexer.chain.say(
      { event: { contract: "escrow", name: "Paused", fields: { from: "0", until: U64 } } },
      { event: withdrawn },
      { event: withdrawn },
      {
        event: {
          contract: "voice",
          name: "Minted",
          fields: { account: ACCOUNTS[6]!, amount: U128, voice: U128, total: U128 },
        },
      },
    );
    const told = await heard();
    expect(told.map(({ problem }) => problem === null)).toEqual([true, true, false, true]);
    expect(told[2]!.problem).toMatch(/no contract holds/);
    const { data } = await indexer.ask(`{ member(account: "${ACCOUNTS[6]}") { voice } }`);
    expect(data).toEqual({ member: { voice: U128 } });
    const csv = await (await indexer.app.request("/export/payments?format=csv")).text();
    expect(csv).toContain(U128);
  });

  test("bytes that are no event are kept raw with the reason, and change nothing", async () => {
    const good = indexer.chain.encoded({
      contract: "escrow",
      name: "Withdrawn",
      fields: { order, to: ACCOUNTS[5]!, amount: "1" },
    });
    const delivered = indexer.chain.encoded({
      contract: "escrow",
      name: "Delivered",
      fields: { order, buyer: ACCOUNTS[1]!, collection: 1, deadline: "0", packets: [] },
    });
    const escrow = subject.contracts.escrow!.address;
    indexer.chain.say(
      { ...good, data: "0x" },
      { ...good, data: `${good.data}00` },
      { ...good, topics: [] },
      { ...good, topics: [...good.topics, good.topics[0]!] },
      { ...good, topics: [`0x${"ab".repeat(32)}`] },
      // A list that claims a thousand million items.
      { ...delivered, data: `${delivered.data.slice(0, -2)}feffffff` },
      { contract: escrow, topics: good.topics, data: `0x${"ff".repeat(LONGEST)}` },
      // The right bytes from another of our contracts.
      { ...good, contract: subject.contracts.voice!.address },
    );
    const told = await heard();
    expect(told).toHaveLength(8);
    for (const { problem, data } of told) {
      expect(problem, data.slice(0, 80)).toMatch(/\w/);
      expect(problem!.length).toBeLessThanOrEqual(500);
    }
    const { data, errors } = await indexer.ask(
      "{ auditLog(first: 8, where: { problem: { isNull: false } }) { nodes { name data problem topics } } }",
    );
    expect(errors).toBeUndefined();
    expect(data).toBeTruthy();
  });

  test("contracts that are not ours are not heard, whatever they imitate", async () => {
    const good = indexer.chain.encoded({
      contract: "escrow",
      name: "Withdrawn",
      fields: { order, to: ACCOUNTS[5]!, amount: "1" },
    });
    for (const bytes of [0, 77, 255])
      indexer.chain.say({ ...good, contract: encodeAddress(new Uint8Array(32).fill(bytes), 42) });
    expect(await heard()).toEqual([]);
  });
});
