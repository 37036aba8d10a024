import { encodeAddress } from "@polkadot/util-crypto";
import type { Json } from "../chain/scale.ts";
import type { SeededRandom } from "./random.ts";

/** One event that a contract of the story emits. */
export interface StoryEvent {
  contract: string;
  name: string;
  fields: { [name: string]: Json };
}

/** What one extrinsic did. */
export interface StoryStep {
  signer: string;
  events: StoryEvent[];
}

export const ACCOUNTS: readonly string[] = Array.from({ length: 12 }, (_, index) =>
  encodeAddress(new Uint8Array(32).fill(index + 1), 42),
);
const TREASURY = ACCOUNTS[10]!;
const ARBITRATOR = ACCOUNTS[11]!;

const U64 = (1n << 64n) - 1n;
const U128 = (1n << 128n) - 1n;

interface OrderModel {
  id: string;
  buyer: string;
  custodian: string;
  collection: number;
  policyVersion: number;
  state: "UnderReview" | "Funded" | "Qualified" | "Releasing" | "Delivered" | "Disputed" | "Ended";
  lines: {
    dataset: string;
    price: bigint;
    payee: string;
    live: boolean;
    disputed: boolean;
    answered: boolean;
  }[];
  owed: Map<string, bigint>;
  evidence: string;
  forgotten: boolean;
}

/**
 * What the story's contracts hold: enough to emit events that follow from each other. It is copied with every
 * block, so that each fork goes on from its own state.
 */
export interface World {
  collections: { id: number; version: number; closed: boolean; queued: boolean }[];
  rootVersion: number;
  datasets: { id: string; contributor: string; collection: number; version: number; state: string }[];
  orders: OrderModel[];
  grants: { hash: string; holder: string; issuer: string; ended: boolean }[];
  voice: [string, bigint][];
  proposals: { id: number; stage: string; emergency: boolean; nonces: [string, number][] }[];
}

/** A story begins with members, tracks, an issuer, a verifier and an open collection. */
export function prologue(random: SeededRandom): { world: World; steps: StoryStep[] } {
  const world: World = {
    collections: [],
    rootVersion: 0,
    datasets: [],
    orders: [],
    grants: [],
    voice: [],
    proposals: [],
  };
  const signer = ACCOUNTS[0]!;
  const trackNames = ["Narrow", "Widen", "Treasury", "Members", "Parameters", "Code", "Emergency"];
  const steps: StoryStep[] = [
    { signer, events: ACCOUNTS.slice(0, 5).map((account) => mint(world, account, 1_000n)) },
    {
      signer,
      events: trackNames.map((track) => ({
        contract: "governor",
        name: "TrackSet",
        fields: { track, terms: terms(random) },
      })),
    },
    {
      signer,
      events: [
        { contract: "identity", name: "IssuerAccredited", fields: { issuer: ACCOUNTS[1]!, kinds: 255 } },
        { contract: "attestations", name: "VerifierAdded", fields: { verifier: ACCOUNTS[2]! } },
        openCollection(world, random),
        openCollection(world, random),
      ],
    },
  ];
  return { world, steps };
}

/** What happens next. Changes the world. */
export function nextStep(world: World, random: SeededRandom): StoryStep {
  const tellers = [
    registers,
    registers,
    changesConsent,
    orders,
    orders,
    movesOrder,
    movesOrder,
    movesOrder,
    withdraws,
    identifies,
    attests,
    governs,
    governs,
    changesPolicy,
    delegates,
  ];
  for (;;) {
    const step = random.pick(tellers)(world, random);
    if (step) return step;
  }
}

type Teller = (world: World, random: SeededRandom) => StoryStep | undefined;

const tell = (contract: string, name: string, fields: { [name: string]: Json }): StoryEvent => ({
  contract,
  name,
  fields,
});

function terms(random: SeededRandom): Json {
  return {
    passing: random.chance(0.5)
      ? { Optimistic: { objection: random.below(10_001) } }
      : { Ratio: { approval: 5_000, support_from: 2_000, support_to: random.below(2_000) } },
    decision: "172800000",
    confirm: String(random.below(10_000)),
    delay: "0",
    grace: U64.toString(),
    threshold: 200,
    deposit: random.amount(U128).toString(),
  };
}

