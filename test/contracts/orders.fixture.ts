/** Orders on the embedded chain without services: the test holds every key and signs as each party. */
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import { type Contracts, SS58_PREFIX } from "@keystrand/sdk/contracts";
import { type DeployConfig, developmentPolicy, TOKEN } from "@keystrand/sdk/deploy";
import type { ConsentsMessages } from "@keystrand/sdk/generated/consents";
import type { Claim, Purpose, Receipt, Request } from "@keystrand/sdk/generated/escrow";
import type { Policy } from "@keystrand/sdk/generated/policies";
import {
  type AttestationFields,
  attestationMessage,
  blake2b256,
  custodianReceiptMessage,
  datasetId,
  receiptMessage,
} from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import { type ContractsOnChain, contractsOnChain } from "./chain.fixture.ts";

export const BOND = TOKEN;
export const PRICE = 10n * TOKEN;
/** Length of a crypt4gh key packet. */
const PACKET = 108;
export const MEASUREMENT = new Uint8Array(32).fill(0x11);
const PROJECT = `0x${"50".repeat(32)}`;
const MINUTE = 60_000n;

export const WINDOWS = {
  fulfil: 30n * MINUTE,
  release: 10n * MINUTE,
  dispute: 5n * MINUTE,
  answer: 5n * MINUTE,
  arbitration: 10n * MINUTE,
};

export const PURPOSE: Purpose = {
  kind: "Health",
  diseases: [],
  geneticStudy: true,
  nonProfit: false,
  commercialUse: false,
  region: toHex(new TextEncoder().encode("DE")),
  months: 12,
  publishAt: null,
  project: PROJECT,
  populations: 0,
};

export const TERMS = {
  permission: "GeneralResearch",
  diseases: [],
  modifiers: 0,
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
} as const;

/** Parties, contracts and datasets. */
export type OrdersOnChain = ContractsOnChain & Market;

/** A market on whatever chain. */
export interface Market extends Omit<ContractsOnChain, "node" | "serve"> {
  readonly collection: number;
  readonly policy: Policy;
  readonly buyer: KeyringPair;
  readonly custodian: KeyringPair;
  readonly contributor: KeyringPair;
  readonly arbitrator: KeyringPair;
  readonly stranger: KeyringPair;
  readonly enclave: KeyringPair;
  readonly verifiers: readonly KeyringPair[];
  readonly datasets: readonly string[];
  /** Payee of each dataset: an account of its own. */
  readonly payees: readonly string[];
  readonly payeeKeys: readonly KeyringPair[];
}

/** A market of `count` datasets under a policy whose smallest cohort is two. */
export const ordersOnChain = async (
  count: number,
  config: Partial<DeployConfig> = {},
  changes: Partial<Policy> = {},
): Promise<OrdersOnChain> => {
  const chain = await contractsOnChain(config);
  return { ...chain, ...(await marketOn(chain, count, changes)) };
};

/** A market where contracts stand already and Alice governs them. */
export const marketOn = async (
  chain: Omit<ContractsOnChain, "node" | "serve">,
  count: number,
  changes: Partial<Policy> = {},
): Promise<Market> => {
  const { contracts, governor } = chain;
  const [buyer, custodian, contributor, arbitrator, stranger, enclave, ...verifiers] = await Promise.all(
    ["buyer", "custodian", "contributor", "arbitrator", "stranger", "enclave", "v/1", "v/2", "v/3"].map(
      (name) => accountFrom(`//Alice//${name}`),
    ),
  );
  const parties = [buyer!, custodian!, contributor!, arbitrator!, stranger!];
  await fund(
    contracts.api,
    governor,
    parties.map(({ address }) => address),
    10_000n * TOKEN,
  );
  for (const { address } of verifiers)
    await contracts.attestations.execute("addVerifier", { verifier: address }, governor);
  const reference = { platform: "Simulated", minTcbDate: 0n, label: "test" } as const;
  const measurement = toHex(MEASUREMENT);
  await contracts.attestations.execute("addReference", { measurement, reference }, governor);
  const policy: Policy = {
    ...developmentPolicy({
      measurement,
      arbitrator: arbitrator!.address,
      treasury: governor.address,
      committee: [governor.address],
    }),
    terms: TERMS,
    required: [],
    minCohort: 2,
    windows: WINDOWS,
    bond: BOND,
    ...changes,
  };
  const opened = await contracts.policies.execute("open", { policy, disease: null }, governor);
  const payeeKeys = await Promise.all(
    Array.from({ length: count }, (_, index) => accountFrom(`//Alice//payee/${index}`)),
  );
  const payees = payeeKeys.map(({ publicKey }) => encodeAddress(publicKey, SS58_PREFIX));
  const datasets: string[] = [];
  for (const [index, payee] of payees.entries())
    datasets.push(await register(contracts, opened.returned, index, payee, contributor!, custodian!));
  return {
    ...chain,
    collection: opened.returned,
    policy,
    buyer: buyer!,
    custodian: custodian!,
    contributor: contributor!,
    arbitrator: arbitrator!,
    stranger: stranger!,
    enclave: enclave!,
    verifiers,
    datasets,
    payees,
    payeeKeys,
  };
};

const register = async (
  contracts: Contracts,
  collection: number,
  number: number,
  payee: string,
  contributor: KeyringPair,
  custodian: KeyringPair,
): Promise<string> => {
  const args = registration(contracts, collection, number, payee, contributor, custodian);
  return (await contracts.consents.execute("register", args, contributor)).returned;
};

