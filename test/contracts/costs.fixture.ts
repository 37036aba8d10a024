/** What each message costs: weights that the chain charges for, not seconds of this machine. */
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import type { ContractClient, MessageTypes } from "@keystrand/sdk/contracts";
import { issueGrant, kindsMask } from "@keystrand/sdk/credentials";
import { TOKEN } from "@keystrand/sdk/deploy";
import type { Agreement } from "@keystrand/sdk/generated/escrow";
import {
  blake2b256,
  custodianReceiptMessage,
  reviewMessage,
  settlementMessage,
} from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { DESCRIPTION, FAVOUR, own, payment } from "./dao.fixture.ts";
import {
  attestArguments,
  BOND,
  blockTime,
  create,
  hashesOf,
  type OrdersOnChain,
  orderScope,
  PRICE,
  packetsOf,
  receiptOf,
  registration,
  requestFor,
  WINDOWS,
} from "./orders.fixture.ts";

/** Weight, in ps and bytes of proof; deposit (negative: comes back) and fee in the chain's smallest units. */
export interface Cost {
  readonly refTime: bigint;
  readonly proofSize: bigint;
  readonly deposit: bigint;
  readonly fee: bigint;
}

/** By "contract.message", as in the contracts' interfaces. */
export type Costs = Map<string, Cost>;

/** Messages that make something that stays. */
export const CREATES = new Set([
  "escrow.create",
  "consents.register",
  "identity.accredit",
  "identity.present",
  "identity.revoke",
  "identity.suspend",
  "policies.open",
  "policies.queue",
  "policies.setRoot",
  "policies.prove",
  "attestations.addVerifier",
  "attestations.addReference",
  // A measurement can be withheld before it is known.
  "attestations.withholdMeasurement",
  "voice.mint",
  "voice.burn",
  "voice.delegate",
  "governor.propose",
  "governor.vote",
  // The proposal's cell gains the two moments of its delay; execute and expire give the deposit back.
  "governor.queue",
]);

/** Controls: people must decide. */
const SPECIAL_POPULATION = 1;
const REASON = `0x${"09".repeat(32)}`;
const HOUR = 3_600_000n;

/** Measures messages on a market, each by a dry run that must be accepted. */
export class Meter {
  readonly costs: Costs = new Map();
  private readonly market: OrdersOnChain;

  constructor(market: OrdersOnChain) {
    this.market = market;
  }

  async measure<M extends MessageTypes, L extends keyof M & string>(
    client: ContractClient<M>,
    label: L,
    args: M[L]["args"],
    by: KeyringPair,
    value = 0n,
  ): Promise<void> {
    const run = await client.dryRun(label, args, { caller: by.address, value });
    const answer = run.returned as { err?: unknown } | null;
    const name = `${client.abi.contract.replace("keystrand-", "")}.${label}`;
    if (answer && typeof answer === "object" && "err" in answer)
      throw new Error(`${name} was refused: ${JSON.stringify(answer.err)}`);
    const data = toHex(client.abi.message(label).encode(args as Record<string, unknown>));
    const call = client.api.tx.contracts!.call!(client.address, value, run.gasRequired, null, data);
    const { partialFee } = await call.paymentInfo(by);
    const { refTime, proofSize } = run.gasRequired;
    this.costs.set(name, { refTime, proofSize, deposit: run.deposit, fee: partialFee.toBigInt() });
  }

  /** Measures, then sends. */
  async pass<M extends MessageTypes, L extends keyof M & string>(
    client: ContractClient<M>,
    label: L,
    args: M[L]["args"],
    by: KeyringPair,
    value = 0n,
  ) {
    await this.measure(client, label, args, by, value);
    return client.execute(label, args, by, { value });
  }

  /** What happens within is undone: time that passes, rules that change. */
  async aside(work: () => Promise<unknown>): Promise<void> {
    const { node } = this.market;
    const id = node.snapshot();
    await work();
    node.restore(id);
    node.release(id);
  }
}