function duoTerms(random: SeededRandom): Json {
  return {
    permission: random.pick([
      "NoRestriction",
      "GeneralResearch",
      "HealthMedicalBiomedical",
      "DiseaseSpecific",
    ]),
    diseases: Array.from({ length: random.below(4) }, () => random.below(2 ** 32)),
    modifiers: random.below(2 ** 12),
    region: random.chance(0.5) ? "0x4445" : null,
    months: random.chance(0.5) ? random.below(2 ** 16) : null,
    user: null,
    project: random.chance(0.2) ? random.bytes(32) : null,
    institution: null,
    publish_from: random.chance(0.2) ? U64.toString() : null,
  };
}

function policy(random: SeededRandom): Json {
  return {
    terms: duoTerms(random),
    required: random.chance(0.5) ? [{ kind: "BonaFideResearcher", scope: random.bytes(32) }] : [],
    attestation: {
      quorum: 1,
      platforms: ["Simulated"],
      measurements: [random.bytes(32)],
      min_tcb_date: "0",
      admit_debug: random.chance(0.5),
      max_age: U64.toString(),
    },
    min_cohort: random.between(1, 3),
    laboratory: random.chance(0.5),
    split: { contributor: 7_000, custodian: 2_000, treasury: 1_000 },
    windows: { fulfil: "1000", release: "1000", dispute: "1000", answer: "1000", arbitration: "1000" },
    bond: random.amount(U128).toString(),
    arbitrator: ARBITRATOR,
    treasury: TREASURY,
    committee: { members: [ACCOUNTS[3]!, ACCOUNTS[4]!], quorum: 2 },
  };
}

function mint(world: World, account: string, amount: bigint): StoryEvent {
  const voice = new Map(world.voice);
  voice.set(account, (voice.get(account) ?? 0n) + amount);
  world.voice = [...voice];
  const total = world.voice.reduce((sum, [, each]) => sum + each, 0n);
  return tell("voice", "Minted", {
    account,
    amount: amount.toString(),
    voice: voice.get(account)!.toString(),
    total: total.toString(),
  });
}

function openCollection(world: World, random: SeededRandom): StoryEvent {
  const id = world.collections.length + 1;
  world.collections.push({ id, version: 1, closed: false, queued: false });
  return tell("policies", "CollectionOpened", {
    collection: id,
    disease: random.chance(0.3) ? random.below(2 ** 32) : null,
    hash: random.bytes(32),
    policy: policy(random),
  });
}

const registers: Teller = (world, random) => {
  const open = world.collections.filter(({ closed }) => !closed);
  if (open.length === 0) return undefined;
  const dataset = {
    id: random.bytes(32),
    contributor: random.pick(ACCOUNTS),
    collection: random.pick(open).id,
    version: 1,
    state: "Given",
  };
  world.datasets.push(dataset);
  return {
    signer: dataset.contributor,
    events: [
      tell("consents", "ConsentGiven", {
        dataset: dataset.id,
        contributor: dataset.contributor,
        collection: dataset.collection,
        root: random.bytes(32),
        size: random.amount(U64).toString(),
        key_commitment: random.bytes(32),
        custodian: random.pick(ACCOUNTS),
        payee: random.pick(ACCOUNTS),
        price: random.amount(U128).toString(),
        terms: duoTerms(random),
        root_version: world.rootVersion,
        expires_at: random.chance(0.3) ? U64.toString() : null,
        laboratory: random.chance(0.3) ? random.pick(ACCOUNTS) : null,
      }),
    ],
  };
};

const changesConsent: Teller = (world, random) => {
  const given = world.datasets.filter(({ state }) => state !== "Erased");
  if (given.length === 0) return undefined;
  const dataset = random.pick(given);
  dataset.version++;
  const named = { dataset: dataset.id, version: dataset.version };
  const step = (...events: StoryEvent[]) => ({ signer: dataset.contributor, events });
  if (dataset.state === "Withdrawn") {
    dataset.state = "Erased";
    return step(tell("consents", "DatasetErased", named));
  }
  switch (random.below(5)) {
    case 0:
      dataset.state = "Withdrawn";
      return step(tell("consents", "ConsentWithdrawn", named));
    case 1:
      dataset.state = "Erased";
      return step(tell("consents", "ConsentWithdrawn", named), tell("consents", "DatasetErased", named));
    case 2:
      return step(tell("consents", "CustodianSet", { ...named, custodian: random.pick(ACCOUNTS) }));
    case 3:
      return step(tell("consents", "PayeeSet", { ...named, payee: random.pick(ACCOUNTS) }));
    default:
      return step(
        tell("consents", "ConsentAmended", {
          ...named,
          price: random.amount(U128).toString(),
          terms: duoTerms(random),
          root_version: world.rootVersion,
          expires_at: null,
        }),
      );
  }
};

