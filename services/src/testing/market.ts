import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fromHex, secureRandom, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, connect, fund } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf, SS58_PREFIX } from "@keystrand/sdk/contracts";
import { generateKeyPair, type KeyPair } from "@keystrand/sdk/crypt4gh";
import { registerDataset, type StoredDataset, storeDataset } from "@keystrand/sdk/datasets";
import {
  codeFromBundle,
  DEPLOYED_CONTRACTS,
  DEVELOPMENT_GOVERNANCE,
  DEVELOPMENT_LIMITS,
  deploy,
  TOKEN,
} from "@keystrand/sdk/deploy";
import type { Deployment } from "@keystrand/sdk/deployment";
import type { Purpose, State } from "@keystrand/sdk/generated/escrow";
import type { Policy, Terms } from "@keystrand/sdk/generated/policies";
import {
  custodianIdentitySchema,
  type EnclaveOrder,
  enclaveIdentitySchema,
  enclaveOrderSchema,
  requestJson,
  verifierIdentitySchema,
} from "@keystrand/sdk/http";
import { attestOrder, createOrder, quoteOrder, requestsFor, untilOrder } from "@keystrand/sdk/orders";
import type { KeyringPair } from "@polkadot/keyring/types";
import { encodeAddress } from "@polkadot/util-crypto";
import { createDevelopmentRoot } from "../development-root/root.ts";
import { type AtEnd, type ServiceProcess, startProcess, temporaryFolder } from "./process.ts";

const MINUTE = 60_000n;
const ROOT = join(import.meta.dirname, "../../..");
const UNSCOPED = `0x${"00".repeat(32)}`;
const TOKEN_OF_TEST = "a-write-token-of-the-test";
const VERIFIERS = 3;
/** How long an order may take on a machine that has much else to do, ms. */
export const PATIENCE = 400_000;

export const TERMS: Terms = {
  permission: "GeneralResearch",
  diseases: [],
  modifiers: 0,
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
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
  project: UNSCOPED,
  populations: 0,
};

/** A whole market on a chain of its own: contracts, services as processes, a collection with datasets. */
export interface Market {
  readonly contracts: Contracts;
  readonly collection: number;
  readonly datasets: readonly { readonly stored: StoredDataset; readonly contributor: KeyringPair }[];
  readonly buyer: KeyringPair;
  readonly reader: KeyPair;
  readonly governor: KeyringPair;
  readonly verifiers: readonly ServiceProcess[];
  /** Settings that start the same service again. */
  readonly blockStoreSettings: Readonly<Record<string, string>>;
  readonly custodianSettings: Readonly<Record<string, string>>;
  readonly enclaveSettings: Readonly<Record<string, string>>;
  /** The services that tests kill; replace them here when they are started again. */
  blockStore: ServiceProcess;
  custodian: ServiceProcess;
  enclave: ServiceProcess;
  /** Kills the chain and starts it again on the same port. */
  restartChain(): Promise<void>;
  /** Opens an order for datasets by their positions; answers its id. */
  order(datasets: readonly number[]): Promise<string>;
  /** Opens another collection with datasets of its own; answers how to order from it. */
  collect(options: CollectionOptions): Promise<(datasets: readonly number[]) => Promise<string>>;
  /** Opens several orders of one job; answers their ids. */
  job(orders: readonly (readonly number[])[]): Promise<string[]>;
  /** Has the enclave attested for an order and sends attest as the buyer. */
  qualify(order: string, job?: readonly string[]): Promise<EnclaveOrder>;
  /** Waits until the order is in one of these states. */
  until(order: string, ...states: State[]): Promise<void>;
  atEnclave(order: string): Promise<EnclaveOrder>;
}

/** A collection to open. */
export interface CollectionOptions {
  /** Plain VCFs, one a dataset. */
  readonly files: readonly Uint8Array[];
  readonly minCohort?: number;
  /** Length of the release window, ms. */
  readonly releaseWindow?: bigint;
}

/** A market to build. */
export interface MarketOptions extends CollectionOptions {
  readonly atEnd: AtEnd;
}