/** Every message of the escrow for an order of so many lines; and those of consents that name many datasets. */
export const orderCosts = async (market: OrdersOnChain, lines: number): Promise<Costs> => {
  const { contracts, buyer, custodian, contributor, arbitrator, stranger, governor } = market;
  const { escrow, consents, attestations, policies } = contracts;
  const every = Array.from({ length: lines }, (_, index) => index);
  const named = toHex(Uint8Array.from(every));
  const bonds = BOND * BigInt(lines);
  const meter = new Meter(market);
  const permitted = await requestFor(market, every);

  await meter.measure(
    consents,
    "permits",
    {
      collection: market.collection,
      custodian: custodian.address,
      datasets: permitted.lines.map(({ dataset }) => dataset),
      purpose: permitted.purpose,
      buyer: buyer.address,
    },
    buyer,
  );
  await meter.measure(consents, "withdrawAll", { from: 0, limit: lines }, contributor);

  const reviewed = await create(market, every, { populations: SPECIAL_POPULATION });
  const until = (await blockTime(market)) + HOUR;
  for (const clear of [true, false]) {
    const review = { policyVersion: 1, clear, reason: fromHex(REASON), until };
    const signature = toHex(governor.sign(reviewMessage(orderScope(market, reviewed), review)));
    const signatures = [{ signer: governor.address, signature }];
    await meter.measure(
      escrow,
      clear ? "clear" : "refuse",
      { order: reviewed, reason: REASON, until, signatures },
      stranger,
    );
  }

  const request = await requestFor(market, every);
  await meter.measure(escrow, "quote", { buyer: buyer.address, request }, buyer);
  const value = PRICE * BigInt(lines);
  const order = (await meter.pass(escrow, "create", { request }, buyer, value)).returned;
  await meter.measure(escrow, "cancel", { order }, buyer);
  await meter.aside(async () => {
    await market.pass(Number(WINDOWS.fulfil));
    await meter.measure(escrow, "expire", { order }, stranger);
  });
  await meter.aside(async () => {
    await policies.execute("close", { collection: market.collection }, governor);
    await meter.measure(escrow, "abort", { order }, stranger);
  });
  await meter.pass(escrow, "attest", await attestArguments(market, order), buyer);
  await meter.aside(async () => {
    const verifier = market.verifiers[0]!.address;
    await attestations.execute("withholdVerifier", { verifier }, governor);
    await meter.measure(escrow, "invalidate", { order }, stranger);
  });
  await meter.pass(escrow, "release", { order, packets: hashesOf(every) }, custodian);
  await meter.pass(escrow, "deliver", { order, packets: packetsOf(every) }, custodian);

  await meter.measure(escrow, "accept", { order, receipt: await receiptOf(market, order, []) }, stranger);
  await meter.measure(
    escrow,
    "reject",
    { order, bad: named, receipt: await receiptOf(market, order, every) },
    stranger,
  );
  const agreement: Agreement = { lines: named, parts: "All", share: 5_000, deadline: until };
  const agreed = settlementMessage(orderScope(market, order), {
    lines: every,
    share: 5_000,
    deadline: until,
  });
  const signatures = [buyer, custodian, ...market.payeeKeys.slice(0, lines)].map((signer) => ({
    signer: signer.address,
    signature: toHex(signer.sign(agreed)),
  }));
  await meter.measure(escrow, "settleMutually", { order, agreement, signatures }, stranger);
  await meter.aside(async () => {
    await market.pass(Number(WINDOWS.dispute));
    await meter.measure(escrow, "finalize", { order }, stranger);
  });
  await meter.pass(escrow, "dispute", { order, lines: named }, buyer, bonds);
  await meter.aside(async () => {
    await market.pass(Number(WINDOWS.answer));
    await meter.measure(escrow, "concede", { order }, stranger);
  });
  await meter.pass(escrow, "answer", { order, lines: named }, custodian, bonds);
  await meter.aside(async () => {
    await market.pass(Number(WINDOWS.answer + WINDOWS.arbitration));
    await meter.measure(escrow, "arbitrationTimeout", { order }, stranger);
  });
  const shares = every.map((line) => ({ line, share: 6_000 }));
  await meter.pass(escrow, "rule", { order, shares }, arbitrator);
  await meter.pass(escrow, "withdraw", { order, to: custodian.address }, stranger);
  for (const to of [buyer.address, governor.address, ...market.payees.slice(0, lines)])
    await escrow.execute("withdraw", { order, to }, stranger);
  await meter.measure(escrow, "forget", { order }, buyer);
  await escrow.execute("cancel", { order: reviewed }, buyer);
  return meter.costs;
};

