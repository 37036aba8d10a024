/** The whole life of the DAO by the command alone, over the embedded chain with the design's own periods. */
import type { RunningServer } from "@keystrand/devchain/server";
import type { Terms } from "@keystrand/sdk/generated/consents";
import { monthText } from "@keystrand/sdk/governance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAY, type Dao, daoOnChain, HOUR } from "../contracts/dao.fixture.ts";
import { delivered } from "../contracts/orders.fixture.ts";
import { type CommandHome, commandHome } from "./command.fixture.ts";

let dao: Dao;
let server: RunningServer;
let home: CommandHome;

/** Files with the secrets of the test's people; the command reads nothing else. */
const member = (index: number) => home.write(`member-${index}`, `//Dao//member//${index}\n`);
const guardian = (index: number) => home.write(`guardian-${index}`, `//Dao//guardian//${index}\n`);
const anyone = () => home.write("anyone", "//Alice//stranger\n");

const pass = async (milliseconds: number) => dao.at((await dao.now()) + milliseconds);
const proposal = (...args: readonly string[]) => home.succeed("proposal", ...args);
const refused = async (...args: readonly string[]) => {
  const { code, error } = await home.run(...args);
  expect(code).toBe(1);
  return error;
};
/** Drafts and submits; answers the proposal's number. */
const propose = async (by: number, ...args: readonly string[]): Promise<string> => {
  const file = home.path("proposal.json");
  await proposal("draft", "--description", "A test of the members", "--out", file, ...args);
  const told = await proposal("submit", file, "--account", member(by));
  await dao.pass(1_000);
  return /^proposal (\d+) on track/.exec(told)![1]!;
};
const vote = (by: number, number: string, side: string) =>
  proposal("vote", number, "--own", side, "--account", member(by));
const executed = (number: string) => proposal("execute", number, "--account", anyone());

/** Bit of IRB. */
const ETHICS_APPROVAL = 1 << 8;

/** The contributor of the first dataset changes what it consents to. */
const consentTo = async (terms: Partial<Terms>) => {
  const { consents } = dao.contracts;
  const dataset = dao.datasets[0]!;
  const present = (await consents.query("dataset", { dataset }))!;
  const amended = { dataset, terms: { ...present.terms!, ...terms }, price: present.price, expiresAt: null };
  await consents.execute("amend", amended, dao.contributor);
};

beforeAll(async () => {
  dao = await daoOnChain();
  server = await dao.serve();
  home = commandHome(server.url, dao.contracts.deployment);
  // One contributor consents to less than the policy admits.
  await consentTo({ permission: "HealthMedicalBiomedical", modifiers: ETHICS_APPROVAL });
}, 600_000);
afterAll(async () => {
  home?.remove();
  await server?.close();
  await dao?.close();
});