const orders: Teller = (world, random) => {
  const given = world.datasets.filter(({ state }) => state === "Given");
  if (given.length === 0) return undefined;
  const { collection } = random.pick(given);
  const candidates = given
    .filter((dataset) => dataset.collection === collection)
    .slice(-random.between(1, 5));
  const version = world.collections.find(({ id }) => id === collection)!.version;
  const order: OrderModel = {
    id: random.bytes(32),
    buyer: random.pick(ACCOUNTS),
    custodian: random.pick(ACCOUNTS),
    collection,
    policyVersion: version,
    state: random.chance(0.2) ? "UnderReview" : "Funded",
    lines: candidates.map(({ id }) => ({
      dataset: id,
      price: random.amount(1n << 100n),
      payee: random.pick(ACCOUNTS),
      live: true,
      disputed: false,
      answered: false,
    })),
    owed: new Map(),
    evidence: "",
    forgotten: false,
  };
  world.orders.push(order);
  return {
    signer: order.buyer,
    events: [
      tell("escrow", "Created", {
        order: order.id,
        buyer: order.buyer,
        collection,
        custodian: order.custodian,
        state: order.state,
        policy_version: version,
        job: random.bytes(32),
        reader_key: random.bytes(32),
        deadline: random.amount(U64).toString(),
        total: order.lines.reduce((sum, { price }) => sum + price, 0n).toString(),
        purpose: {
          kind: "Health",
          diseases: [],
          genetic_study: true,
          non_profit: random.chance(0.5),
          commercial_use: false,
          region: "0x4652",
          months: 12,
          publish_at: null,
          project: random.bytes(32),
          populations: 0,
        },
        lines: order.lines.map(({ dataset, price, payee }) => ({
          dataset,
          consent_version: world.datasets.find(({ id }) => id === dataset)!.version,
          price: price.toString(),
          payee,
        })),
      }),
    ],
  };
};

function named(order: OrderModel): { [name: string]: Json } {
  return { order: order.id, buyer: order.buyer, collection: order.collection };
}

/** Ends lines and tells who is owed what. */
function credit(world: World, order: OrderModel, lines: number[], ending: string, share: number): StoryEvent {
  const owe = (account: string, amount: bigint) =>
    order.owed.set(account, (order.owed.get(account) ?? 0n) + amount);
  return tell("escrow", "Credited", {
    order: order.id,
    credits: lines.map((index) => {
      const line = order.lines[index]!;
      line.live = false;
      const paid = (line.price * BigInt(share)) / 10_000n;
      const payee = (paid * 7_000n) / 10_000n;
      const custodian = (paid * 2_000n) / 10_000n;
      const treasury = paid - payee - custodian;
      const buyer = line.price - paid;
      const contributor = line.answered ? 5n : 0n;
      owe(line.payee, payee);
      owe(order.custodian, custodian);
      owe(TREASURY, treasury);
      owe(order.buyer, buyer);
      owe(world.datasets.find(({ id }) => id === line.dataset)!.contributor, contributor);
      return {
        line: index,
        ending,
        share,
        payee: payee.toString(),
        custodian: custodian.toString(),
        treasury: treasury.toString(),
        buyer: buyer.toString(),
        contributor: contributor.toString(),
      };
    }),
  });
}

const liveLines = (order: OrderModel) => order.lines.flatMap(({ live }, index) => (live ? [index] : []));

