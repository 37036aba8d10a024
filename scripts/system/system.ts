/** Starts the whole system: chain, contracts, block store, custodian, verifiers, enclave, and stops it in order. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { accountFrom, connect, faucet, freeBalance, isDevelopmentChain } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf } from "@keystrand/sdk/contracts";
import { DEVELOPMENT_LIMITS, type DeployStep, deploy, isDeployed } from "@keystrand/sdk/deploy";
import { type Deployment, deploymentSchema } from "@keystrand/sdk/deployment";
import { readBundles } from "../deploy/bundles.ts";
import { constitute, governanceOf, issuerOf, membersOf, WORKING_FUNDS } from "./constitution.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Home } from "./home.ts";
import { type Part, startPart } from "./processes.ts";

const ROOT = join(import.meta.dirname, "../..");
const VERIFIERS = 3;
/** Where the parts listen, for the cli, the indexer and the web. */
export interface Endpoints {
  readonly node: string;
  readonly blockStore: { readonly url: string; readonly token: string };
  readonly custodian: string;
  readonly verifiers: readonly string[];
  readonly enclave: string;
  /** GraphQL at /graphql, exports over REST. */
  readonly indexer: string;
}

export interface System {
  readonly home: Home;
  readonly deployment: Deployment;
  readonly contracts: Contracts;
  readonly endpoints: Endpoints;
  /** By name, for crash tests; a restarted part takes its place. */
  readonly parts: ReadonlyMap<string, Part>;
  restart(name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly home: Home;
  /** A running node; without it the embedded chain is started. */
  readonly node?: string | undefined;
  /** Port of the embedded chain; without it 9944, or a free one when that is taken. */
  readonly port?: number | undefined;
  readonly say: (line: string) => void;
  /** Ends the start between two steps; what was started is stopped again. */
  readonly signal?: AbortSignal | undefined;
}

/** The preferred port, or 0 for any when it is taken. */
const freePort = (preferred: number): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(0));
    probe.listen(preferred, "127.0.0.1", () => probe.close(() => resolve(preferred)));
  });

