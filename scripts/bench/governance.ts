/**
 * `npm run bench:governance`: what ballots cost by the chain's own weights, beside a small all-or-nothing governor, and
 * how that grows with voters and with an account's history. The numbers do not depend on this machine.
 */
import { parseArgs } from "node:util";
import { accountFrom, chainTime, fund } from "@keystrand/sdk/chain";
import { DEVELOPMENT_GOVERNANCE, TOKEN } from "@keystrand/sdk/deploy";
import type { Ballot } from "@keystrand/sdk/generated/governor";
import { castBallot, delegate, monthOf, ownBallot, propose, SIDES } from "@keystrand/sdk/governance";
import { contractsOnChain } from "../../test/contracts/chain.fixture.ts";
import { mintAction } from "./governance/actions.ts";
import { baselineOn, type Taken } from "./governance/baseline.ts";
import { ratio, table } from "./table.ts";

const HELP = `npm run bench:governance [-- --voters N] [-- --history N]

Weight, proof and deposit of proposing and voting on the embedded chain. About a minute.

  --voters N   ballots that are cast before the crowded one is measured (default 40, at least 2)
  --history N  changes of its delegates that an account makes before its long history is measured (default 64)`;

const { values } = parseArgs({
  options: {
    voters: { type: "string", default: "40" },
    history: { type: "string", default: "64" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [voters, history] = [Number(values.voters), Number(values.history)];
if (!(voters >= 2 && voters <= 120) || !(history >= 1)) {
  console.error("Voters are 2 to 120 and the history is 1 or more; --help says what they mean.");
  process.exit(1);
}

const people = await Promise.all(
  Array.from({ length: voters + 6 }, (_, index) => accountFrom(`//Bench//${index}`)),
);
const [proposer, early, late, lonely, ...crowd] = people;
const founders = people.map(({ address }) => [address, 1_000n] as const);
const chain = await contractsOnChain({
  founders,
  governance: {
    ...DEVELOPMENT_GOVERNANCE,
    tracks: DEVELOPMENT_GOVERNANCE.tracks.map((track) => ({ ...track, decision: 7n * 86_400_000n })),
  },
});
try {
  const { contracts, governor: deployer } = chain;
  const { governor, voice } = contracts;
  await fund(
    contracts.api,
    deployer,
    people.map(({ address }) => address),
    1_000n * TOKEN,
  );
  const baseline = await baselineOn(contracts.api, deployer, founders);

  const estimate = async (
    proposal: number,
    ballot: Ballot,
    voter: { readonly address: string },
  ): Promise<Taken> => {
    const args = { proposal, ballot, reason: "0x" };
    const { gasRequired, deposit } = await governor.dryRun("vote", args, { caller: voter.address });
    return { ...gasRequired, deposit };
  };
  const action = mintAction(voice.address, people[0]!.address, 1n);
  const proposed = await governor.dryRun(
    "propose",
    { track: "Members", actions: [action], description: `0x01551220${"ab".repeat(32)}` },
    { caller: proposer!.address, value: TOKEN },
  );
  const { returned: proposal } = await propose(
    contracts,
    "Members",
    [action],
    `0x01551220${"ab".repeat(32)}`,
    proposer!,
  );
  const baselinePropose = await baseline.propose(proposer!);
  await chain.pass(1_000);

  const alone = await estimate(proposal, ownBallot("for"), early!);
  const baselineAlone = await baseline.estimate(early!, 1);
  for (const voter of crowd) {
    await castBallot(contracts, proposal, ownBallot("for"), voter);
    await baseline.vote(voter, 1);
  }
  const crowded = await estimate(proposal, ownBallot("for"), late!);
  const baselineCrowded = await baseline.estimate(late!, 1);
  const replaced = await estimate(proposal, ownBallot("against"), crowd[0]!);

  // A second proposal, after the delegations: four delegates, and one account with a long history.
  const ends = monthOf(await chainTime(contracts)) + 6;
  const to = (index: number, share: number) => ({
    delegate: crowd[index]!.address,
    share,
    narrowOnly: index % 2 === 1,
    ends,
  });
  await delegate(
    contracts,
    null,
    [0, 1, 2, 3].map((index) => to(index + 2, 2_500)),
    early!,
  );
  const young = crowd[1]!;
  await delegate(contracts, null, [to(0, 1_000)], young);
  for (let change = 0; change < history; change++)
    await delegate(contracts, null, [to(0, 1_000 + change)], lonely!);
  const { returned: second } = await propose(
    contracts,
    "Members",
    [action],
    `0x01551220${"cd".repeat(32)}`,
    late!,
  );
  await chain.pass(1_000);
  const delegated = await estimate(second, { own: null, delegated: SIDES.for }, crowd[0]!);
  const overriding = await estimate(second, ownBallot("for"), early!);
  const shortHistory = await estimate(second, ownBallot("for"), young);
  const longHistory = await estimate(second, ownBallot("for"), lonely!);

  const row = (what: string, { refTime, proofSize, deposit }: Taken, beside?: Taken) => [
    what,
    Number(refTime) / 1e9,
    beside && Number(beside.refTime) / 1e9,
    ratio(Number(refTime), beside && Number(beside.refTime)),
    Number(proofSize) / 1e3,
    beside && Number(beside.proofSize) / 1e3,
    Number(deposit) / Number(TOKEN),
    beside && Number(beside.deposit) / Number(TOKEN),
  ];
  const whole = { ...proposed.gasRequired, deposit: proposed.deposit };
  console.log(
    table(
      ["message", "ms", "baseline ms", "ratio", "proof kB", "baseline kB", "deposit", "baseline deposit"],
      [
        row("propose a call", whole, baselinePropose),
        row("ballot, the first", alone, baselineAlone),
        row(`ballot after ${crowd.length} others`, crowded, baselineCrowded),
        row("ballot in place of another", replaced),
        row("delegate's ballot", delegated),
        row("owner's ballot over 4 delegates", overriding),
        row("owner's ballot over 1 delegate, set once", shortHistory),
        row(`the same, set ${history} times`, longHistory),
      ],
    ),
  );
} finally {
  await chain.close();
}
