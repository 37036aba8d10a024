/** A DAO on the embedded chain: every contract handed over to the governor, with the design's own periods. */
import { fromHex, toHex, utf8 } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import { type Abi, type ContractRefusal, SS58_PREFIX, voiceAbi } from "@keystrand/sdk/contracts";
import { DEVELOPMENT_GOVERNANCE, type DeployConfig, handOver, TOKEN } from "@keystrand/sdk/deploy";
import type { Action, Ballot, Parts, Track, TrackId } from "@keystrand/sdk/generated/governor";
import type { Policy } from "@keystrand/sdk/generated/policies";
import type { KeyringPair } from "@polkadot/keyring/types";
import { sortAddresses } from "@polkadot/util-crypto";
import { type ContractsOnChain, contractsOn, contractsOnChain, type TestChain } from "./chain.fixture.ts";
import { type Market, marketOn } from "./orders.fixture.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** How long the design's day and hour are: a real node's time cannot be moved. */
export interface Units {
  readonly day: number;
  /** Long enough for a signature to be handed in. */
  readonly hour: number;
}
const REAL: Units = { day: DAY, hour: HOUR };

export const DEPOSIT = TOKEN;
/** CIDv1 of nothing in particular: the governor keeps its bytes only. */
export const DESCRIPTION = `0x01551220${"ab".repeat(32)}` as const;

export const FAVOUR: Parts = { favour: 10_000, against: 0, abstain: 0 };
export const AGAINST: Parts = { favour: 0, against: 10_000, abstain: 0 };
export const own = (parts: Parts): Ballot => ({ own: parts, delegated: null });
export const both = (parts: Parts): Ballot => ({ own: parts, delegated: parts });

const track = (
  passing: Track["passing"],
  decision: number,
  confirm: number,
  delay: number,
  threshold = 100,
): Track => ({
  passing,
  decision: BigInt(decision),
  confirm: BigInt(confirm),
  delay: BigInt(delay),
  grace: 3n,
  threshold,
  deposit: DEPOSIT,
});
/** Days as a chain under test has them. */
const lasting = ({ decision, confirm, delay, grace, ...rest }: Track, { day }: Units): Track => {
  const [long, firm, late, open] = [decision, confirm, delay, grace].map((days) => days * BigInt(day));
  return { ...rest, decision: long!, confirm: firm!, delay: late!, grace: open! };
};
const ratio = (approval: number, supportFrom: number, supportTo = supportFrom): Track["passing"] => ({
  type: "Ratio",
  value: { approval, supportFrom, supportTo },
});

/** The table of the design, in days. */
const TRACKS: readonly Track[] = [
  track({ type: "Optimistic", value: { objection: 2_000 } }, 2, 0, 0, 200),
  track(ratio(6_667, 2_000), 7, 1, 7),
  track(ratio(5_000, 2_000, 500), 7, 1, 2),
  track(ratio(6_000, 1_000), 7, 1, 2),
  track(ratio(6_667, 2_000), 7, 1, 4),
  track(ratio(7_500, 3_000), 14, 2, 14),
  { ...track(ratio(6_000, 1_000), 14, 0, 0), deposit: 0n },
];

export type Dao = DaoMembers & ContractsOnChain;

/** A DAO on whatever chain. */
export interface DaoMembers extends Market {
  readonly units: Units;
  /** Founding members with 50, 20, 15, 10 and 5 of 100 voice. */
  readonly members: readonly KeyringPair[];
  /** Two of them must sign. */
  readonly guardians: readonly KeyringPair[];
  /** The block's time, ms. */
  readonly now: () => Promise<number>;
  /** A block at this time. */
  readonly at: (time: number) => Promise<void>;
  readonly propose: (member: number, track: TrackId, actions: readonly Action[]) => Promise<number>;
  readonly vote: (member: number, proposal: number, ballot: Ballot, reason?: string) => Promise<bigint>;
  readonly tally: (proposal: number) => Promise<readonly bigint[]>;
  readonly state: (proposal: number) => Promise<string>;
  /** All members for it; passes time until it is queued where the track has a delay. */
  readonly decide: (proposal: number) => Promise<void>;
  /** Decides, waits and executes. */
  readonly enact: (proposal: number) => Promise<void>;
}

const VOICES = [50n, 20n, 15n, 10n, 5n];

/** Everything deployed and handed over; one collection with its policy, and a market of two datasets. */
export const daoOnChain = async (): Promise<Dao> => {
  const config = await daoConfig(REAL);
  const chain = await contractsOnChain(config);
  return { ...chain, ...(await daoOn(chain, REAL)) };
};

/** The same on a chain that runs, with other days. */
export const daoOnNode = async (chain: TestChain, units: Units): Promise<DaoMembers> =>
  daoOn(await contractsOn(chain, await daoConfig(units)), units);