const movesOrder: Teller = (world, random) => {
  const going = world.orders.filter(({ state }) => state !== "Ended");
  if (going.length === 0) return undefined;
  const order = random.pick(going);
  const live = liveLines(order);
  const refund = (ending: string, first: StoryEvent[] = []): StoryStep => {
    order.state = "Ended";
    return {
      signer: order.buyer,
      events: [
        ...first,
        ...(live.length > 0 ? [credit(world, order, live, ending, 0)] : []),
        tell("escrow", "Refunded", {
          ...named(order),
          ending,
          reason: ending === "Aborted" ? { rule: "Suspended", whose: "Policy" } : null,
        }),
      ],
    };
  };
  if (random.chance(0.12) && ["UnderReview", "Funded", "Qualified"].includes(order.state)) {
    if (random.chance(0.5)) return refund("Cancelled", [tell("escrow", "Cancelled", named(order))]);
    return refund(random.pick(["Expired", "Aborted"]));
  }
  switch (order.state) {
    case "UnderReview": {
      const verdict = { ...named(order), policy_version: order.policyVersion, reason: random.bytes(32) };
      if (random.chance(0.3)) return refund("Refused", [tell("escrow", "Refused", verdict)]);
      order.state = "Funded";
      return { signer: ACCOUNTS[3]!, events: [tell("escrow", "Cleared", verdict)] };
    }
    case "Funded": {
      const events: StoryEvent[] = [];
      if (live.length > 1 && random.chance(0.3)) {
        const dropped = live[0]!;
        events.push(
          tell("escrow", "LineDropped", {
            order: order.id,
            dataset: order.lines[dropped]!.dataset,
            line: dropped,
            ending: "Denied",
            reason: { rule: "Withdrawn", whose: "Consent" },
          }),
          credit(world, order, [dropped], "Denied", 0),
        );
      }
      order.evidence = random.bytes(32);
      const measurement = random.bytes(32);
      order.state = "Qualified";
      return {
        signer: order.buyer,
        events: [
          tell("attestations", "EvidenceConsumed", {
            order: order.id,
            evidence: order.evidence,
            measurement,
          }),
          ...events,
          tell("escrow", "Qualified", {
            order: order.id,
            buyer: order.buyer,
            custodian: order.custodian,
            keys: { suite: 1, encryption: random.bytes(32), signing: random.bytes(32) },
            measurement,
            evidence: order.evidence,
          }),
        ],
      };
    }
    case "Qualified":
      if (random.chance(0.2)) {
        order.state = "Funded";
        return { signer: ACCOUNTS[5]!, events: [tell("escrow", "Invalidated", named(order))] };
      }
      order.state = "Releasing";
      return {
        signer: order.custodian,
        events: [tell("escrow", "Released", { ...named(order), deadline: "5", lines: live })],
      };
    case "Releasing": {
      if (random.chance(0.1)) return refund("Expired");
      order.state = "Delivered";
      return {
        signer: order.custodian,
        events: [
          tell("escrow", "Delivered", {
            ...named(order),
            deadline: U64.toString(),
            packets: live.map((line) => ({ line, bytes: random.bytes(108) })),
          }),
        ],
      };
    }
    case "Delivered": {
      if (random.chance(0.6) && live.length > 0) {
        const disputed = live.slice(0, random.between(1, live.length));
        const others = live.filter((line) => !disputed.includes(line));
        for (const line of disputed) order.lines[line]!.disputed = true;
        order.state = "Disputed";
        return {
          signer: order.buyer,
          events: [
            ...(others.length > 0 ? [credit(world, order, others, "Accepted", 10_000)] : []),
            tell("escrow", "Disputed", {
              ...named(order),
              deadline: "7",
              lines: disputed,
              by_receipt: random.chance(0.5),
            }),
          ],
        };
      }
      order.state = "Ended";
      return {
        signer: order.buyer,
        events: [
          ...(live.length > 0 ? [credit(world, order, live, "Accepted", 10_000)] : []),
          tell("escrow", "Settled", {
            ...named(order),
            output: random.chance(0.5) ? random.bytes(32) : null,
          }),
        ],
      };
    }
    default: {
      const unanswered = live.filter((line) => !order.lines[line]!.answered);
      if (unanswered.length > 0 && random.chance(0.5)) {
        for (const line of unanswered) order.lines[line]!.answered = true;
        return {
          signer: order.custodian,
          events: [tell("escrow", "Answered", { order: order.id, by: order.custodian, lines: unanswered })],
        };
      }
      order.state = "Ended";
      const share = random.pick([0, 2_500, 5_000, 10_000]);
      const how = random.chance(0.5)
        ? tell("escrow", "Ruled", { order: order.id, arbitrator: ARBITRATOR })
        : tell("escrow", "Agreed", { order: order.id, buyer: order.buyer, lines: live, share });
      return {
        signer: ARBITRATOR,
        events: [
          how,
          ...(live.length > 0 ? [credit(world, order, live, "Ruled", share)] : []),
          tell("escrow", "Resolved", named(order)),
        ],
      };
    }
  }
};

