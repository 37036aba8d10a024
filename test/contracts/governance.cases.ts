/** The DAO with every other contract on a chain: what no test off the chain can run. */
import { fromHex, toHex, utf8 } from "@keystrand/sdk/bytes";
import { accountFrom } from "@keystrand/sdk/chain";
import { attestationsAbi, governorAbi, policiesAbi, SS58_PREFIX, voiceAbi } from "@keystrand/sdk/contracts";
import { governors } from "@keystrand/sdk/deploy";
import type { Ballot, EmergencyAct, Route } from "@keystrand/sdk/generated/governor";
import type { Policy } from "@keystrand/sdk/generated/policies";
import {
  ballotMessage,
  blake2b256,
  emergencyMessage,
  vetoMessage,
  walletMessage,
} from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress, sortAddresses } from "@polkadot/util-crypto";
import { describe, expect, test } from "vitest";
import {
  AGAINST,
  both,
  call,
  type DaoMembers,
  DEPOSIT,
  FAVOUR,
  genesisOf,
  mint,
  own,
  payment,
  policyChange,
  refusal,
} from "./dao.fixture.ts";
import { attestArguments, create, delivered } from "./orders.fixture.ts";

let dao: DaoMembers;
let DAY: number;
let HOUR: number;

/** Whom the cases that follow are about. */
export const begin = (started: DaoMembers): void => {
  dao = started;
  ({ day: DAY, hour: HOUR } = started.units);
};

/** The collection's present policy, changed. */
const policyWith = async (changes: (policy: Policy) => Policy): Promise<Policy> =>
  changes((await dao.contracts.policies.query("policy", { collection: dao.collection }))!);
const moreVerifiers = (policy: Policy): Policy => ({
  ...policy,
  attestation: { ...policy.attestation, quorum: policy.attestation.quorum + 1 },
});
const fewerVerifiers = (policy: Policy): Policy => ({
  ...policy,
  attestation: { ...policy.attestation, quorum: policy.attestation.quorum - 1 },
});
const narrowing = async () => [policyChange(dao.collection, await policyWith(moreVerifiers))];
const widening = async () => [policyChange(dao.collection, await policyWith(fewerVerifiers))];

const scope = () => ({ genesis: genesisOf(dao), contract: decodeAddress(dao.contracts.governor.address) });
const anyone = () => dao.stranger;
const execute = (proposal: number) => dao.contracts.governor.execute("execute", { proposal }, anyone());
const contentOf = async (proposal: number) =>
  fromHex((await dao.contracts.governor.query("proposal", { proposal }))!.content);
const total = (tally: readonly bigint[]) => tally.reduce((sum, part) => sum + part, 0n);

const route = (callee: string, selector: string, track: Route["track"]) =>
  ({ type: "Governor", value: { type: "Route", value: { callee, selector, track } } }) as const;

/** The month after the block's, and more: as `voice` counts months. */
const monthsAhead = async (months: number) => {
  const date = new Date(await dao.now());
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth() + months;
};

