/** Performs a history that the rules' model wrote, call by call, and holds the contracts to what it expects. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { concatBytes, fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, chainTime, fund, TransactionError } from "@keystrand/sdk/chain";
import { attestationsAbi, type Contracts, contractsOf, instantiate } from "@keystrand/sdk/contracts";
import { designRoutes, developmentPolicy, TOKEN } from "@keystrand/sdk/deploy";
import type { Action, Ballot, Parts, TrackId } from "@keystrand/sdk/generated/governor";
import type { Policy } from "@keystrand/sdk/generated/policies";
import { monthOf } from "@keystrand/sdk/governance";
import { ballotMessage, blake2b256 } from "@keystrand/sdk/signing";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { bundle, contractsOn, type TestChain } from "./chain.fixture.ts";
import { call, DAY, DEPOSIT, daoConfig, HOUR, payment, policyChange } from "./dao.fixture.ts";
import { answering, hostile } from "./hostile.fixture.ts";

const parts = z.tuple([z.number(), z.number(), z.number()]).nullable();
const amount = z.string().transform(BigInt);
const expected = z.object({
  proposals: z.array(z.tuple([z.number(), z.string(), amount, amount, amount])),
  /** Proposal, account, and both sides of its ballot: voice, delegated freely, delegated for narrowing. */
  sides: z.tuple([z.number(), z.number(), amount, amount, amount]).nullable(),
});
const base = { now: z.number(), ok: z.boolean(), expected };
const track = z.enum(["Narrow", "Widen", "Treasury", "Members"]);
const stepSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("voice"), who: z.number(), amount, ...base }),
  z.object({
    do: z.literal("delegate"),
    by: z.number(),
    track: track.nullable(),
    /** Delegate, share, for narrowing only, months from now. */
    list: z.array(z.tuple([z.number(), z.number(), z.boolean(), z.number()])),
    ...base,
  }),
  z.object({
    do: z.literal("propose"),
    by: z.number(),
    track,
    collection: z.number(),
    quorum: z.number(),
    ...base,
  }),
  z.object({
    do: z.literal("vote"),
    id: z.number(),
    by: z.number(),
    own: parts,
    delegated: parts,
    conflicted: z.boolean(),
    /** Number, and whether its deadline is over. */
    signed: z.tuple([z.number(), z.boolean()]).nullable(),
    ...base,
  }),
  z.object({ do: z.literal("recuse"), id: z.number(), who: z.number(), conflicted: z.boolean(), ...base }),
  z.object({ do: z.literal("queue"), id: z.number(), ...base }),
  z.object({ do: z.literal("execute"), id: z.number(), ...base }),
  z.object({ do: z.literal("cancel"), id: z.number(), by: z.number(), ...base }),
  z.object({ do: z.literal("expire"), id: z.number(), ...base }),
  z.object({ do: z.literal("settle_deposit"), id: z.number(), ...base }),
]);
type Step = z.infer<typeof stepSchema>;
const headSchema = z.object({ voices: z.array(amount), timed: z.boolean(), start: z.number() });

export interface GovernanceHistory {
  readonly voices: readonly bigint[];
  /** Time before the first step, ms. */
  readonly start: number;
  readonly steps: readonly Step[];
}

/** Reads a history of test/fixtures; contracts-ink/commons/tests/governance/history.rs says how one is written. */
export const readHistory = (name: string, most: number): GovernanceHistory => {
  const file = new URL(`../fixtures/${name}.jsonl.gz`, import.meta.url);
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  const steps = lines.slice(0, most).map((line) => stepSchema.parse(JSON.parse(line)));
  return { ...headSchema.parse(JSON.parse(head!)), steps };
};

type Extrinsic = SubmittableExtrinsic<"promise">;

/** A chain that can be given calls one by one. */
interface CallByCall extends TestChain {
  /** Whether its clock goes where it is told. */
  readonly moves: boolean;
  /**
   * Makes the calls, in their order, at the step's time where the chain's clock can be moved. Answers whether the last
   * one succeeded, and throws when it failed otherwise than by the contract's own refusal.
   */
  readonly send: (calls: readonly (readonly [Extrinsic, KeyringPair])[], time: number) => Promise<boolean>;
}

