/** The contracts on the embedded chain, in this process. */
import { readFileSync } from "node:fs";
import { ChainNode, ChainProvider, createChain } from "@keystrand/devchain";
import { type RunningServer, startServer } from "@keystrand/devchain/server";
import { accountFrom } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf } from "@keystrand/sdk/contracts";
import {
  codeFromBundle,
  DEPLOYED_CONTRACTS,
  DEVELOPMENT_GOVERNANCE,
  DEVELOPMENT_LIMITS,
  type DeployConfig,
  deploy,
} from "@keystrand/sdk/deploy";
import { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";

export interface ContractsOnChain {
  readonly contracts: Contracts;
  /** The chain itself: sealing, forks, time. */
  readonly node: ChainNode;
  /** Deployer, and so governor of every contract. */
  readonly governor: KeyringPair;
  /** The next block comes after this much more time, ms. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Lets other processes reach the chain over a port. */
  readonly serve: () => Promise<RunningServer>;
  readonly close: () => Promise<void>;
}

/** A committed bundle's file: code and metadata. */
export const metadataOf = (name: string): Parameters<typeof codeFromBundle>[0] =>
  JSON.parse(
    readFileSync(new URL(`../../contracts-ink/artifacts/${name}.contract`, import.meta.url), "utf8"),
  );

/** A committed bundle. */
export const bundle = (name: string) => codeFromBundle(metadataOf(name));

/** A chain to run on, and how time passes there. */
export interface TestChain {
  readonly api: ApiPromise;
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A chain of its own with every contract deployed by Alice. */
export const contractsOnChain = async (config: Partial<DeployConfig> = {}): Promise<ContractsOnChain> => {
  const node = new ChainNode({ chain: await createChain() });
  const api = await ApiPromise.create({ provider: new ChainProvider(node), noInitWarn: true });
  const chain: TestChain = {
    api,
    pass: async (milliseconds) => {
      const now = Number((await api.query.timestamp!.now!()).toString());
      node.seal({ timestamp: now + milliseconds });
    },
    close: async () => {
      await api.disconnect();
      node.close();
    },
  };
  return {
    ...(await contractsOn(chain, config)),
    node,
    serve: () => startServer({ node, port: 0 }),
  };
};

/** Every contract deployed by Alice on a chain that runs. */
export const contractsOn = async (
  { api, pass, close }: TestChain,
  config: Partial<DeployConfig> = {},
): Promise<Omit<ContractsOnChain, "node" | "serve">> => {
  const governor = await accountFrom("//Alice");
  const codes = Object.fromEntries(DEPLOYED_CONTRACTS.map((name) => [name, bundle(name)])) as Record<
    (typeof DEPLOYED_CONTRACTS)[number],
    ReturnType<typeof bundle>
  >;
  const deployment = await deploy(api, "in process", codes, governor, {
    name: "test",
    limits: DEVELOPMENT_LIMITS,
    founders: [[governor.address, 100n]],
    governance: DEVELOPMENT_GOVERNANCE,
    ...config,
  });
  return { contracts: contractsOf(api, deployment), governor, pass, close };
};
