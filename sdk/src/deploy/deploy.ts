/** Deploying the contracts: resumable, since every address is known beforehand and nothing is done twice. */
import type { ApiPromise } from "@polkadot/api";
import { blake2AsU8a } from "@polkadot/util-crypto";
import type { Account } from "../chain/submit.ts";
import { type Abi, compileAbi, type Metadata } from "../contracts/abi.ts";
import type { GovernorConstructors } from "../contracts/generated/governor.ts";
import type { Limits } from "../contracts/generated/policies.ts";
import { type Contracts, contractsOf } from "../contracts/index.ts";
import { type Code, contractExists, type Instantiated, instantiate } from "../contracts/instantiate.ts";
import type { Deployment } from "../deployment.ts";
import { designRoutes } from "./routes.ts";

/** Contracts in the order of their deployment: each needs only those before it. */
export const DEPLOYED_CONTRACTS = [
  "identity",
  "policies",
  "consents",
  "attestations",
  "escrow",
  "voice",
  "governor",
] as const;
export type DeployedContractName = (typeof DEPLOYED_CONTRACTS)[number];

/** What a deployment is asked to be. */
export interface DeployConfig {
  /** Tells apart deployments of one deployer; the same name finds the same contracts again. */
  readonly name: string;
  /** Bounds within which policies may choose. */
  readonly limits: Limits;
  /** Founding members and their voice. */
  readonly founders: readonly (readonly [address: string, voice: bigint])[];
  /** Tracks, periods and guardians of the governor. */
  readonly governance: Omit<GovernorConstructors["new"]["args"], "genesis" | "neighbours">;
}

export interface DeployStep {
  readonly contract: DeployedContractName;
  readonly instantiated: Instantiated;
}

/** Reads a `.contract` bundle. */
export const codeFromBundle = (bundle: Metadata & { source: { wasm: string } }): Code => ({
  abi: compileAbi(bundle) satisfies Abi,
  wasm: Uint8Array.from(
    (bundle.source.wasm.slice(2).match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)),
  ),
});

/**
 * Instantiates what is missing and wires it together. The deployer is governor of every contract afterwards; it
 * hands over by {@link handOver}.
 *
 * @param node - WebSocket address to put into the record
 * @returns the deployment record
 */
export const deploy = async (
  api: ApiPromise,
  node: string,
  codes: Readonly<Record<DeployedContractName, Code>>,
  deployer: Account,
  config: DeployConfig,
  onStep?: (step: DeployStep) => void,
): Promise<Deployment> => {
  const genesis = api.genesisHash.toHex();
  const salt = blake2AsU8a(`keystrand ${config.name}`, 256);
  const addresses = new Map<DeployedContractName, string>();
  const address = (name: DeployedContractName) => addresses.get(name)!;
  const args: Record<DeployedContractName, () => Record<string, unknown>> = {
    identity: () => ({ genesis }),
    policies: () => ({ identity: address("identity"), limits: config.limits }),
    consents: () => ({ genesis, policies: address("policies"), identity: address("identity") }),
    attestations: () => ({ genesis }),
    escrow: () => ({
      genesis,
      consents: address("consents"),
      policies: address("policies"),
      attestations: address("attestations"),
    }),
    voice: () => ({ founders: config.founders }),
    governor: () => ({
      genesis,
      neighbours: {
        voice: address("voice"),
        policies: address("policies"),
        escrow: address("escrow"),
        identity: address("identity"),
        attestations: address("attestations"),
      },
      ...config.governance,
      routes: [...designRoutes(address), ...config.governance.routes],
    }),
  };
  const contracts: Deployment["contracts"] = {};
  for (const contract of DEPLOYED_CONTRACTS) {
    const instantiated = await instantiate(api, codes[contract], "new", args[contract](), deployer, salt);
    addresses.set(contract, instantiated.address);
    contracts[contract] = {
      address: instantiated.address,
      codeHash: codes[contract].abi.codeHash,
      block: instantiated.block,
    };
    onStep?.({ contract, instantiated });
  }
  const deployment: Deployment = { genesis, node, contracts };
  const clients = contractsOf(api, deployment);
  if ((await clients.attestations.query("settings", {})).escrow === null)
    await clients.attestations.execute("setEscrow", { escrow: address("escrow") }, deployer);
  return deployment;
};

/** Whether every contract of the record stands on the chain. */
export const isDeployed = async (api: ApiPromise, { contracts }: Deployment): Promise<boolean> => {
  for (const name of DEPLOYED_CONTRACTS) {
    const contract = contracts[name];
    if (!contract || !(await contractExists(api, contract.address))) return false;
  }
  return true;
};

/** Contracts whose governor the deployer is until it hands over. */
const GOVERNED = ["identity", "policies", "attestations", "escrow", "voice"] as const;

/** Who governs each contract now. */
export const governors = async (
  contracts: Contracts,
): Promise<Readonly<Record<(typeof GOVERNED)[number], string>>> => ({
  identity: (await contracts.identity.query("settings", {})).governor,
  policies: await contracts.policies.query("governor", {}),
  attestations: (await contracts.attestations.query("settings", {})).governor,
  escrow: (await contracts.escrow.query("settings", {})).governor,
  voice: await contracts.voice.query("governor", {}),
});

/** Gives every contract another governor; what is handed over already stays. */
export const handOver = async (contracts: Contracts, from: Account, governor: string): Promise<void> => {
  const present = await governors(contracts);
  if (present.policies !== governor) await contracts.policies.execute("handOver", { governor }, from);
  if (present.attestations !== governor) await contracts.attestations.execute("handOver", { governor }, from);
  if (present.escrow !== governor) await contracts.escrow.execute("handOver", { governor }, from);
  if (present.voice !== governor) await contracts.voice.execute("handOver", { governor }, from);
  if (present.identity !== governor) await contracts.identity.execute("handOver", { governor }, from);
};