/** Every message whose work does not depend on an order's lines. */
export const plainCosts = async (market: OrdersOnChain): Promise<Costs> => {
  const { contracts, buyer, custodian, contributor, stranger, governor, collection } = market;
  const { attestations, consents, escrow, identity, policies } = contracts;
  const meter = new Meter(market);
  const successor = { governor: stranger.address };

  await meter.aside(async () => {
    await meter.pass(escrow, "pause", {}, governor);
    await meter.measure(escrow, "resume", {}, governor);
  });
  for (const contract of [escrow, identity, policies, attestations])
    await meter.measure(contract as typeof escrow, "handOver", successor, governor);
  for (const contract of [identity, policies, attestations])
    await meter.measure(contract as typeof identity, "setCode", { code: contract.abi.codeHash }, governor);

  const fresh = registration(contracts, collection, 60_000, market.payees[0]!, contributor, custodian);
  await meter.measure(consents, "register", fresh, contributor);
  const dataset = market.datasets[0]!;
  const terms = {
    ...market.policy.terms,
    diseases: [1, 2, 3, 4, 5, 6, 7, 8],
    permission: "DiseaseSpecific",
  } as const;
  await meter.measure(consents, "amend", { dataset, terms, price: PRICE, expiresAt: null }, contributor);
  await meter.measure(consents, "withdraw", { dataset }, contributor);
  await meter.measure(consents, "erase", { dataset }, contributor);
  await meter.measure(consents, "setPayee", { dataset, payee: stranger.address }, contributor);
  const { root, keyCommitment } = (await consents.query("dataset", { dataset }))!;
  const received = custodianReceiptMessage(
    { genesis: fromHex(contracts.deployment.genesis), contract: decodeAddress(consents.address) },
    {
      dataset: fromHex(dataset),
      root: fromHex(root),
      keyCommitment: fromHex(keyCommitment),
      custodian: stranger.publicKey,
    },
  );
  const custodianReceipt = toHex(stranger.sign(received));
  await meter.measure(
    consents,
    "setCustodian",
    { dataset, custodian: stranger.address, custodianReceipt },
    contributor,
  );

  await meter.aside(async () => {
    const issuer = await accountFrom("//Alice//issuer");
    await fund(contracts.api, governor, [issuer.address], 100n * TOKEN);
    const kinds = kindsMask(["BonaFideResearcher"]);
    await meter.pass(identity, "accredit", { issuer: issuer.address, kinds }, governor);
    const { grant, issuerSignature } = issueGrant(contracts, issuer, {
      holder: buyer.address,
      kind: "BonaFideResearcher",
      validFrom: 0n,
      validUntil: 2n ** 50n,
    });
    await meter.pass(identity, "present", { grant, issuerSignature }, buyer);
    const hash = await identity.query("grantHash", { grant });
    await meter.measure(identity, "drop", { grant: hash }, buyer);
    await meter.measure(identity, "revoke", { grant: hash }, issuer);
    await meter.measure(identity, "discredit", { issuer: issuer.address }, governor);
    await meter.pass(identity, "withholdIssuer", { issuer: issuer.address }, governor);
    await meter.measure(identity, "restoreIssuer", { issuer: issuer.address }, governor);
    await meter.pass(identity, "suspend", { account: buyer.address }, governor);
    await meter.measure(identity, "lift", { account: buyer.address }, governor);
  });

  const { version } = await policies.query("view", { collection });
  const change = {
    proposal: 1,
    version: version + 1,
    hash: `0x${"02".repeat(32)}`,
    direction: "Narrower",
    from: 0n,
    until: 2n ** 60n,
  } as const;
  await meter.aside(async () => {
    await meter.measure(policies, "open", { policy: market.policy, disease: null }, governor);
    const policy = { ...market.policy, minCohort: market.policy.minCohort + 1 };
    await meter.measure(policies, "setPolicy", { collection, expected: version, policy }, governor);
    await meter.measure(policies, "close", { collection }, governor);
    await meter.measure(policies, "setLimits", { limits: await policies.query("limits", {}) }, governor);
    await meter.pass(policies, "queue", { collection, change }, governor);
    await meter.measure(policies, "clear", { collection, proposal: 1 }, governor);
    const { root: ontology, proof } = deepTree();
    const expected = await policies.query("rootVersion", {});
    const { returned } = await meter.pass(policies, "setRoot", { expected, root: ontology }, governor);
    await meter.measure(policies, "prove", { rootVersion: returned, child: 7, ancestor: 5, proof }, stranger);
  });

  await meter.aside(async () => {
    const verifier = stranger.address;
    await meter.pass(attestations, "addVerifier", { verifier }, governor);
    await meter.measure(attestations, "removeVerifier", { verifier }, governor);
    await meter.pass(attestations, "withholdVerifier", { verifier }, governor);
    await meter.measure(attestations, "restoreVerifier", { verifier }, governor);
    const measurement = `0x${"22".repeat(32)}`;
    const reference = { platform: "Simulated", minTcbDate: 0n, label: "measured for its cost" } as const;
    await meter.pass(attestations, "addReference", { measurement, reference }, governor);
    await meter.measure(attestations, "removeReference", { measurement }, governor);
    await meter.pass(attestations, "withholdMeasurement", { measurement }, governor);
    await meter.measure(attestations, "restoreMeasurement", { measurement }, governor);
  });
  return meter.costs;
};

