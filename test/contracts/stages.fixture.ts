/** One order brought to every state, each state a block that races can fork. */
import type { Hex } from "@keystrand/devchain";
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import { issueGrant, kindsMask, presentGrant, UNSCOPED } from "@keystrand/sdk/credentials";
import { TOKEN } from "@keystrand/sdk/deploy";
import type { Agreement } from "@keystrand/sdk/generated/escrow";
import type { Policy } from "@keystrand/sdk/generated/policies";
import {
  custodianReceiptMessage,
  enclaveMessage,
  reviewMessage,
  type settlementMessage,
} from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import {
  attestArguments,
  BOND,
  blockTime,
  create,
  hashesOf,
  type OrdersOnChain,
  orderScope,
  ordersOnChain,
  packetsOf,
  receiptOf,
} from "./orders.fixture.ts";
import { type Sent, send } from "./races.fixture.ts";

/** Lines of the order. */
export const LINES = [0, 1, 2];
/** Controls: people must decide. */
const SPECIAL_POPULATION = 1;
const REASON = `0x${"09".repeat(32)}`;

const STAGES = ["review", "funded", "qualified", "releasing", "delivered", "disputed", "answered"] as const;
export type Stage = (typeof STAGES)[number];

export interface Stages extends OrdersOnChain {
  /** The order of every stage but review. */
  readonly order: string;
  readonly orderUnderReview: string;
  readonly at: Readonly<Record<Stage, Hex>>;
  readonly issuer: KeyringPair;
  readonly committeeMember: KeyringPair;
  /** Hash of the buyer's grant, which the policy requires. */
  readonly grant: string;
}

/** A market whose policy needs a credential, and an order in each state. Blocks are made by hand from then on. */
export const stages = async (): Promise<Stages> => {
  const committeeMember = await accountFrom("//Alice//member");
  const market = await ordersOnChain(
    4,
    {},
    {
      required: [{ kind: "BonaFideResearcher", scope: UNSCOPED }],
      committee: { members: [committeeMember.address], quorum: 1 },
    },
  );
  const { contracts, governor, buyer, custodian, node } = market;
  const issuer = await accountFrom("//Alice//issuer");
  await fund(contracts.api, governor, [issuer.address], 100n * TOKEN);
  await contracts.identity.execute(
    "accredit",
    { issuer: issuer.address, kinds: kindsMask(["BonaFideResearcher"]) },
    governor,
  );
  const signed = issueGrant(contracts, issuer, {
    holder: buyer.address,
    kind: "BonaFideResearcher",
    validFrom: 0n,
    validUntil: 2n ** 50n,
  });
  await presentGrant(contracts, signed, buyer);
  // Forks must stay possible: nothing becomes final from here.
  node.finality = "held";
  const at: Partial<Record<Stage, Hex>> = {};
  const { escrow } = contracts;
  const reached = (stage: Stage) => {
    at[stage] = node.chain.best.hash;
  };
  const orderUnderReview = await create(market, LINES, { populations: SPECIAL_POPULATION });
  reached("review");
  const order = await create(market, LINES);
  reached("funded");
  await escrow.execute("attest", await attestArguments(market, order), buyer);
  reached("qualified");
  await escrow.execute("release", { order, packets: hashesOf(LINES) }, custodian);
  reached("releasing");
  await escrow.execute("deliver", { order, packets: packetsOf(LINES) }, custodian);
  reached("delivered");
  await escrow.execute("dispute", { order, lines: "0x00" }, buyer, { value: BOND });
  reached("disputed");
  await escrow.execute("answer", { order, lines: "0x00" }, custodian, { value: BOND });
  reached("answered");
  node.sealing = { mode: "manual" };
  return {
    ...market,
    order,
    orderUnderReview,
    at: at as Record<Stage, Hex>,
    issuer,
    committeeMember,
    grant: await contracts.identity.query("grantHash", { grant: signed.grant }),
  };
};

/** The last moment of the order's window at a block, ms. */
export const lastMoment = async ({ contracts, order }: Stages, at: Hex): Promise<number> =>
  Number((await contracts.escrow.query("order", { order }, { at }))!.deadline) - 1;