const withdraws: Teller = (world, random) => {
  if (random.chance(0.1)) {
    return {
      signer: ACCOUNTS[0]!,
      events: [
        tell("escrow", "Paused", { from: "100", until: "200" }),
        ...(random.chance(0.5) ? [tell("escrow", "Resumed", { at: "150" })] : []),
      ],
    };
  }
  const owing = world.orders.filter(({ owed }) => [...owed.values()].some((amount) => amount > 0n));
  const done = world.orders.filter(
    ({ owed, state, forgotten }) =>
      state === "Ended" && !forgotten && ![...owed.values()].some((amount) => amount > 0n),
  );
  if (done.length > 0 && random.chance(0.2)) {
    const order = random.pick(done);
    order.forgotten = true;
    return {
      signer: order.buyer,
      events: [tell("escrow", "Forgotten", { order: order.id, buyer: order.buyer })],
    };
  }
  if (owing.length === 0) return undefined;
  const order = random.pick(owing);
  const [to, amount] = random.pick([...order.owed].filter(([, each]) => each > 0n));
  order.owed.set(to, 0n);
  return {
    signer: random.pick(ACCOUNTS),
    events: [tell("escrow", "Withdrawn", { order: order.id, to, amount: amount.toString() })],
  };
};

const identifies: Teller = (world, random) => {
  const issuer = random.pick(ACCOUNTS);
  const grant = world.grants.find(({ ended }) => !ended);
  const step = (...events: StoryEvent[]) => ({ signer: issuer, events });
  switch (random.below(8)) {
    case 0:
      return step(tell("identity", "IssuerAccredited", { issuer, kinds: random.between(1, 255) }));
    case 1:
      return step(tell("identity", "IssuerDiscredited", { issuer }));
    case 2:
      return step(tell("identity", "IssuerWithheld", { issuer, withheld: random.chance(0.5) }));
    case 3:
      return step(
        tell("identity", random.pick(["AccountSuspended", "SuspensionLifted"]), { account: issuer }),
      );
    case 4:
      // Never presented, or another's: it ends nobody's credential.
      return step(tell("identity", "GrantRevoked", { issuer, grant: grant?.hash ?? random.bytes(32) }));
    case 5:
      if (!grant) return undefined;
      grant.ended = true;
      return random.chance(0.5)
        ? {
            signer: grant.issuer,
            events: [tell("identity", "GrantRevoked", { issuer: grant.issuer, grant: grant.hash })],
          }
        : {
            signer: grant.holder,
            events: [tell("identity", "GrantDropped", { holder: grant.holder, grant: grant.hash })],
          };
    default: {
      const presented = { hash: random.bytes(32), holder: random.pick(ACCOUNTS), issuer, ended: false };
      world.grants.push(presented);
      return {
        signer: presented.holder,
        events: [
          tell("identity", "GrantPresented", {
            holder: presented.holder,
            issuer,
            grant: presented.hash,
            kind: random.pick(["BonaFideResearcher", "EthicsApproval", "Jurisdiction"]),
            scope: random.bytes(32),
            valid_from: "0",
            valid_until: random.amount(U64).toString(),
          }),
        ],
      };
    }
  }
};

const attests: Teller = (_world, random) => {
  const verifier = random.pick(ACCOUNTS);
  const measurement = `0x${random.below(4).toString(16).padStart(64, "0")}`;
  const event = random.pick([
    tell("attestations", "VerifierAdded", { verifier }),
    tell("attestations", "VerifierRemoved", { verifier }),
    tell("attestations", "VerifierWithheld", { verifier, withheld: random.chance(0.5) }),
    tell("attestations", "ReferenceSet", {
      measurement,
      platform: random.pick(["IntelTdx", "Simulated"]),
      min_tcb_date: "1",
      // Text that databases trip over.
      label: random.pick(["enclave 1", "naïve ☃ 𝔘", "nul\0inside", "'; DROP TABLE orders; --", ""]),
    }),
    tell("attestations", "ReferenceRemoved", { measurement }),
    tell("attestations", "MeasurementWithheld", { measurement, withheld: random.chance(0.5) }),
  ]);
  return { signer: ACCOUNTS[0]!, events: [event] };
};