/** What needs no more time than a node that runs has. */
export const shortCases = (): void => {
  test("after the hand-over the deployer holds no right in any contract", async () => {
    const { contracts, governor: deployer } = dao;
    const held = await governors(contracts);
    expect(new Set(Object.values(held))).toEqual(new Set([contracts.governor.address]));
    const address = deployer.address;
    const policy = await policyWith(moreVerifiers);
    const [code, key] = [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`] as const;
    const { identity, attestations, escrow, voice, policies } = contracts;
    const attempts = [
      () => voice.execute("mint", { to: address, amount: 1n }, deployer),
      () => voice.execute("burn", { from: dao.members[0]!.address, amount: 1n }, deployer),
      () => voice.execute("setCode", { code }, deployer),
      () => voice.execute("handOver", { governor: address }, deployer),
      () => policies.execute("open", { policy, disease: null }, deployer),
      () => policies.execute("setPolicy", { collection: dao.collection, expected: 1, policy }, deployer),
      () => policies.execute("close", { collection: dao.collection }, deployer),
      () => policies.execute("setRoot", { expected: 0, root: key }, deployer),
      () => policies.execute("handOver", { governor: address }, deployer),
      () => identity.execute("accredit", { issuer: address, kinds: 1 }, deployer),
      () => identity.execute("suspend", { account: address }, deployer),
      () => identity.execute("handOver", { governor: address }, deployer),
      () => attestations.execute("addVerifier", { verifier: address }, deployer),
      () => attestations.execute("handOver", { governor: address }, deployer),
      () => escrow.execute("pause", {}, deployer),
      () => escrow.execute("handOver", { governor: address }, deployer),
    ];
    for (const attempt of attempts) expect(await refusal(attempt())).toBe("NotGovernor");
  });

  describe("ballots", () => {
    test("a delegate votes under a mandate, an owner overrides, and the tally is exact", async () => {
      const { contracts, members } = dao;
      const ends = await monthsAhead(3);
      const [owner, delegate, bound] = [members[0]!, members[1]!, members[2]!];
      const delegations = [
        { delegate: delegate.address, share: 3_333, narrowOnly: false, ends },
        { delegate: bound.address, share: 5_000, narrowOnly: true, ends },
      ];
      await contracts.voice.execute("delegate", { track: null, delegations }, owner);
      const proposal = await dao.propose(1, "Widen", await widening());
      await dao.vote(1, proposal, both(FAVOUR));
      // 20 of its own, and a third of 50, floored.
      expect(await dao.tally(proposal)).toEqual([36n, 0n, 0n]);
      await dao.vote(2, proposal, both(FAVOUR));
      // 15 of its own; the half of 50 that may not favour a widening abstains.
      expect(await dao.tally(proposal)).toEqual([51n, 0n, 25n]);
      await dao.vote(0, proposal, own(AGAINST));
      expect(await dao.tally(proposal)).toEqual([35n, 50n, 0n]);
      for (const member of [3, 4]) await dao.vote(member, proposal, own(AGAINST));
      expect(total(await dao.tally(proposal))).toBe(100n);
      await dao.at((await dao.now()) + 7 * DAY);
      expect(await dao.state(proposal)).toBe("Defeated");
    });

    const signedBallot = async (proposal: number, voter: KeyringPair, ballot: Ballot, wrapped: boolean) => {
      const { nonce } = await dao.contracts.governor.query("seat", { proposal, account: voter.address });
      const deadline = BigInt(await dao.now()) + BigInt(HOUR);
      const message = ballotMessage(scope(), {
        proposal,
        content: await contentOf(proposal),
        ...ballot,
        nonce,
        deadline,
        reason: utf8("because"),
      });
      const signature = toHex(voter.sign(wrapped ? walletMessage(message) : message));
      return { voter: voter.address, ballot, nonce, deadline, signature };
    };
    const handIn = (proposal: number, signed: Awaited<ReturnType<typeof signedBallot>>, reason = "because") =>
      dao.contracts.governor.execute(
        "voteBySignature",
        { proposal, signed, reason: toHex(utf8(reason)) },
        anyone(),
      );

    test("a keyring's signature counts once, raw and in a wallet's wrapping; an older one never replaces a newer vote", async () => {
      const proposal = await dao.propose(0, "Treasury", [payment(dao.stranger.address, 1n)]);
      const raw = await signedBallot(proposal, dao.members[1]!, own(FAVOUR), false);
      const wrapped = await signedBallot(proposal, dao.members[2]!, own(AGAINST), true);
      await handIn(proposal, raw);
      await handIn(proposal, wrapped);
      expect(await dao.tally(proposal)).toEqual([20n, 15n, 0n]);
      expect(await refusal(handIn(proposal, raw))).toBe("WrongNonce");
      expect(await refusal(handIn(proposal, wrapped))).toBe("WrongNonce");

      const heldBack = await signedBallot(proposal, dao.members[1]!, own(FAVOUR), true);
      await dao.vote(1, proposal, own(AGAINST));
      expect(await refusal(handIn(proposal, heldBack))).toBe("WrongNonce");
      expect(await dao.tally(proposal)).toEqual([0n, 35n, 0n]);

      const fresh = await signedBallot(proposal, dao.members[3]!, own(FAVOUR), true);
      expect(await refusal(handIn(proposal, fresh, "bribed"))).toBe("BadSignature");
      const stolen = { ...fresh, voter: dao.members[4]!.address };
      expect(await refusal(handIn(proposal, stolen))).toBe("BadSignature");
      const other = await dao.propose(1, "Treasury", [payment(dao.stranger.address, 2n)]);
      expect(await refusal(handIn(other, fresh))).toBe("BadSignature");
      await handIn(proposal, fresh);
      expect(await dao.tally(proposal)).toEqual([10n, 35n, 0n]);
      await dao.at((await dao.now()) + 8 * DAY);
    });

    test("voice of the current block is not read", async () => {
      const { voice } = dao.contracts;
      const block = (await voice.api.rpc.chain.getHeader()).number.toNumber();
      const account = dao.members[0]!.address;
      // A dry run stands in the best block itself.
      expect(await refusal(voice.query("voiceAt", { account, block }))).toBe("NotYet");
      expect((await voice.query("voiceAt", { account, block: block - 1 })).voice).toBe(50n);
    });
  });

  describe("routes, payments and deposits", () => {
    test("a call without a track is decided as code is; the members give it one", async () => {
      const { voice, attestations, governor } = dao.contracts;
      // Its present code once more: a call that changes nothing.
      const calling = call(attestationsAbi, attestations.address, "setCode", {
        code: attestationsAbi.codeHash,
      });
      for (const track of ["Members", "Parameters", "Treasury", "Widen", "Narrow"] as const)
        expect(await refusal(dao.propose(0, track, [calling]))).toBe("WrongTrack");
      const { selector } = attestationsAbi.message("setCode");
      const routing = await dao.propose(0, "Code", [route(attestations.address, selector, "Members")]);
      await dao.enact(routing);
      expect(await governor.query("route", { callee: attestations.address, selector })).toBe("Members");
      await dao.enact(await dao.propose(0, "Members", [calling]));
      // The deployment gave the design's own calls their tracks.
      await dao.enact(await dao.propose(0, "Members", [mint(dao, dao.stranger.address, 5n)]));
      expect(await voice.query("voiceOf", { account: dao.stranger.address })).toBe(5n);
      expect(await voice.query("total", {})).toBe(105n);
    });

    test("all actions are done, or none: a callee's own refusal undoes those before it", async () => {
      const { voice, governor } = dao.contracts;
      const receiver = (await accountFrom("//Dao//receiver")).address;
      const proposal = await dao.propose(0, "Members", [
        mint(dao, receiver, 7n),
        call(voiceAbi, voice.address, "mint", { to: receiver, amount: 2n ** 127n }),
      ]);
      await dao.decide(proposal);
      await dao.at((await dao.now()) + 2 * DAY);
      expect(await refusal(execute(proposal))).toBe("ActionFailed");
      expect(await voice.query("voiceOf", { account: receiver })).toBe(0n);
      expect(await dao.state(proposal)).toBe("Queued");
      await dao.at((await dao.now()) + 3 * DAY + HOUR);
      expect(await dao.state(proposal)).toBe("Expired");
      expect((await governor.query("latest", { proposer: dao.members[0]!.address })) ?? 0).toBe(proposal);
    });

    test("the treasury pays what was decided, and never with deposits", async () => {
      const { governor, api } = { governor: dao.contracts.governor, api: dao.contracts.api };
      const receiver = (await accountFrom("//Dao//paid")).address;
      const proposal = await dao.propose(0, "Treasury", [payment(receiver, 3n * DEPOSIT)]);
      const held = await governor.query("held", {});
      expect(held).toBeGreaterThanOrEqual(DEPOSIT);
      await dao.enact(proposal);
      const { data } = (await api.query.system!.account!(receiver)).toJSON() as {
        data: { free: number | string };
      };
      expect(BigInt(data.free)).toBe(3n * DEPOSIT);
      const treasury = await governor.query("treasury", {});
      const greedy = await dao.propose(0, "Treasury", [payment(receiver, treasury + 1n)]);
      await dao.decide(greedy);
      await dao.at((await dao.now()) + 2 * DAY);
      expect(await refusal(execute(greedy))).toBe("ActionFailed");
    });

    test("a deposit goes home, and stays when the proposal was clearly rejected", async () => {
      const { governor } = dao.contracts;
      await dao.at((await dao.now()) + 10 * DAY);
      const quiet = await dao.propose(3, "Treasury", [payment(dao.stranger.address, 1n)]);
      const rejected = await dao.propose(4, "Treasury", [payment(dao.stranger.address, 1n)]);
      for (const member of [0, 1]) await dao.vote(member, rejected, own(AGAINST));
      expect(await refusal(governor.execute("settleDeposit", { proposal: quiet }, anyone()))).toBe(
        "WrongState Active",
      );
      await dao.at((await dao.now()) + 7 * DAY);
      const settled = async (proposal: number) => {
        const { contractEvents } = await governor.execute("settleDeposit", { proposal }, anyone());
        return contractEvents.at(-1)?.fields["returned"];
      };
      expect([await settled(quiet), await settled(rejected)]).toEqual([true, false]);
      expect(await refusal(governor.execute("settleDeposit", { proposal: quiet }, anyone()))).toBe(
        "NoDeposit",
      );
    });
  });

  describe("policy changes", () => {
    test("a widening labelled narrow is refused, also as a raw call", async () => {
      const { policies, governor } = dao.contracts;
      expect(await refusal(dao.propose(0, "Narrow", await widening()))).toBe("WrongTrack");
      expect(await refusal(dao.propose(0, "Treasury", await widening()))).toBe("WrongTrack");
      const policy = await policyWith(fewerVerifiers);
      const raw = [
        call(policiesAbi, policies.address, "setPolicy", { collection: dao.collection, expected: 1, policy }),
        call(policiesAbi, policies.address, "open", { policy, disease: null }),
        call(policiesAbi, policies.address, "close", { collection: dao.collection }),
        call(policiesAbi, policies.address, "setRoot", { expected: 0, root: `0x${"00".repeat(32)}` }),
        call(policiesAbi, policies.address, "clear", { collection: dao.collection, proposal: 1 }),
      ];
      for (const action of raw)
        for (const track of ["Code", "Narrow", "Parameters"] as const)
          expect(await refusal(dao.propose(0, track, [action]))).toBe("UntypedPolicyChange");
      const again = call(governorAbi, governor.address, "execute", { proposal: 1 });
      expect(await refusal(dao.propose(0, "Code", [again]))).toBe("CallsGovernor");
    });

    test("members vote a policy in: a new collection", async () => {
      const policy = await policyWith(moreVerifiers);
      const proposal = await dao.propose(0, "Widen", [
        { type: "Policy", value: { type: "Open", value: { policy, disease: null } } },
      ]);
      const before = await dao.contracts.policies.query("collections", {});
      await dao.enact(proposal);
      expect(await dao.contracts.policies.query("collections", {})).toBe(before + 1);
    });

    test("a narrowing passes optimistically, without a single vote", async () => {
      const { version } = await dao.contracts.policies.query("view", { collection: dao.collection });
      const proposal = await dao.propose(0, "Narrow", await narrowing());
      await dao.at((await dao.now()) + 2 * DAY);
      expect(await dao.state(proposal)).toBe("Queued");
      await execute(proposal);
      const view = await dao.contracts.policies.query("view", { collection: dao.collection });
      expect([view.version, view.attestation.quorum]).toEqual([version + 1, 3]);
    });

    test("a widening is queued, buyers get their way out, a veto takes the announcement back", async () => {
      const { policies, governor, escrow } = dao.contracts;
      const proposal = await dao.propose(0, "Widen", await widening());
      await dao.decide(proposal);
      const { queued } = await policies.query("view", { collection: dao.collection });
      expect(queued).toMatchObject({ proposal, direction: "Mixed" });
      expect(await refusal(create(dao, [0, 1]))).not.toBe("nothing refused");

      const deadline = BigInt(await dao.now()) + BigInt(HOUR);
      const message = vetoMessage(scope(), { proposal, content: await contentOf(proposal), deadline });
      const signatures = dao.guardians.slice(0, 2).map((guardian) => ({
        signer: guardian.address,
        signature: toHex(guardian.sign(walletMessage(message))),
      }));
      const veto = (signed: typeof signatures) =>
        governor.execute("veto", { proposal, deadline, signatures: signed }, anyone());
      expect(await refusal(veto(signatures.slice(1)))).toBe("TooFewGuardians");
      expect(await refusal(veto([signatures[0]!, signatures[0]!]))).toBe("NotGuardian");
      await veto(signatures);
      expect(await dao.state(proposal)).toBe("Cancelled");
      expect((await policies.query("view", { collection: dao.collection })).queued).toBeNull();
      expect(await refusal(execute(proposal))).toBe("WrongState Cancelled");
      expect(await escrow.query("held", {})).toBe(0n);
    });

    test("a conflicted account is recused: its own voice, kept and delegated away", async () => {
      const { governor, voice, escrow } = dao.contracts;
      // The buyer gets voice and puts half of it into a member's hands.
      const minting = await dao.propose(0, "Members", [mint(dao, dao.buyer.address, 40n)]);
      await dao.enact(minting);
      const widen = await dao.propose(1, "Widen", await widening());
      await dao.enact(widen);
      const delegations = [
        { delegate: dao.members[4]!.address, share: 5_000, narrowOnly: false, ends: await monthsAhead(2) },
      ];
      await voice.execute("delegate", { track: null, delegations }, dao.buyer);
      const proposal = await dao.propose(0, "Widen", await widening());
      await dao.vote(4, proposal, both(FAVOUR));
      expect(await dao.tally(proposal)).toEqual([25n, 0n, 0n]);
      const { buyer, collection } = dao;
      const recuse = () => governor.execute("recuse", { proposal, account: buyer.address }, anyone());
      expect(await refusal(recuse())).toBe("NotConflicted");
      await delivered(dao, [0, 1]);
      expect(await escrow.query("liveOrders", { collection, account: buyer.address })).toBe(1);
      const vote = { proposal, ballot: own(FAVOUR), reason: "0x" } as const;
      expect(await refusal(governor.execute("vote", vote, buyer))).toBe("Conflicted");
      await recuse();
      expect(await dao.tally(proposal)).toEqual([5n, 0n, 0n]);
      expect(await refusal(recuse())).toBe("Ballot Struck");
      expect((await governor.query("proposal", { proposal }))!.total).toBe(145n);
      await dao.at((await dao.now()) + 8 * DAY);
    });

    test("a proposal that was overtaken by another is not executed", async () => {
      const first = await dao.propose(0, "Widen", await widening());
      await dao.decide(first);
      const second = await dao.propose(1, "Narrow", await narrowing());
      await dao.at((await dao.now()) + 2 * DAY);
      await execute(second);
      const { stage } = (await dao.contracts.governor.query("proposal", { proposal: first }))!;
      await dao.at(stage.type === "Queued" ? Number(stage.value.from) : Number.NaN);
      expect(await refusal(execute(first))).toBe("StaleChange");
      await dao.at((await dao.now()) + 3 * DAY);
      await dao.contracts.governor.execute("expire", { proposal: first }, anyone());
      expect(await dao.state(first)).toBe("Expired");
    });
  });

  describe("guardians", () => {
    const act = async (kind: EmergencyAct, encoded: Uint8Array, signers = dao.guardians.slice(0, 2)) => {
      const number = await dao.contracts.governor.query("acts", {});
      const deadline = BigInt(await dao.now()) + BigInt(HOUR);
      const message = emergencyMessage(scope(), { act: blake2b256(encoded), number, deadline });
      const signatures = signers.map((guardian) => ({
        signer: guardian.address,
        signature: toHex(guardian.sign(message)),
      }));
      const { returned } = await dao.contracts.governor.execute(
        "act",
        { act: kind, deadline, signatures },
        anyone(),
      );
      await dao.pass(1_000);
      return returned;
    };
    const suspend = (who: KeyringPair) =>
      act({ type: "Suspend", value: who.address }, Uint8Array.of(3, ...who.publicKey));
    const settle = (proposal: number) => dao.contracts.governor.execute("settleAct", { proposal }, anyone());
    const suspended = (who: KeyringPair) =>
      dao.contracts.identity.query("suspended", { account: who.address });

    test("suspend at once; the members overturn at once; the act must rest before it is repeated", async () => {
      const id = await suspend(dao.stranger);
      expect(await suspended(dao.stranger)).toBe(true);
      expect(await refusal(settle(id))).toBe("NotOverturned");
      await dao.vote(0, id, own(AGAINST));
      expect((await settle(id)).returned).toBe("Overturned");
      expect(await suspended(dao.stranger)).toBe(false);
      expect(await refusal(suspend(dao.stranger))).toBe("TooSoonAgain");
    });

    test("an act lapses after 14 days without a vote for it, and stands with one", async () => {
      const lapsing = await suspend(dao.custodian);
      const confirmed = await suspend(dao.arbitrator);
      await dao.vote(0, confirmed, own(FAVOUR));
      await dao.at((await dao.now()) + 14 * DAY);
      expect((await settle(lapsing)).returned).toBe("Lapsed");
      expect((await settle(confirmed)).returned).toBe("Confirmed");
      expect([await suspended(dao.custodian), await suspended(dao.arbitrator)]).toEqual([false, true]);
    });

    test("reach every contract that an emergency is about, and take their hand off again", async () => {
      const { attestations } = dao.contracts;
      const verifier = dao.verifiers[0]!;
      const id = await act(
        { type: "WithholdVerifier", value: verifier.address },
        Uint8Array.of(1, ...verifier.publicKey),
      );
      const known = () => attestations.query("verifier", { verifier: verifier.address });
      expect(await known()).toMatchObject({ allowed: true, withheld: true });
      await dao.vote(0, id, own(AGAINST));
      await settle(id);
      expect(await known()).toMatchObject({ allowed: true, withheld: false });

      const pause = await act({ type: "Pause", value: null }, Uint8Array.of(4));
      expect(await refusal(create(dao, [0, 1]))).toBe("Paused");
      await dao.vote(0, pause, own(AGAINST));
      await settle(pause);
      const order = await create(dao, [0, 1]);
      expect((await attestArguments(dao, order)).claim.order).toBe(order);
    });
  });

  describe("code", () => {
    test("swapped after approval stops the proposal that would have called it", async () => {
      const { attestations, governor } = dao.contracts;
      // The code of voice stands in for anything else that is on the chain.
      const swap = await dao.propose(0, "Code", [
        call(attestationsAbi, attestations.address, "setCode", { code: voiceAbi.codeHash }),
      ]);
      await dao.decide(swap);
      const { stage } = (await governor.query("proposal", { proposal: swap }))!;
      const due = stage.type === "Queued" ? Number(stage.value.from) : Number.NaN;
      const verifier = dao.stranger.address;
      await dao.at(due - 16 * DAY - HOUR);
      const adding = await dao.propose(1, "Code", [
        call(attestationsAbi, attestations.address, "addVerifier", { verifier }),
      ]);
      expect((await governor.query("details", { proposal: adding }))!.pins).toEqual([
        [attestations.address, attestationsAbi.codeHash],
      ]);
      for (const member of dao.members.keys()) await dao.vote(member, adding, own(FAVOUR));
      await dao.at(due);
      await execute(swap);
      await dao.at(
        Math.max(
          due,
          Number((await governor.query("proposal", { proposal: adding }))!.timeline.closes) + 2 * DAY,
        ),
      );
      await governor.execute("queue", { proposal: adding }, anyone());
      await dao.at((await dao.now()) + 14 * DAY);
      expect(await refusal(execute(adding))).toBe("CodeSwapped");
    });
  });

  test("a ballot costs the same when others have voted, delegated and proposed", async () => {
    const first = await dao.propose(2, "Members", [mint(dao, dao.stranger.address, 1n)]);
    const alone = await dao.vote(0, first, own(FAVOUR));
    for (const member of [1, 2, 3, 4]) await dao.vote(member, first, own(FAVOUR));
    await dao.vote(0, first, own(AGAINST));
    const second = await dao.propose(3, "Members", [mint(dao, dao.stranger.address, 1n)]);
    for (const member of [1, 2, 3, 4]) await dao.vote(member, second, own(FAVOUR));
    const crowded = await dao.vote(0, second, own(FAVOUR));
    // Amounts are encoded at full width: what differs is a binary search in an account's own history.
    expect(Number(crowded)).toBeLessThan(Number(alone) * 1.02);
  });
};

/** What takes years: for a chain whose clock can be moved. */
export const longCases = (): void => {
  describe("two years later", () => {
    test("a mandate that ended with no transaction since is not counted", async () => {
      const { contracts, members } = dao;
      const delegations = [
        { delegate: members[1]!.address, share: 10_000, narrowOnly: false, ends: await monthsAhead(24) },
      ];
      await contracts.voice.execute("delegate", { track: null, delegations }, members[0]!);
      const boundary = Date.UTC(
        new Date(await dao.now()).getUTCFullYear() + 2,
        new Date(await dao.now()).getUTCMonth(),
      );
      await dao.at(boundary - 1 * HOUR);
      const before = await dao.propose(3, "Treasury", [payment(dao.stranger.address, 1n)]);
      await dao.at(boundary);
      const after = await dao.propose(4, "Treasury", [payment(dao.stranger.address, 1n)]);
      await dao.vote(1, before, both(AGAINST));
      await dao.vote(1, after, both(AGAINST));
      expect(await dao.tally(before)).toEqual([0n, 70n, 0n]);
      expect(await dao.tally(after)).toEqual([0n, 20n, 0n]);
      await dao.at((await dao.now()) + 8 * DAY);
    });

    test("guardians served twelve months; the members elect new ones, and no guardian can stop that", async () => {
      const members = sortAddresses(
        dao.guardians.map(({ address }) => address),
        SS58_PREFIX,
      );
      const served = await dao.contracts.governor.query("guardians", {});
      expect(Number(served.until)).toBeLessThan(await dao.now());
      const veto = { proposal: 1, deadline: BigInt((await dao.now()) + HOUR), signatures: [] };
      const vetoing = dao.contracts.governor.execute("veto", veto, anyone());
      expect(await refusal(vetoing)).toBe("TermOver");
      const proposal = await dao.propose(0, "Members", [
        { type: "Governor", value: { type: "Guardians", value: { members, quorum: 2 } } },
      ]);
      expect((await dao.contracts.governor.query("proposal", { proposal }))!.vetoable).toBe(false);
      await dao.enact(proposal);
      const { until } = await dao.contracts.governor.query("guardians", {});
      expect(Number(until)).toBeGreaterThan((await dao.now()) + 364 * DAY);
    });
  });
};