describe("policy changes", () => {
  test("a narrowing is drafted in DUO terms, explained, and passes without a vote", async () => {
    const number = await propose(
      0,
      ...["--collection", "1", "--permission", "HMB", "--add", "NPUNCU", "IRB", "--months", "24"],
    );
    const shown = await proposal("show", number);
    for (const line of [
      "Track Narrow, a narrowing as the contract computed it",
      "- DUO:0000042 GRU, general research use",
      "+ DUO:0000006 HMB, health or medical or biomedical research",
      "+ DUO:0000018 NPUNCU, not for profit, non commercial use only",
      "+ DUO:0000021 IRB, ethics approval required",
      "+ DUO:0000025 TS, time limit on use: The data may be kept for 24 months.",
      "Datasets affected: 2 with a standing consent, of 2 registered",
      "general research: would be refused",
      "health, medical or biomedical research: stays admitted; no consent refuses it",
      "objection 20 % of all voice against it: 0 % now, not reached, 20 voice is missing: it passes",
    ])
      expect(shown).toContain(line);
    await pass(2 * DAY);
    expect(await proposal("show", number)).toContain("is decided and waits for its delay or its execution");
    await executed(number);
    const policy = await dao.contracts.policies.query("policy", { collection: 1 });
    expect(policy?.terms).toMatchObject({ permission: "HealthMedicalBiomedical", months: 24 });
    // What was executed is still explained by what stood before it.
    expect(await proposal("show", number)).toContain("- DUO:0000042 GRU, general research use");
  }, 300_000);

  test("a widening tells which consents would still refuse, is voted, queued and executed", async () => {
    const number = await propose(
      1,
      ...[
        "--collection",
        "1",
        "--permission",
        "DUO:0000042",
        "--remove",
        "NPUNCU",
        "IRB",
        "--months",
        "none",
      ],
    );
    const shown = await proposal("show", number);
    for (const line of [
      "Track Widen, a widening as the contract computed it",
      "+ DUO:0000042 GRU, general research use",
      "- DUO:0000018 NPUNCU",
      "general research: WOULD BE ADMITTED; 1 of 2 consents would still refuse it",
      "1: the permission does not admit this kind of purpose",
      "health research for commercial use: WOULD BE ADMITTED; no consent refuses it",
      "1 of 2 consents go on asking DUO:0000021 IRB, ethics approval required",
      "approval 66.67 % of for and against: no votes yet, 1 voice is missing",
      "support 20 % of all voice for it: 0 % now, 20 voice is missing",
    ])
      expect(shown).toContain(line);
    await vote(1, number, "for");
    await vote(2, number, "against");
    expect(await proposal("show", number)).toContain(
      "approval 66.67 % of for and against: 57.14 % now, 11 voice is missing",
    );
    await vote(0, number, "for=90,abstain=10");
    const told = await proposal("show", number);
    expect(told).toContain("for 65, against 15, abstain 5, of 100 voice");
    expect(told).toContain("approval 66.67 % of for and against: 81.25 % now, reached");
    await pass(7 * DAY);
    expect(await refused("proposal", "queue", number, "--account", anyone())).toMatch(/must hold/);
    await pass(DAY);
    await proposal("queue", number, "--account", anyone());
    expect(await refused("proposal", "execute", number, "--account", anyone())).toMatch(
      /The delay is not over[\s\S]*--wait/,
    );
    expect(await proposal("show", number)).toMatch(/anyone can execute it from .* in 7 days/);
    await pass(7 * DAY);
    await executed(number);
    expect(await proposal("list")).toMatch(
      new RegExp(`${number}  Executed    Widen       for 65, against 15, abstain 5 of 100`),
    );
  }, 300_000);

  test("a widening is never drafted on the narrow track by its label", async () => {
    await proposal(
      "draft",
      ...["-d", "Not so narrow", "--collection", "1", "--permission", "NRES", "--track", "Narrow"],
      ...["--out", home.path("labelled.json")],
    );
    expect(await refused("proposal", "submit", home.path("labelled.json"), "--account", member(0))).toMatch(
      /Action 1 cannot be decided on this track[\s\S]*goes by Widen/,
    );
  }, 120_000);

  test("a draft is refused once the policy has changed, and when it was edited", async () => {
    await proposal(
      "draft",
      ...["-d", "Shorter", "--collection", "1", "--months", "12", "--out", home.path("proposal.json")],
    );
    const file = JSON.parse(home.read("proposal.json"));
    home.write(
      "edited.json",
      JSON.stringify({ ...file, intents: [{ do: "close-collection", collection: 1 }] }),
    );
    expect(await refused("proposal", "submit", home.path("edited.json"), "--account", member(0))).toMatch(
      /The draft is not what it was[\s\S]*Draft it again/,
    );
  }, 120_000);

  test("the proposer of a narrowing takes it back; nobody else", async () => {
    const number = await propose(2, "--collection", "1", "--verifiers", "3");
    expect(await refused("proposal", "cancel", number, "--account", member(1))).toMatch(/may not cancel/);
    await proposal("cancel", number, "--account", member(2));
    expect(await proposal("show", number)).toContain(`Proposal ${number} was cancelled.`);
  }, 120_000);

  test("guardians cancel a widening with their signatures, not with one alone", async () => {
    const number = await propose(3, "--collection", "1", "--permission", "NRES");
    const cancel = ["proposal", "cancel", number, "--account", anyone(), "--guardian"];
    expect(await refused(...cancel, guardian(0))).toMatch(/Fewer guardians signed than their quorum/);
    await home.succeed(...cancel, guardian(0), guardian(1));
    expect(await dao.state(Number(number))).toBe("Cancelled");
  }, 120_000);
});