const changesPolicy: Teller = (world, random) => {
  const signer = ACCOUNTS[0]!;
  if (random.chance(0.1)) return { signer, events: [openCollection(world, random)] };
  if (random.chance(0.15)) {
    world.rootVersion++;
    return {
      signer,
      events: [
        tell("policies", "RootSet", { version: world.rootVersion, root: random.bytes(32) }),
        tell("policies", "PairProved", {
          root_version: world.rootVersion,
          child: random.below(2 ** 32),
          ancestor: random.below(2 ** 32),
        }),
      ],
    };
  }
  const open = world.collections.filter(({ closed }) => !closed);
  if (open.length === 0) return undefined;
  const collection = random.pick(open);
  if (random.chance(0.4)) {
    collection.queued = !collection.queued;
    return {
      signer,
      events: [
        collection.queued
          ? tell("policies", "ChangeQueued", {
              collection: collection.id,
              change: {
                proposal: 1,
                version: collection.version + 1,
                hash: random.bytes(32),
                direction: "Wider",
                from: "1",
                until: U64.toString(),
              },
            })
          : tell("policies", "ChangeCleared", { collection: collection.id, proposal: 1 }),
      ],
    };
  }
  collection.version++;
  collection.queued = false;
  if (open.length > 1 && random.chance(0.1)) {
    collection.closed = true;
    return {
      signer,
      events: [
        tell("policies", "CollectionClosed", { collection: collection.id, version: collection.version }),
      ],
    };
  }
  return {
    signer,
    events: [
      tell("policies", "PolicySet", {
        collection: collection.id,
        version: collection.version,
        hash: random.bytes(32),
        direction: random.pick(["Narrower", "Wider", "Mixed"]),
        policy: policy(random),
      }),
    ],
  };
};

const delegates: Teller = (world, random) => {
  const owner = random.pick(ACCOUNTS);
  if (random.chance(0.3))
    return { signer: ACCOUNTS[0]!, events: [mint(world, owner, random.amount(1n << 60n))] };
  if (random.chance(0.1)) {
    const [account, voice] = random.pick(world.voice);
    const left = voice / 2n;
    world.voice = world.voice.map(([each, amount]) => [each, each === account ? left : amount]);
    return {
      signer: ACCOUNTS[0]!,
      events: [
        tell("voice", "Burned", {
          account,
          amount: (voice - left).toString(),
          voice: left.toString(),
          total: world.voice.reduce((sum, [, each]) => sum + each, 0n).toString(),
        }),
      ],
    };
  }
  const others = ACCOUNTS.filter((account) => account !== owner).slice(random.below(5), 8);
  return {
    signer: owner,
    events: [
      tell("voice", "DelegationSet", {
        owner,
        track: random.chance(0.5) ? null : random.pick(["Widen", "Treasury"]),
        delegations: others.slice(0, random.below(4)).map((delegate) => ({
          delegate,
          share: random.between(1, 2_500),
          narrow_only: random.chance(0.5),
          ends: random.below(2 ** 16),
        })),
      }),
    ],
  };
};