/** Starts everything; what was started is stopped again when a later step fails. */
export const startSystem = async ({ home, node, port, say, signal }: SystemOptions): Promise<System> => {
  const parts = new Map<string, Part>();
  const starters = new Map<string, () => Promise<Part>>();
  const logs = home.path("logs");

  const start = async (name: string, starter: () => Promise<Part>): Promise<Part> => {
    signal?.throwIfAborted();
    starters.set(name, starter);
    const part = await starter();
    parts.set(name, part);
    return part;
  };

  const stopAll = async () => {
    for (const part of [...parts.values()].reverse()) await part.stop();
    parts.clear();
  };

  const embedded = !node;
  try {
    if (!node) {
      const chosen = port ?? (await freePort(9944));
      if (port === undefined && chosen === 0)
        say("Port 9944 is taken (another chain?); the embedded chain takes a free one.");
      const chain = await start("chain", () =>
        startPart({
          name: "chain",
          script: "devchain/src/cli.ts",
          args: [
            "--port",
            String(parts.get("chain") ? new URL(parts.get("chain")!.url).port : chosen),
            "--base-path",
            home.path("chain"),
          ],
          folder: home.path("chain"),
          logs,
          announcedBy: /running at (ws:\S+)/,
        }),
      );
      say(`chain        ${chain.url}  embedded: the real contracts-node runtime in process`);
      node = chain.url;
    }

    const api = await connect(node);
    const deployer = await accountFrom(`${home.secret}//deployer`);
    const recorded = deploymentSchema.safeParse(home.read("deployment.json"));
    const sameChain = recorded.success && recorded.data.genesis === api.genesisHash.toHex();
    if (recorded.success && !sameChain) say("The deployment record is of another chain; deploying anew.");
    if ((await freeBalance(api, deployer.address)) < WORKING_FUNDS / 10n)
      await faucet(api, [deployer.address], WORKING_FUNDS);
    const whole = sameChain && (await isDeployed(api, recorded.data));
    if (whole) say("contracts    as recorded; --fresh deploys them anew");
    const deployment = whole
      ? { ...recorded.data, node }
      : await deploy(
          api,
          node,
          readBundles(),
          deployer,
          {
            name: "demonstration",
            limits: DEVELOPMENT_LIMITS,
            founders: (await membersOf(home.secret)).map((member) => [member.address, 100n] as const),
            governance: await governanceOf(home.secret),
          },
          ({ contract, instantiated }: DeployStep) => {
            signal?.throwIfAborted();
            say(
              `contract     ${contract.padEnd(13)} ${instantiated.address}  ${instantiated.inclusion ? `block ${instantiated.block}` : "was there"}`,
            );
          },
        );
    home.write("deployment.json", deployment);
    const contracts = contractsOf(api, deployment);

    const chainEnvironment = { KEYSTRAND_DEPLOYMENT: home.path("deployment.json"), NODE_URL: node };
    const service = (name: string, script: string, environment: Readonly<Record<string, string>>) =>
      start(name, () =>
        startPart({
          name,
          script: `services/src/${script}/main.ts`,
          // Others know it by its address: a restarted service listens where it did.
          environment: parts.has(name)
            ? { ...environment, PORT: new URL(parts.get(name)!.url).port }
            : environment,
          folder: home.path(name),
          logs,
          announcedBy: "address.json",
        }),
      );

    const indexer = await start("indexer", () =>
      startPart({
        name: "indexer",
        script: "indexer/src/main.ts",
        environment: chainEnvironment,
        folder: home.path("indexer"),
        logs,
        announcedBy: "address.json",
      }),
    );

    const root = home.path("development-root");
    if (!existsSync(root)) {
      const made = spawnSync(process.execPath, [join(ROOT, "services/src/development-root/main.ts"), root], {
        encoding: "utf8",
      });
      if (made.status !== 0) throw new Error(`The development root could not be made: ${made.stderr}`);
      say("attestation  SIMULATED: a development root signs the evidence; no hardware stands behind it");
    }
    const blockStore = await service("block-store", "block-store", {});
    const token = readFileSync(home.path("block-store", "write-token"), "utf8").trim();
    const custodian = await service("custodian", "custodian", chainEnvironment);
    const verifiers: Part[] = [];
    for (let number = 1; number <= VERIFIERS; number++)
      verifiers.push(await service(`verifier-${number}`, "verifier", { DEVELOPMENT_ROOT: root }));
    const enclave = await service("enclave", "enclave", {
      ...chainEnvironment,
      DEVELOPMENT_ROOT: root,
      VERIFIER_URLS: verifiers.map(({ url }) => url).join(","),
      BLOCK_STORE_URL: blockStore.url,
      BLOCK_STORE_TOKEN: token,
    });
    for (const part of [indexer, blockStore, custodian, ...verifiers, enclave])
      say(`service      ${part.name.padEnd(13)} ${part.url}`);

    const endpoints: Endpoints = {
      node,
      blockStore: { url: blockStore.url, token },
      custodian: custodian.url,
      verifiers: verifiers.map(({ url }) => url),
      enclave: enclave.url,
      indexer: indexer.url,
    };
    home.write("endpoints.json", endpoints);
    // Only the embedded chain makes blocks by itself; a public one would not want this and needs it as little.
    const stopHeartbeat =
      !embedded && (await isDevelopmentChain(api)) ? await startHeartbeat(api, home.secret, say) : () => {};
    await constitute(contracts, deployer, (await issuerOf(home.secret)).address, endpoints);
    return {
      home,
      deployment,
      contracts,
      endpoints,
      parts,
      async restart(name) {
        const starter = starters.get(name);
        if (!starter) throw new Error(`There is no part ${name}.`);
        parts.set(name, await starter());
      },
      async stop() {
        stopHeartbeat();
        await api.disconnect();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
};