describe("voice", () => {
  test("a delegate votes under a mandate, the owner overrides, the mandate is listed and cleared", async () => {
    const until = monthText(
      (new Date(await dao.now()).getUTCFullYear() - 1970) * 12 + new Date(await dao.now()).getUTCMonth() + 3,
    );
    const [owner, trusted] = [dao.members[0]!.address, dao.members[4]!.address];
    await home.succeed(
      ...["delegate", "set", `${trusted}=50`, "--until", until, "--narrow-only", "--account", member(0)],
    );
    const listed = await home.succeed("delegate", "list", owner);
    expect(listed).toContain(`${owner} has 50 of 100 voice.`);
    expect(listed).toContain(`${trusted}  50 %  until ${until}, narrowing only`);
    const number = await propose(1, "--collection", "1", "--permission", "NRES");
    await proposal("vote", number, ...["--own", "for", "--delegated", "for", "--account", member(4)]);
    // 5 of its own; 25 delegated for narrowing only abstain in a widening.
    expect(await proposal("show", number)).toContain("for 5, against 0, abstain 25, of 100 voice");
    await vote(0, number, "against");
    expect(await proposal("show", number)).toContain("for 5, against 50, abstain 0, of 100 voice");
    await home.succeed("delegate", "clear", "--account", member(0));
    expect(await home.succeed("delegate", "list", "--account", member(0))).toContain("It delegates nothing.");
    await pass(8 * DAY);
    expect(await proposal("show", number)).toContain("was defeated");
    await proposal("settle", number, "--account", anyone());
  }, 300_000);

  test("a ballot that its voter signed is handed in by anyone, once; a newer vote stays", async () => {
    const number = await propose(2, ...["--pay", dao.stranger.address, "--tokens", "1.5"]);
    expect(await proposal("show", number)).toMatch(/Pays 1\.5 tokens to \S+; the treasury holds \d+/);
    const ballot = home.path("ballot.json");
    await proposal(
      "sign",
      number,
      ...["--own", "for", "-r", "because", "-o", ballot, "--account", member(1)],
    );
    const handIn = ["proposal", "vote", number, "--signed", ballot, "--account", anyone()];
    await home.succeed(...handIn);
    expect(await proposal("show", number)).toContain("for 20, against 0, abstain 0");
    expect(await refused(...handIn)).toMatch(/not the voter's next one, 1/);
    await vote(1, number, "against");
    expect(await refused(...handIn)).toMatch(/newer vote was counted/);
    await pass(9 * DAY);
  }, 300_000);

  test("voice is minted by vote, and whoever holds it from then on can vote", async () => {
    const newcomer = dao.buyer.address;
    const number = await propose(3, "--mint", newcomer, "--voice", "20");
    expect(await proposal("show", number)).toContain(`Calls voice.mint(to ${newcomer}, amount 20)`);
    for (const by of [0, 1]) await vote(by, number, "for");
    await pass(8 * DAY);
    await proposal("queue", number, "--account", anyone());
    await pass(2 * DAY);
    await executed(number);
    expect(await home.succeed("delegate", "list", newcomer)).toContain("has 20 of 120 voice.");
  }, 300_000);

  test("an account with a live order is recused", async () => {
    await consentTo({ permission: "GeneralResearch", modifiers: 0 });
    await delivered(dao, [0, 1]);
    const number = await propose(2, "--collection", "1", "--permission", "NRES");
    const buyer = dao.buyer.address;
    const account = home.write("buyer", "//Alice//buyer\n");
    expect(await refused("proposal", "vote", number, "--own", "for", "--account", account)).toMatch(
      /live order in this collection, so it has no vote/,
    );
    await proposal("recuse", number, buyer, "--account", anyone());
    expect(
      (await dao.contracts.governor.query("seat", { proposal: Number(number), account: buyer })).struck,
    ).toBe(true);
    expect(await refused("proposal", "recuse", number, dao.stranger.address, "--account", anyone())).toMatch(
      /no live order/,
    );
    await pass(8 * DAY);
  }, 300_000);
});

describe("what the command says of mistakes", () => {
  test.each([
    [["proposal", "show", "999"], /There is no proposal 999[\s\S]*Their numbers are 1 to/],
    [["proposal", "show", "zero"], /It is the number of a proposal/],
    [["proposal", "vote", "1", "--account", "nobody/1", "--own", "for"], /has no secret here/],
    [["proposal", "draft", "-d", "x", "--collection", "1", "--add", "XYZ"], /XYZ is no modifier of DUO/],
    [["proposal", "draft", "-d", "x", "--collection", "77", "--add", "IRB"], /There is no collection 77/],
    [["proposal", "draft", "-d", "x"], /Nothing is to be decided/],
    [
      ["proposal", "vote", "1", "--own", "for=60,against=30", "--account", "x"],
      /parts of the ballot are no whole/,
    ],
    [["delegate", "set", "5x=50", "--until", "2030-13", "--account", "x"], /2030-13 is no month/],
  ])(
    "%j",
    async (args, message) => {
      expect(await refused(...args)).toMatch(message);
    },
    60_000,
  );

  test("every command has --help", async () => {
    for (const words of [["proposal"], ["delegate"], ["proposal", "vote"], ["proposal", "draft"]])
      expect(await home.succeed(...words, "--help")).toContain("Usage: keystrand");
  }, 60_000);

  test("as a process of its own it ends with 0 or 1, and says on standard error why", async () => {
    const listed = await home.spawned("proposal", "list", "--limit", "1");
    expect([listed.code, listed.error]).toEqual([0, ""]);
    expect(listed.out).toMatch(/^ +\d+ {2}Defeated {2,}Widen {2,}for /);
    const unknown = await home.spawned("proposal", "show", "999");
    expect([unknown.code, unknown.out]).toEqual([1, ""]);
    expect(unknown.error).toMatch(/There is no proposal 999/);
  }, 120_000);
});

test("what nobody executes in time is ended by anyone", async () => {
  const number = await propose(4, ...["--pay", dao.stranger.address, "--tokens", "1"]);
  for (const by of [0, 1]) await vote(by, number, "for");
  // Support falls with time on this track: what passes at once has held after a day.
  await pass(DAY);
  await proposal("queue", number, "--account", anyone());
  await pass(5 * DAY + HOUR);
  expect(await proposal("show", number)).toContain("was decided, but not queued or executed in time");
  await proposal("settle", number, "--account", anyone());
  expect((await dao.contracts.governor.query("proposal", { proposal: Number(number) }))?.deposit).toBe(0n);
}, 300_000);