const peopleOf = async () => {
  const pairs = (name: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => accountFrom(`//Dao//${name}//${index}`)));
  return { members: await pairs("member", 5), guardians: await pairs("guardian", 3) };
};

/** The design for these units, with the test's people. */
export const daoConfig = async (units: Units): Promise<Partial<DeployConfig>> => {
  const { members, guardians } = await peopleOf();
  return {
    founders: members.map(({ address }, index) => [address, VOICES[index]!] as const),
    governance: {
      ...DEVELOPMENT_GOVERNANCE,
      tracks: TRACKS.map((one) => lasting(one, units)),
      settings: {
        narrowInterval: BigInt(7 * units.day),
        guardianTerm: BigInt(365 * units.day),
        emergencyRest: BigInt(14 * units.day),
      },
      guardians: sortAddresses(
        guardians.map(({ address }) => address),
        SS58_PREFIX,
      ),
      guardianQuorum: 2,
    },
  };
};

const daoOn = async (chain: Omit<ContractsOnChain, "node" | "serve">, units: Units): Promise<DaoMembers> => {
  const { members, guardians } = await peopleOf();
  const market = await marketOn(chain, 2);
  const { contracts, governor: deployer } = market;
  await fund(
    contracts.api,
    deployer,
    [...members.map(({ address }) => address), contracts.governor.address],
    1_000n * TOKEN,
  );
  await handOver(contracts, deployer, contracts.governor.address);

  const now = async () => Number((await contracts.api.query.timestamp!.now!()).toString());
  const at = async (time: number) => market.pass(Math.max(0, time - (await now())));
  const head = async (proposal: number) => (await contracts.governor.query("proposal", { proposal }))!;
  const dao: DaoMembers = {
    ...market,
    units,
    members,
    guardians,
    now,
    at,
    propose: async (member, id, actions) => {
      const { returned } = await contracts.governor.execute(
        "propose",
        { track: id, actions, description: DESCRIPTION },
        members[member]!,
        { value: DEPOSIT },
      );
      // Voice of the proposal's own block can be read from the next block on.
      await market.pass(1_000);
      return returned;
    },
    vote: async (member, proposal, ballot, reason = "") => {
      const args = { proposal, ballot, reason: toHex(utf8(reason)) };
      const caller = members[member]!.address;
      const { gasRequired } = await contracts.governor.dryRun("vote", args, { caller });
      await contracts.governor.execute("vote", args, members[member]!);
      return gasRequired.refTime;
    },
    tally: async (proposal) => {
      const { favour, against, abstain } = (await head(proposal)).tally;
      return [favour, against, abstain];
    },
    state: (proposal) => contracts.governor.query("state", { proposal }),
    decide: async (proposal) => {
      for (const member of members.keys()) await dao.vote(member, proposal, own(FAVOUR));
      const { timeline, terms } = await head(proposal);
      const standing = await contracts.governor.query("standing", { proposal });
      const since = standing.type === "Confirming" ? standing.value.since : timeline.closes;
      await at(Number(since + terms.confirm));
      if (terms.delay > 0n) await contracts.governor.execute("queue", { proposal }, members[4]!);
    },
    enact: async (proposal) => {
      await dao.decide(proposal);
      const { stage } = await head(proposal);
      if (stage.type === "Queued") await at(Number(stage.value.from));
      await contracts.governor.execute("execute", { proposal }, members[4]!);
    },
  };
  return dao;
};

/** A call of another contract's message, as an action. */
export const call = (abi: Abi, callee: string, label: string, args: Record<string, unknown>): Action => {
  const input = abi.message(label).encode(args);
  return {
    type: "Call",
    value: {
      callee,
      selector: toHex(input.subarray(0, 4)),
      input: toHex(input.subarray(4)),
      value: 0n,
      refTime: 0n,
      proofSize: 0n,
      deposit: null,
    },
  };
};

export const mint = (dao: DaoMembers, to: string, amount: bigint): Action =>
  call(voiceAbi, dao.contracts.voice.address, "mint", { to, amount });

export const policyChange = (collection: number, policy: Policy): Action => ({
  type: "Policy",
  value: { type: "Set", value: { collection, policy } },
});

export const payment = (to: string, amount: bigint): Action => ({
  type: "Governor",
  value: { type: "Payment", value: { to, amount } },
});

/** The name of the refusal that a call ends with. */
export const refusal = async (sent: Promise<unknown>): Promise<string> => {
  try {
    await sent;
  } catch (error) {
    const told = (error as ContractRefusal).refusal as
      | { type?: string; value?: unknown }
      | string
      | undefined;
    if (told === undefined) throw error;
    if (typeof told === "string") return told;
    const value = told.value as { type?: string } | string | null;
    return typeof value === "string" ? `${told.type} ${value}` : (told.type ?? "");
  }
  return "nothing refused";
};

export const genesisOf = (dao: DaoMembers) => fromHex(dao.contracts.deployment.genesis);