/** Builds a market. */
export async function openMarket(options: MarketOptions): Promise<Market> {
  const { files, atEnd } = options;
  const { url: node, restart: restartChain } = await startChain(atEnd);
  const api = await connect(node);
  atEnd(() => api.disconnect());
  const governor = await accountFrom("//Alice");
  const deployment = await deploy(api, node, bundles(), governor, {
    name: "test",
    limits: DEVELOPMENT_LIMITS,
    founders: [[governor.address, 1n]],
    governance: DEVELOPMENT_GOVERNANCE,
  });
  const contracts = contractsOf(api, deployment);
  const services = await startServices(deployment, atEnd);
  await admit(contracts, governor, services);
  const collection = await openCollection(contracts, governor, services.enclave, options);
  const datasets = await registerAll(contracts, collection, files, services, "first");
  const buyer = await accountFrom("//Bob");
  const reader = generateKeyPair();
  const atEnclave = (order: string) =>
    requestJson(`${market.enclave.url}/orders/${order}`, enclaveOrderSchema);
  const place = async (
    from: number,
    listed: Market["datasets"],
    orders: readonly (readonly number[])[],
  ): Promise<string[]> => {
    const job = toHex(secureRandom(32));
    const created: string[] = [];
    for (const positions of orders) {
      const [request] = await requestsFor(contracts, {
        collection: from,
        datasets: positions.map((position) => listed[position]!.stored.dataset),
        purpose: PURPOSE,
        readerKey: toHex(reader.publicKey),
      });
      if (request === undefined) throw new Error("the cohort gave no request");
      const { total } = await quoteOrder(contracts, buyer.address, request);
      const sent = await createOrder(contracts, { ...request, job }, total, buyer, { until: "finalized" });
      created.push(sent.returned);
    }
    return created;
  };
  const market: Market = {
    ...services,
    restartChain,
    contracts,
    collection,
    datasets,
    buyer,
    reader,
    governor,
    atEnclave,
    order: async (positions) => (await place(collection, datasets, [positions]))[0]!,
    job: (orders) => place(collection, datasets, orders),
    async collect(more) {
      const other = await openCollection(contracts, governor, market.enclave, more);
      const registered = await registerAll(contracts, other, more.files, market, "more");
      return async (positions) => (await place(other, registered, [positions]))[0]!;
    },
    async qualify(order, job = [order]) {
      const attested = await requestJson(`${market.enclave.url}/orders`, enclaveOrderSchema, {
        json: { order, job },
      });
      await attestOrder(contracts, attested, buyer);
      return attested;
    },
    async until(order, ...states) {
      await untilOrder(contracts, order, states, AbortSignal.timeout(PATIENCE));
    },
  };
  return market;
}

/** A chain that can be killed and started again where it stood. */
async function startChain(atEnd: AtEnd): Promise<{ url: string; restart: () => Promise<void> }> {
  const folder = temporaryFolder(atEnd);
  const start = async (port: string): Promise<{ url: string; child: ChildProcess }> => {
    const child = spawn(
      process.execPath,
      [join(ROOT, "devchain/src/cli.ts"), "--port", port, "--finality", "100", "--base-path", folder],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /running at (ws:\S+)/.exec(line)?.[1];
      if (url !== undefined) return { url, child };
    }
    throw new Error("the chain ended before it listened");
  };
  const end = async (child: ChildProcess, signal: "SIGTERM" | "SIGKILL") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  let { url, child } = await start("0");
  atEnd(() => end(child, "SIGTERM"));
  return {
    url,
    restart: async () => {
      await end(child, "SIGKILL");
      ({ url, child } = await start(new URL(url).port));
    },
  };
}

function bundles() {
  const code = (name: string) =>
    codeFromBundle(JSON.parse(readFileSync(join(ROOT, `contracts-ink/artifacts/${name}.contract`), "utf8")));
  return Object.fromEntries(DEPLOYED_CONTRACTS.map((name) => [name, code(name)])) as Parameters<
    typeof deploy
  >[2];
}