/** Arguments of register for a contributor's dataset of this number. */
export const registration = (
  contracts: Contracts,
  collection: number,
  number: number,
  payee: string,
  contributor: KeyringPair,
  custodian: KeyringPair,
): ConsentsMessages["register"]["args"] => {
  const scope = {
    genesis: fromHex(contracts.deployment.genesis),
    contract: decodeAddress(contracts.consents.address),
  };
  const nonce = blake2b256(Uint8Array.of(1, number & 0xff, number >> 8));
  const root = blake2b256(nonce);
  const keyCommitment = blake2b256(root);
  const dataset = datasetId(scope, contributor.publicKey, nonce);
  const receipt = { dataset, root, keyCommitment, custodian: custodian.publicKey };
  return {
    nonce: toHex(nonce),
    collection,
    root: toHex(root),
    size: 1n,
    keyCommitment: toHex(keyCommitment),
    custodian: custodian.address,
    custodianReceipt: toHex(custodian.sign(custodianReceiptMessage(scope, receipt))),
    payee,
    price: PRICE,
    terms: { ...TERMS, diseases: [] },
    expiresAt: null,
    laboratorySignature: null,
  };
};

let requested = 0;

/** A request for datasets by their positions, as the chain stands. */
export const requestFor = async (
  market: Market,
  positions: readonly number[],
  purpose: Partial<Purpose> = {},
): Promise<Request> => {
  const view = await market.contracts.policies.query("view", { collection: market.collection });
  const versions = await Promise.all(
    positions.map((position) =>
      market.contracts.consents.query("dataset", { dataset: market.datasets[position]! }),
    ),
  );
  requested += 1;
  return {
    collection: market.collection,
    custodian: market.custodian.address,
    lines: positions.map((position, index) => ({
      dataset: market.datasets[position]!,
      consentVersion: versions[index]!.version,
    })),
    purpose: { ...PURPOSE, ...purpose },
    policyVersion: view.version,
    policyHash: view.hash,
    readerKey: `0x${"03".repeat(32)}`,
    job: `0x${"04".repeat(32)}`,
    nonce: toHex(blake2b256(Uint8Array.of(2, requested & 0xff, requested >> 8))),
  };
};

/** Opens an order and answers its id. */
export const create = async (
  market: Market,
  positions: readonly number[],
  purpose: Partial<Purpose> = {},
): Promise<string> => {
  const request = await requestFor(market, positions, purpose);
  const { total } = await market.contracts.escrow.query("quote", { buyer: market.buyer.address, request });
  const { returned } = await market.contracts.escrow.execute("create", { request }, market.buyer, {
    value: total,
  });
  return returned;
};

/** The block time, ms. */
export const blockTime = async ({ contracts }: Market): Promise<bigint> =>
  BigInt((await contracts.api.query.timestamp!.now!()).toString());

/** Arguments of attest: two verifiers' results for the test's enclave. */
export const attestArguments = async (market: Market, order: string, evidence = 1) => {
  const now = await blockTime(market);
  const claim: Claim = {
    order,
    keys: { suite: 1, encryption: `0x${"08".repeat(32)}`, signing: toHex(market.enclave.publicKey) },
    platform: "Simulated",
    measurement: toHex(MEASUREMENT),
    tcbDate: now,
    debug: false,
    evidence: toHex(new Uint8Array(32).fill(evidence)),
    issued: now,
    expires: now + 60n * MINUTE,
  };
  const fields: AttestationFields = {
    keys: { suite: 1, encryption: fromHex(claim.keys.encryption), signing: market.enclave.publicKey },
    platform: "Simulated",
    measurement: MEASUREMENT,
    tcbDate: claim.tcbDate,
    debug: false,
    evidence: fromHex(claim.evidence),
    issued: claim.issued,
    expires: claim.expires,
  };
  const message = attestationMessage(orderScope(market, order), fields);
  const signatures = market.verifiers
    .slice(0, 2)
    .map((verifier) => ({ verifier: verifier.address, signature: toHex(verifier.sign(message)) }));
  return { claim, signatures, buyerSignature: null };
};

/** What every signature about an order names. */
export const orderScope = ({ contracts }: Market, order: string) => ({
  genesis: fromHex(contracts.deployment.genesis),
  contract: decodeAddress(contracts.escrow.address),
  order: fromHex(order),
});

const packet = (line: number) => new Uint8Array(PACKET).fill(line);

/** Arguments of release for these lines. */
export const hashesOf = (lines: readonly number[]) =>
  lines.map((line) => ({ line, hash: toHex(blake2b256(packet(line))) }));

/** Arguments of deliver for these lines. */
export const packetsOf = (lines: readonly number[]) =>
  lines.map((line) => ({ line, bytes: toHex(packet(line)) }));

/** The enclave's receipt over every delivered line. */
export const receiptOf = async (market: Market, order: string, bad: readonly number[]): Promise<Receipt> => {
  const lines = await market.contracts.escrow.query("lines", { order });
  const output = new Uint8Array(32).fill(0xaa);
  const message = receiptMessage(orderScope(market, order), {
    suite: 1,
    output,
    lines: lines.flatMap((line, index) =>
      (line.flags & 1) === 0
        ? []
        : [
            {
              dataset: fromHex(line.dataset),
              root: fromHex(line.root),
              keyCommitment: fromHex(line.keyCommitment),
              packet: fromHex(line.packet),
              good: !bad.includes(index),
            },
          ],
    ),
  });
  return { output: toHex(output), signature: toHex(market.enclave.sign(message)) };
};

/** Brings an order of these lines to Delivered. */
export const delivered = async (market: Market, positions: readonly number[]): Promise<string> => {
  const { escrow } = market.contracts;
  const order = await create(market, positions);
  const lines = positions.map((_, index) => index);
  await escrow.execute("attest", await attestArguments(market, order), market.buyer);
  await escrow.execute("release", { order, packets: hashesOf(lines) }, market.custodian);
  await escrow.execute("deliver", { order, packets: packetsOf(lines) }, market.custodian);
  return order;
};
