/** The governor executes calls of contracts that misbehave: it is all or nothing, and its money and state stay. */
import { toHex } from "@keystrand/sdk/bytes";
import { governorAbi } from "@keystrand/sdk/contracts";
import type { Action } from "@keystrand/sdk/generated/governor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dao, DEPOSIT, daoOnChain } from "./dao.fixture.ts";
import {
  BURNING,
  CODES,
  CONTENT,
  type Conduct,
  calling,
  GARBAGE,
  hostile,
  REVERTING,
  TRAPPING,
} from "./hostile.fixture.ts";
import { send } from "./races.fixture.ts";

let dao: Dao;
beforeAll(async () => {
  dao = await daoOnChain();
}, 600_000);
afterAll(() => dao?.close());

/** What one action may use, of a block's 1.5 s. */
const BOUND = 20_000_000_000n;

const called = (callee: string, selector = "0x01020304", input = "0x"): Action => ({
  type: "Call",
  value: {
    callee,
    selector,
    input,
    value: 0n,
    refTime: BOUND,
    proofSize: 500_000n,
    deposit: null,
  },
});

/** Two calls, of which the first changes how a witness behaves: decided, and its delay waited for. */
const decided = async (proposer: number, conduct: (proposal: number) => Conduct) => {
  const { contracts } = dao;
  const callee = await hostile(contracts.api, dao.governor, REVERTING);
  const witness = await hostile(contracts.api, dao.governor, CONTENT);
  const actions = [called(witness.address, "0xdeadbeef", toHex(TRAPPING)), called(callee.address)];
  const proposal = await dao.propose(proposer, "Code", actions);
  await dao.decide(proposal);
  const { stage } = (await contracts.governor.query("proposal", { proposal }))!;
  if (stage.type !== "Queued") throw new Error(`Not queued: ${stage.type}`);
  await dao.at(Number(stage.value.from));
  await callee.become(conduct(proposal));
  return { proposal, callee, witness };
};

const books = async () => ({
  held: await dao.contracts.governor.query("held", {}),
  treasury: await dao.contracts.governor.query("treasury", {}),
});

const executing = (proposal: number) => send(dao.contracts.governor, "execute", { proposal }, dao.stranger);

test.each<readonly [string, number, (proposal: number) => Conduct]>([
  ["reverts", 0, () => REVERTING],
  ["traps", 1, () => TRAPPING],
  ["burns all the gas that it is given", 2, () => BURNING],
  [
    "re-enters the governor with the same proposal",
    3,
    (proposal) => calling(governorAbi.message("execute").encode({ proposal })),
  ],
])(
  "a callee that %s fails the whole proposal: what came before it is undone",
  async (_, proposer, conduct) => {
    const { proposal, callee } = await decided(proposer, conduct);
    const before = await books();
    const head = dao.node.chain.best.hash;
    expect(await executing(proposal).refusal(head)).toBe("ActionFailed");
    expect(await dao.state(proposal)).toBe("Queued");
    expect(await books()).toEqual(before);
    expect(await callee.results()).toEqual([]);
  },
);

test("a callee that answers garbage has done its part: answers are not read", async () => {
  const { proposal, witness } = await decided(4, () => GARBAGE);
  await dao.contracts.governor.execute("execute", { proposal }, dao.stranger);
  expect(await dao.state(proposal)).toBe("Executed");
  await expect(witness.provoke()).rejects.toMatchObject({ reason: "contracts.ContractTrapped" });
});

test("a contract that settles a deposit twice in one transaction: it goes home once, to the proposer", async () => {
  const { contracts } = dao;
  // The first proposal failed and its grace is over by now.
  const proposal = 1;
  const thief = await hostile(contracts.api, dao.governor, CONTENT);
  const before = await books();
  await thief.become(
    calling(governorAbi.message("settleDeposit").encode({ proposal }), contracts.governor.address),
  );
  await thief.provoke();
  expect(await thief.results()).toEqual([CODES.success, CODES.reverted]);
  expect(before.held - (await books()).held).toBe(DEPOSIT);
  expect((await books()).treasury).toBe(before.treasury);
});
