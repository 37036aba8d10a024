/** Emergency acts from the guardians' signatures to their end, by the command, over the embedded chain. */
import type { RunningServer } from "@keystrand/devchain/server";
import { emergencyAct, signAct } from "@keystrand/sdk/governance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAY, type Dao, daoOnChain, HOUR, refusal } from "../contracts/dao.fixture.ts";
import { attestArguments, create, hashesOf, packetsOf } from "../contracts/orders.fixture.ts";
import { type CommandHome, commandHome } from "./command.fixture.ts";

let dao: Dao;
let server: RunningServer;
let home: CommandHome;
/** An order whose keys were delivered. */
let deliveredOrder: string;

const member = (index: number) => home.write(`member-${index}`, `//Dao//member//${index}\n`);
const guardian = (index: number) => home.write(`guardian-${index}`, `//Dao//guardian//${index}\n`);
const anyone = () => home.write("anyone", "//Alice//stranger\n");
const pass = async (milliseconds: number) => dao.at((await dao.now()) + milliseconds);

/** Two guardians act; answers the number of the members' vote. */
const act = async (...words: readonly string[]): Promise<string> => {
  const signed = ["--guardian", guardian(0), guardian(2), "--account", anyone()];
  const told = await home.succeed("guardian", "act", ...words, ...signed);
  await dao.pass(1_000);
  return /as proposal (\d+)/.exec(told)![1]!;
};
const vote = (by: number, number: string, side: string) =>
  home.succeed("proposal", "vote", number, "--own", side, "--account", member(by));
const settle = (number: string) => home.succeed("proposal", "settle", number, "--account", anyone());
const show = (number: string) => home.succeed("proposal", "show", number);
const refused = async (...words: readonly string[]) => {
  const { code, error } = await home.run(...words);
  expect(code).toBe(1);
  return error;
};
const suspended = (account: string) => dao.contracts.identity.query("suspended", { account });

beforeAll(async () => {
  dao = await daoOnChain();
  server = await dao.serve();
  home = commandHome(server.url, dao.contracts.deployment);
}, 600_000);
afterAll(async () => {
  home?.remove();
  await server?.close();
  await dao?.close();
});

describe("an emergency act", () => {
  test("takes effect at once, and the members overturn it at once", async () => {
    const number = await act("suspend", dao.buyer.address);
    expect(await suspended(dao.buyer.address)).toBe(true);
    const shown = await show(number);
    expect(shown).toContain("The members' vote on an act of the guardians");
    expect(shown).toContain(`Account ${dao.buyer.address} is suspended`);
    expect(shown).toContain("lapses at the close otherwise");
    expect(await refused("proposal", "cancel", number, "--account", anyone())).toMatch(
      /members have not overturned the act[\s\S]*5 % of all voice against it/,
    );
    await vote(4, number, "against");
    expect(await home.succeed("proposal", "cancel", number, "--account", anyone())).toContain(
      "is overturned",
    );
    expect(await suspended(dao.buyer.address)).toBe(false);
    const again = ["guardian", "act", "suspend", dao.buyer.address, "--account", anyone()];
    expect(await refused(...again, "--guardian", guardian(0), guardian(1))).toMatch(
      /same act ended too short a time ago/,
    );
  }, 120_000);

  test("lapses after 14 days of silence, and stands when the members confirm it", async () => {
    const lapsing = await act("suspend", dao.custodian.address);
    const standing = await act("withhold-verifier", dao.verifiers[0]!.address);
    for (const by of [0, 1]) await vote(by, standing, "for");
    await pass(14 * DAY - HOUR);
    expect(await refused("proposal", "settle", lapsing, "--account", anyone())).toMatch(/not overturned/);
    expect(await suspended(dao.custodian.address)).toBe(true);
    await pass(HOUR);
    expect(await settle(lapsing)).toContain("the act is lapsed");
    expect(await settle(standing)).toContain("the act is confirmed");
    expect(await suspended(dao.custodian.address)).toBe(false);
    const verifier = dao.verifiers[0]!.address;
    expect((await dao.contracts.attestations.query("verifier", { verifier })).withheld).toBe(true);
    // The members lift what they confirmed, as they lift anything: by a proposal.
    const { attestations } = dao.contracts;
    home.write(
      "restore.json",
      JSON.stringify({
        description: "Trust this verifier again",
        intents: [{ do: "call", contract: "attestations", message: "restoreVerifier", args: { verifier } }],
      }),
    );
    const draft = home.path("draft.json");
    await home.succeed("proposal", "draft", "--from", home.path("restore.json"), "--out", draft);
    const told = await home.succeed("proposal", "submit", draft, "--account", member(0));
    const number = /^proposal (\d+) on track Members/.exec(told)![1]!;
    await dao.pass(1_000);
    expect(await show(number)).toContain(`Calls attestations.restoreVerifier(verifier ${verifier})`);
    await dao.enact(Number(number));
    expect((await attestations.query("verifier", { verifier })).withheld).toBe(false);
  }, 120_000);

  test("a pause stops create, ends by itself after 72 hours, and never holds what was released", async () => {
    const { escrow } = dao.contracts;
    const order = await create(dao, [0, 1]);
    await escrow.execute("attest", await attestArguments(dao, order, 9), dao.buyer);
    await escrow.execute("release", { order, packets: hashesOf([0, 1]) }, dao.custodian);
    await act("pause");
    expect(await refusal(create(dao, [0, 1]))).toBe("Paused");
    await escrow.execute("deliver", { order, packets: packetsOf([0, 1]) }, dao.custodian);
    expect((await escrow.query("order", { order }))?.head.state).toBe("Delivered");
    deliveredOrder = order;
    await pass(3 * DAY + HOUR);
    await create(dao, [0, 1]);
  }, 120_000);
});