/** Ends the setting up; from then on there are only the calls of the history. */
export interface HistoryChain extends CallByCall {
  readonly ready: () => void;
}

const GAS = { refTime: 200_000_000_000n, proofSize: 2_000_000n };
const ACCOUNTS = 9;
/** Refuses to be anything but an answer to `live_orders`. */
const liveOrders = (count: number) => answering(0, count, 0, 0, 0);
const BECOME = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

const partsOf = (given: z.infer<typeof parts>): Parts | null =>
  given && { favour: given[0], against: given[1], abstain: given[2] };

/** The call was refused by the contract: nothing else than a revert. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof TransactionError && error.reason === "contracts.ContractReverted";

export interface Replay {
  /** Performs one step. */
  step(step: Step): Promise<{ readonly accepted: boolean }>;
  /** What the contracts hold of what the step expects; `all` for every proposal that it names. */
  found(step: Step, all: boolean): Promise<z.infer<typeof expected>>;
}

/** A governor whose escrow answers as it is told, voice that Alice mints, and two collections. */
export const replayOn = async (chain: HistoryChain, history: GovernanceHistory): Promise<Replay> => {
  const accounts = await Promise.all(
    Array.from({ length: ACCOUNTS + 1 }, (_, index) => accountFrom(`//Replay//${index}`)),
  );
  const account = (number: number) => accounts[number]!;
  const anyone = account(0);
  const units = { day: DAY, hour: HOUR };
  const config = await daoConfig(units);
  const deployed = await contractsOn(chain, {
    ...config,
    founders: history.voices.map((voice, index) => [account(index + 1).address, voice] as const),
  });
  const { api } = chain;
  const alice = deployed.governor;
  const escrow = await hostile(api, alice, liveOrders(0));
  const address = (name: string) => deployed.contracts.deployment.contracts[name]!.address;
  const neighbours = {
    voice: address("voice"),
    policies: address("policies"),
    escrow: escrow.address,
    identity: address("identity"),
    attestations: address("attestations"),
  };
  const genesis = api.genesisHash.toHex();
  const args = { genesis, neighbours, ...config.governance!, routes: designRoutes(address) };
  const made = await instantiate(api, bundle("governor"), "new", args, alice, new Uint8Array([77]));
  const { deployment } = deployed.contracts;
  const contracts: Contracts = contractsOf(api, {
    ...deployment,
    contracts: {
      ...deployment.contracts,
      governor: { ...deployment.contracts["governor"]!, address: made.address },
    },
  });
  const policy: Policy = developmentPolicy({
    measurement: `0x${"11".repeat(32)}`,
    arbitrator: alice.address,
    treasury: alice.address,
    committee: [alice.address],
  });
  for (let collection = 1; collection <= 2; collection++)
    await contracts.policies.execute("open", { policy, disease: null }, alice);
  const governor = made.address;
  await contracts.policies.execute("handOver", { governor }, alice);
  await contracts.attestations.execute("handOver", { governor }, alice);
  await fund(api, alice, [...accounts.map((one) => one.address), governor], 100_000n * TOKEN);
  chain.ready();

  let live = 0;
  let proposed = 0;
  const calling = (
    contract: { address: string; abi: typeof attestationsAbi },
    label: string,
    values: Record<string, unknown>,
    value = 0n,
  ) =>
    api.tx.contracts!.call!(
      contract.address,
      value,
      GAS,
      null,
      toHex(contract.abi.message(label).encode(values)),
    );
  const governing = (label: string, values: Record<string, unknown>, value = 0n) =>
    calling(contracts.governor, label, values, value);
  /** What makes the escrow answer so, if it does not yet. */
  const conflict = (conflicted: boolean): (readonly [Extrinsic, KeyringPair])[] => {
    const count = conflicted ? 1 : 0;
    if (count === live) return [];
    live = count;
    const order = toHex(concatBytes(BECOME, liveOrders(count)));
    return [[api.tx.contracts!.call!(escrow.address, 0n, GAS, null, order), alice]];
  };
  const actionsOf = (step: Extract<Step, { do: "propose" }>): Action[] => {
    proposed += 1;
    if (step.track === "Treasury") return [payment(anyone.address, TOKEN)];
    if (step.track === "Members") {
      const measurement = toHex(blake2b256(Uint8Array.of(proposed % 256, proposed >> 8)));
      const reference = { platform: "Simulated", minTcbDate: 0n, label: "history" };
      return [call(attestationsAbi, address("attestations"), "addReference", { measurement, reference })];
    }
    const changed = { ...policy, attestation: { ...policy.attestation, quorum: step.quorum } };
    return [policyChange(step.collection, changed)];
  };
  const signedBallot = async (step: Extract<Step, { do: "vote" }>, ballot: Ballot, now: bigint) => {
    const [nonce, late] = step.signed!;
    const head = (await contracts.governor.query("proposal", { proposal: step.id }))!;
    const deadline = late ? now - 1n : now + BigInt(HOUR);
    const message = ballotMessage(
      { genesis: fromHex(genesis), contract: decodeAddress(governor) },
      {
        proposal: step.id,
        content: fromHex(head.content),
        ...ballot,
        nonce,
        deadline,
        reason: new Uint8Array(),
      },
    );
    const voter = account(step.by);
    return { voter: voter.address, ballot, nonce, deadline, signature: toHex(voter.sign(message)) };
  };

  const callsOf = async (step: Step): Promise<(readonly [Extrinsic, KeyringPair])[]> => {
    const now = chain.moves ? BigInt(step.now) : await chainTime(contracts);
    switch (step.do) {
      case "voice": {
        const who = account(step.who).address;
        return [
          step.amount > 0n
            ? [calling(contracts.voice, "mint", { to: who, amount: step.amount }), alice]
            : [calling(contracts.voice, "burn", { from: who, amount: -step.amount }), alice],
        ];
      }
      case "delegate": {
        const delegations = step.list.map(([to, share, narrowOnly, months]) => ({
          delegate: account(to).address,
          share,
          narrowOnly,
          ends: monthOf(now) + months,
        }));
        return [[calling(contracts.voice, "delegate", { track: step.track, delegations }), account(step.by)]];
      }
      case "propose": {
        const values = { track: step.track satisfies TrackId, actions: actionsOf(step), description: "0x01" };
        return [[governing("propose", values, DEPOSIT), account(step.by)]];
      }
      case "vote": {
        const ballot = { own: partsOf(step.own), delegated: partsOf(step.delegated) };
        if (!step.signed)
          return [
            ...conflict(step.conflicted),
            [governing("vote", { proposal: step.id, ballot, reason: "0x" }), account(step.by)],
          ];
        const signed = await signedBallot(step, ballot, now);
        return [
          ...conflict(step.conflicted),
          [governing("voteBySignature", { proposal: step.id, signed, reason: "0x" }), anyone],
        ];
      }
      case "recuse":
        return [
          ...conflict(step.conflicted),
          [governing("recuse", { proposal: step.id, account: account(step.who).address }), anyone],
        ];
      case "cancel":
        return [[governing("cancel", { proposal: step.id }), account(step.by)]];
      case "settle_deposit":
        return [[governing("settleDeposit", { proposal: step.id }), anyone]];
      default:
        return [[governing(step.do, { proposal: step.id }), anyone]];
    }
  };

  return {
    step: async (step) => ({ accepted: await chain.send(await callsOf(step), step.now) }),
    found: async (step, all) => {
      const named = all
        ? step.expected.proposals
        : step.expected.proposals.filter(([id]) => "id" in step && id === step.id);
      const proposals: z.infer<typeof expected>["proposals"] = [];
      for (const [id] of named) {
        const state = await contracts.governor.query("state", { proposal: id });
        const { favour, against, abstain } = (await contracts.governor.query("proposal", { proposal: id }))!
          .tally;
        proposals.push([id, state, favour, against, abstain]);
      }
      if (!step.expected.sides || !all) return { proposals, sides: null };
      const [id, who] = step.expected.sides;
      const head = (await contracts.governor.query("proposal", { proposal: id }))!;
      const asked = { account: account(who).address, track: head.track, at: head.at };
      const { voice, pool } = await contracts.voice.query("delegatedAt", asked);
      return { proposals, sides: [id, who, voice, pool.free, pool.narrowOnly] };
    },
  };
};