const governs: Teller = (world, random) => {
  const signer = random.pick(ACCOUNTS);
  const id = world.proposals.length + 1;
  const voting = world.proposals.filter(({ stage }) => stage === "Voting" || stage === "Queued");
  const moment = { block: random.below(2 ** 32), time: random.amount(U64).toString() };
  if (voting.length === 0 || random.chance(0.15)) {
    const emergency = random.chance(0.4);
    world.proposals.push({ id, stage: "Voting", emergency, nonces: [] });
    const act = random.pick<Json>([
      "Pause",
      { Suspend: ACCOUNTS[6]! },
      { WithholdMeasurement: random.bytes(32) },
    ]);
    return {
      signer,
      events: [
        emergency
          ? tell("governor", "EmergencyBegun", {
              proposal: id,
              act,
              guardians: ACCOUNTS.slice(0, 2),
              at: moment,
              closes: "9",
              content: random.bytes(32),
            })
          : tell("governor", "Proposed", {
              proposal: id,
              proposer: signer,
              track: random.pick(["Narrow", "Widen", "Treasury", "Members"]),
              terms: terms(random),
              at: moment,
              content: random.bytes(32),
              collection: random.chance(0.5) ? 1 : null,
              direction: random.chance(0.5) ? "Wider" : null,
              closes: random.amount(U64).toString(),
              deposit: random.amount(U128).toString(),
              description: random.pick(["0x6261666b7265", "0xff00fe", "0x"]),
              actions: [
                { Policy: { Close: { collection: 1 } } },
                { Governor: { Payment: { to: ACCOUNTS[7]!, amount: "5" } } },
              ],
            }),
      ],
    };
  }
  if (random.chance(0.2)) {
    return {
      signer,
      events: [
        random.pick([
          tell("governor", "Paid", { to: ACCOUNTS[7]!, amount: random.amount(U128).toString() }),
          tell("governor", "RouteSet", {
            callee: ACCOUNTS[8]!,
            selector: "0x01020304",
            track: random.chance(0.5) ? null : "Members",
          }),
          tell("governor", "SettingsSet", {
            settings: { narrow_interval: "1", guardian_term: "2", emergency_rest: "3" },
          }),
          tell("governor", "GuardiansSet", {
            guardians: { members: ACCOUNTS.slice(0, 3), quorum: 2, until: "4" },
          }),
          tell("governor", "TrackSet", { track: "Narrow", terms: terms(random) }),
        ]),
      ],
    };
  }
  const proposal = random.pick(voting);
  const tally = () => ({
    favour: random.amount(1n << 96n).toString(),
    against: "3",
    abstain: random.below(9).toString(),
  });
  const move = (stage: string, name: string, fields: { [name: string]: Json } = {}) => {
    proposal.stage = stage;
    return { signer, events: [tell("governor", name, { proposal: proposal.id, ...fields })] };
  };
  switch (random.below(9)) {
    case 0:
      return { signer, events: [tell("governor", "Extended", { proposal: proposal.id, closes: "99" })] };
    case 1:
      return {
        signer,
        events: [tell("governor", "Recused", { proposal: proposal.id, account: signer, tally: tally() })],
      };
    case 2:
      if (proposal.emergency && random.chance(0.8)) {
        return move("Over", "EmergencyEnded", {
          act: "Pause",
          end: random.pick(["Confirmed", "Overturned", "Lapsed"]),
        });
      }
      if (proposal.stage === "Voting") return move("Queued", "Queued", { from: "1", until: U64.toString() });
      return move("Over", "Executed");
    case 3:
      if (proposal.emergency || random.chance(0.7)) return undefined;
      return move("Over", random.pick(["Cancelled"]), { by_guardians: random.chance(0.5) });
    case 4: {
      if (proposal.emergency) return undefined;
      const over = move("Over", "Expired");
      over.events.push(
        tell("governor", "DepositSettled", {
          proposal: proposal.id,
          proposer: signer,
          amount: "5",
          returned: random.chance(0.5),
        }),
      );
      return over;
    }
    default: {
      const nonces = new Map(proposal.nonces);
      const nonce = nonces.get(signer) ?? 0;
      nonces.set(signer, nonce + 1);
      proposal.nonces = [...nonces];
      const favour = random.below(10_001);
      const parts = { favour, against: 10_000 - favour, abstain: 0 };
      const own = random.chance(0.7);
      const events = [
        tell("governor", "BallotCast", {
          proposal: proposal.id,
          voter: signer,
          ballot: { own: own ? parts : null, delegated: own && random.chance(0.5) ? null : parts },
          nonce,
          by_signature: random.chance(0.5),
          own: tally(),
          delegated: tally(),
          tally: tally(),
          reason: random.pick(["0x", "0x7965730a", "0x00ff", "0xf09f98"]),
        }),
      ];
      if (random.chance(0.3)) {
        events.push(
          tell("governor", "Overridden", {
            proposal: proposal.id,
            delegate: random.pick(ACCOUNTS),
            owner: signer,
            amount: random.amount(1n << 90n).toString(),
            narrow_only: random.chance(0.5),
          }),
        );
      }
      return { signer, events };
    }
  }
};