/** The governor makes another policy current. */
export const policySet = (
  { contracts, collection, policy, governor }: Stages,
  changes: Partial<Policy>,
): Sent =>
  send(
    contracts.policies,
    "setPolicy",
    { collection, expected: 1, policy: { ...policy, ...changes } },
    governor,
  );

/** The governor announces a change. */
export const changeQueued = (
  { contracts, collection, governor }: Stages,
  direction: "Narrower" | "Mixed",
): Sent =>
  send(
    contracts.policies,
    "queue",
    {
      collection,
      change: {
        proposal: 1,
        version: 2,
        hash: `0x${"02".repeat(32)}`,
        direction,
        from: 0n,
        until: 2n ** 60n,
      },
    },
    governor,
  );

/** An attestation sent by a stranger who has the buyer's signature over the enclave's keys. */
export const attestFor = async (stages: Stages, evidence = 1): Promise<Sent> => {
  const { contracts, order, buyer, stranger } = stages;
  const asked = await attestArguments(stages, order, evidence);
  const { suite, encryption, signing } = asked.claim.keys;
  const keys = { suite, encryption: fromHex(encryption), signing: fromHex(signing) };
  const buyerSignature = toHex(buyer.sign(enclaveMessage(orderScope(stages, order), keys)));
  return send(contracts.escrow, "attest", { ...asked, buyerSignature }, stranger);
};

/** A committee's verdict on the order under review, sent by someone. */
export const verdict = async (stages: Stages, clear: boolean, by: KeyringPair): Promise<Sent> => {
  const { contracts, orderUnderReview: order, committeeMember: member } = stages;
  const until = (await blockTime(stages)) + 3_600_000n;
  const scope = orderScope(stages, order);
  const message = reviewMessage(scope, { policyVersion: 1, clear, reason: fromHex(REASON), until });
  const signatures = [{ signer: member.address, signature: toHex(member.sign(message)) }];
  return send(contracts.escrow, clear ? "clear" : "refuse", { order, reason: REASON, until, signatures }, by);
};

/** The enclave's receipt, sent by someone: accept if nothing is bad. */
export const receiptSent = async (stages: Stages, bad: readonly number[], by: KeyringPair): Promise<Sent> => {
  const { contracts, order } = stages;
  const receipt = await receiptOf(stages, order, bad);
  return bad.length === 0
    ? send(contracts.escrow, "accept", { order, receipt }, by)
    : send(contracts.escrow, "reject", { order, bad: toHex(Uint8Array.from(bad)), receipt }, by);
};

/** Line 0 ends at half, by the custodian's part alone, as buyer and custodian agreed; sent by a stranger. */
export const concession = async (
  stages: Stages,
  layout: typeof settlementMessage,
  share: number,
): Promise<Sent> => {
  const { contracts, order, buyer, custodian, stranger } = stages;
  const deadline = (await blockTime(stages)) + 3_600_000n;
  const agreement: Agreement = { lines: "0x00", parts: "Custodian", share, deadline };
  const message = layout(orderScope(stages, order), { lines: [0], share, deadline });
  const signatures = [buyer, custodian].map((signer) => ({
    signer: signer.address,
    signature: toHex(signer.sign(message)),
  }));
  return send(contracts.escrow, "settleMutually", { order, agreement, signatures }, stranger);
};

/** The contributor moves a dataset to another custodian. */
export const moved = async ({ contracts, contributor, datasets }: Stages, to: KeyringPair): Promise<Sent> => {
  const dataset = datasets[0]!;
  const { root, keyCommitment } = (await contracts.consents.query("dataset", { dataset }))!;
  const message = custodianReceiptMessage(
    {
      genesis: fromHex(contracts.deployment.genesis),
      contract: decodeAddress(contracts.consents.address),
    },
    {
      dataset: fromHex(dataset),
      root: fromHex(root),
      keyCommitment: fromHex(keyCommitment),
      custodian: to.publicKey,
    },
  );
  const custodianReceipt = toHex(to.sign(message));
  return send(
    contracts.consents,
    "setCustodian",
    { dataset, custodian: encodeAddress(to.publicKey), custodianReceipt },
    contributor,
  );
};