/** Voice, and a proposal's life: a payment by the treasury, proposed, voted on, queued and executed. */
export const governanceCosts = async (market: OrdersOnChain): Promise<Costs> => {
  const { contracts, governor: founder, stranger } = market;
  const { api, voice, governor } = contracts;
  const meter = new Meter(market);
  await meter.measure(voice, "mint", { to: stranger.address, amount: 1n }, founder);
  await meter.measure(voice, "burn", { from: founder.address, amount: 1n }, founder);
  const now = new Date(Number(await blockTime(market)));
  const ends = (now.getUTCFullYear() - 1970) * 12 + now.getUTCMonth() + 3;
  const delegates = [market.buyer, market.custodian, market.contributor, market.arbitrator];
  const delegations = delegates.map(({ address: delegate }) => ({
    delegate,
    share: 2_500,
    narrowOnly: false,
    ends,
  }));
  await meter.measure(voice, "delegate", { track: null, delegations }, founder);
  await meter.measure(voice, "handOver", { governor: stranger.address }, founder);
  await meter.measure(voice, "setCode", { code: voice.abi.codeHash }, founder);
  await meter.aside(async () => {
    await fund(api, founder, [governor.address], 100n * TOKEN);
    const actions = [payment(stranger.address, TOKEN)];
    const args = { track: "Treasury", actions, description: DESCRIPTION } as const;
    const { returned: proposal } = await meter.pass(governor, "propose", args, founder, TOKEN);
    await market.pass(1_000);
    const ballot = own(FAVOUR);
    await meter.pass(governor, "vote", { proposal, ballot, reason: "0x" }, founder);
    const { timeline, terms } = (await governor.query("proposal", { proposal }))!;
    await market.pass(Number(timeline.closes + terms.confirm - (await blockTime(market))));
    await meter.pass(governor, "queue", { proposal }, stranger);
    await market.pass(Number(terms.delay));
    await meter.aside(async () => {
      await market.pass(Number(terms.grace) + 1_000);
      await meter.measure(governor, "expire", { proposal }, stranger);
    });
    await meter.pass(governor, "execute", { proposal }, stranger);
    await meter.measure(governor, "settleDeposit", { proposal }, stranger);
  });
  return meter.costs;
};

/** One pair of an ontology of 2^19 pairs, as many as MONDO's: its siblings are made up, and so is the root. */
const deepTree = () => {
  const DEPTH = 19;
  const text = new TextEncoder();
  const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
  const hash = (domain: string, ...parts: Uint8Array[]) =>
    blake2b256(Uint8Array.from([...text.encode(domain), ...parts.flatMap((part) => [...part])]));
  let node = hash("keystrand/ontology-leaf", u32(7), u32(5));
  const siblings = Array.from({ length: DEPTH }, (_, level) => hash("sibling", u32(level)));
  for (const sibling of siblings) node = hash("keystrand/ontology-node", node, sibling);
  const count = 2 ** DEPTH;
  return {
    root: toHex(hash("keystrand/ontology-root", u32(count), node)),
    proof: { index: 0, count, siblings: siblings.map(toHex) },
  };
};

/** Adds so many datasets of other contributors, open orders of other buyers, and accounts. */
export const grow = async (market: OrdersOnChain, count: number): Promise<void> => {
  const { contracts, governor, custodian, collection } = market;
  const people = await Promise.all(
    Array.from({ length: count }, (_, index) => accountFrom(`//Alice//grown/${index}`)),
  );
  const addresses = people.map(({ address }) => address);
  await fund(contracts.api, governor, addresses, 1_000n * TOKEN);
  const value = PRICE * 2n;
  for (const [index, person] of people.entries()) {
    const dataset = registration(contracts, collection, 10_000 + index, person.address, person, custodian);
    await contracts.consents.execute("register", dataset, person);
    await contracts.escrow.execute("create", { request: await requestFor(market, [0, 1]) }, person, {
      value,
    });
  }
};