describe("a guardian who overreaches", () => {
  const wanted = { type: "Suspend" as const, value: "" };
  const suspendStranger = () => ({ ...wanted, value: dao.stranger.address });
  const deadline = async () => BigInt((await dao.now()) + HOUR);

  test("alone, signing twice, or beside a stranger, reaches no quorum", async () => {
    const words = ["guardian", "act", "suspend", dao.stranger.address, "--account", anyone(), "--guardian"];
    expect(await refused(...words, guardian(0))).toMatch(/Fewer guardians signed than their quorum/);
    expect(await refused(...words, guardian(0), guardian(0))).toMatch(/no guardian, or signed twice/);
    expect(await refused(...words, guardian(0), member(0))).toMatch(/no guardian, or signed twice/);
    expect(await suspended(dao.stranger.address)).toBe(false);
  }, 60_000);

  test("uses signatures a second time, or for another act: they count for neither", async () => {
    const { contracts, guardians, stranger } = dao;
    const [until, act] = [await deadline(), suspendStranger()];
    const signatures = await signAct(contracts, act, until, guardians.slice(0, 2));
    const other = { ...wanted, value: dao.members[0]!.address };
    expect(await refusal(emergencyAct(contracts, other, until, signatures, stranger))).toBe("BadSignature");
    const { returned } = await emergencyAct(contracts, act, until, signatures, stranger);
    expect(await refusal(emergencyAct(contracts, act, until, signatures, stranger))).toBe("BadSignature");
    await dao.pass(1_000);
    await vote(0, String(returned), "against");
    await settle(String(returned));
  }, 60_000);

  test("suspends a member: the member still votes, consents are still withdrawn, money still paid", async () => {
    const suspension = await act("suspend", dao.members[0]!.address);
    expect(await suspended(dao.members[0]!.address)).toBe(true);
    const contributor = await act("suspend", dao.contributor.address);
    const payee = await act("suspend", dao.policy.treasury);
    const { consents, escrow } = dao.contracts;
    await consents.execute("withdraw", { dataset: dao.datasets[1]! }, dao.contributor);
    await escrow.execute("finalize", { order: deliveredOrder }, dao.stranger);
    const paid = await escrow.execute(
      "withdraw",
      { order: deliveredOrder, to: dao.policy.treasury },
      dao.stranger,
    );
    expect(paid.returned).toBeGreaterThan(0n);
    // Its voice is untouched: the suspended member overturns the acts.
    for (const number of [suspension, contributor, payee]) {
      await vote(0, number, "against");
      await settle(number);
    }
    expect(await suspended(dao.members[0]!.address)).toBe(false);
  }, 60_000);

  test("vetoes its own removal: refused, and the members elect others", async () => {
    const addresses = [dao.guardians[1]!.address, dao.guardians[2]!.address, dao.stranger.address];
    const draft = home.path("elect.json");
    await home.succeed(
      "proposal",
      "draft",
      ...["-d", "Elect guardians", "--guardians", ...addresses, "--quorum", "2", "--out", draft],
    );
    const told = await home.succeed("proposal", "submit", draft, "--account", member(0));
    const number = /^proposal (\d+) on track Members/.exec(told)![1]!;
    await dao.pass(1_000);
    expect(await show(number)).toContain("Replaces the guardians, whose term begins anew.");
    const words = [
      "proposal",
      "cancel",
      number,
      "--account",
      anyone(),
      "--guardian",
      guardian(0),
      guardian(1),
    ];
    expect(await refused(...words)).toMatch(/may not cancel/);
    await dao.enact(Number(number));
    const listed = await home.succeed("guardian", "list");
    expect(listed).toContain("Any 2 of these act");
    expect(listed).not.toContain(dao.guardians[0]!.address);
    expect(listed).toContain(dao.stranger.address);
  }, 60_000);

  test("acts after its term of twelve months: refused", async () => {
    await pass(366 * DAY);
    const words = ["guardian", "act", "pause", "--account", anyone(), "--guardian", guardian(1), guardian(2)];
    expect(await refused(...words)).toMatch(/term is over[\s\S]*members elect new ones/);
  }, 60_000);
});