async function startServices(deployment: Deployment, atEnd: AtEnd) {
  const folder = temporaryFolder(atEnd);
  const record = join(folder, "deployment.json");
  writeFileSync(record, JSON.stringify(deployment));
  const root = join(folder, "development-root");
  await createDevelopmentRoot(root);
  const of = (name: string) => ({ FOLDER: join(folder, name) });
  const chain = { KEYSTRAND_DEPLOYMENT: record };
  const custodianSettings = { ...of("custodian"), ...chain };
  const blockStoreSettings = { ...of("block-store"), WRITE_TOKEN: TOKEN_OF_TEST };
  const [blockStore, custodian, ...verifiers] = await Promise.all([
    startProcess("block-store", blockStoreSettings, { atEnd }),
    startProcess("custodian", custodianSettings, { atEnd }),
    ...Array.from({ length: VERIFIERS }, (_, index) =>
      startProcess("verifier", { ...of(`verifier-${index}`), DEVELOPMENT_ROOT: root }, { atEnd }),
    ),
  ]);
  const enclaveSettings = {
    ...of("enclave"),
    ...chain,
    DEVELOPMENT_ROOT: root,
    VERIFIER_URLS: verifiers.map(({ url }) => url).join(","),
    BLOCK_STORE_URL: blockStore.url,
    BLOCK_STORE_TOKEN: TOKEN_OF_TEST,
  };
  const enclave = await startProcess("enclave", enclaveSettings, { atEnd });
  return {
    blockStore,
    custodian,
    verifiers,
    enclave,
    blockStoreSettings,
    custodianSettings,
    enclaveSettings,
  };
}

type Services = Awaited<ReturnType<typeof startServices>>;

const address = (account: string) => encodeAddress(fromHex(account), SS58_PREFIX);

async function admit(
  { api, attestations }: Contracts,
  governor: KeyringPair,
  services: Services,
): Promise<void> {
  for (const { url } of services.verifiers) {
    const { account } = await requestJson(`${url}/identity`, verifierIdentitySchema);
    await attestations.execute("addVerifier", { verifier: address(account) }, governor);
  }
  const enclave = await requestJson(`${services.enclave.url}/identity`, enclaveIdentitySchema);
  const reference = { platform: enclave.platform, minTcbDate: 0n, label: "test" };
  await attestations.execute("addReference", { measurement: enclave.measurement, reference }, governor);
  const custodian = await requestJson(`${services.custodian.url}/identity`, custodianIdentitySchema);
  await fund(api, governor, [address(custodian.account), address(enclave.host)], 1_000n * TOKEN);
}

async function openCollection(
  { policies }: Contracts,
  governor: KeyringPair,
  enclave: ServiceProcess,
  { minCohort = 2, releaseWindow = 10n * MINUTE }: CollectionOptions,
): Promise<number> {
  const { measurement } = await requestJson(`${enclave.url}/identity`, enclaveIdentitySchema);
  const treasury = (await accountFrom("//Charlie")).address;
  const policy: Policy = {
    terms: TERMS,
    required: [],
    attestation: {
      quorum: 2,
      platforms: ["Simulated"],
      measurements: [measurement],
      minTcbDate: 0n,
      admitDebug: false,
      maxAge: 60n * MINUTE,
    },
    minCohort,
    laboratory: false,
    split: { contributor: 8_000, custodian: 1_500, treasury: 500 },
    windows: {
      fulfil: 60n * MINUTE,
      release: releaseWindow,
      dispute: 60n * MINUTE,
      answer: 60n * MINUTE,
      arbitration: 60n * MINUTE,
    },
    bond: TOKEN,
    arbitrator: (await accountFrom("//Dave")).address,
    treasury,
    committee: { members: [(await accountFrom("//Eve")).address], quorum: 1 },
  };
  return (await policies.execute("open", { policy, disease: null }, governor)).returned;
}

async function registerAll(
  contracts: Contracts,
  collection: number,
  files: readonly Uint8Array[],
  { blockStore, custodian }: Pick<Services, "blockStore" | "custodian">,
  name: string,
) {
  const contributors = await Promise.all(files.map((_, index) => accountFrom(`//Alice//${name}//${index}`)));
  const addresses = contributors.map(({ address }) => address);
  await fund(contracts.api, await accountFrom("//Alice"), addresses, 100n * TOKEN);
  const destination = { blockStore: { url: blockStore.url, token: TOKEN_OF_TEST }, custodian: custodian.url };
  const consent = { collection, terms: TERMS, price: TOKEN };
  return Promise.all(
    files.map(async (bytes, index) => {
      const contributor = contributors[index]!;
      const file = { name: "person.vcf", mediaType: "text/x-vcf", stream: () => bytes };
      const readers = [generateKeyPair().publicKey];
      const stored = await storeDataset(contracts, [file], contributor.address, readers, destination);
      await registerDataset(contracts, stored, { ...consent, payee: contributor.address }, contributor);
      return { stored, contributor };
    }),
  );
}
