/** What the command knows of a running system: the home folder that `npm start` keeps. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accountFrom, connect } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf } from "@keystrand/sdk/contracts";
import { deploymentSchema } from "@keystrand/sdk/deployment";
import { BaseError } from "@keystrand/sdk/errors";
import type { KeyringPair } from "@polkadot/keyring/types";
import { z } from "zod";

/** No system runs, or its home folder is not readable. */
export class NoSystemError extends BaseError {
  override readonly name = "NoSystemError";
}

const endpointsSchema = z.object({
  node: z.string(),
  blockStore: z.object({ url: z.url(), token: z.string() }),
  custodian: z.url(),
  verifiers: z.array(z.url()),
  enclave: z.url(),
  indexer: z.url(),
});
export type Endpoints = z.infer<typeof endpointsSchema>;

/** `.keystrand` in the working folder, or `KEYSTRAND_HOME`. */
export const homeFolder = (): string => process.env["KEYSTRAND_HOME"] ?? join(process.cwd(), ".keystrand");

const readJson = (name: string): unknown => {
  const file = join(homeFolder(), name);
  if (!existsSync(file))
    throw new NoSystemError("No running system was found.", {
      happened: [`There is no ${file}.`],
      remedy: "Start one with npm start, in the same folder; or name its home in KEYSTRAND_HOME.",
    });
  return JSON.parse(readFileSync(file, "utf8"));
};

/** What commands need that only speak to the chain; the rest is used where it is there. */
const governedSchema = z.object({
  node: z.string(),
  blockStore: z.object({ url: z.url(), token: z.string() }).optional(),
  indexer: z.url().optional(),
});

export interface GovernedSystem {
  readonly contracts: Contracts;
  readonly endpoints: z.infer<typeof governedSchema>;
  disconnect(): Promise<void>;
}

/** Connects to the chain and contracts of the home folder; no service needs to run. */
export const governedSystem = async (): Promise<GovernedSystem> => {
  const endpoints = governedSchema.parse(readJson("endpoints.json"));
  const deployment = deploymentSchema.parse(readJson("deployment.json"));
  const api = await connect(endpoints.node);
  return { contracts: contractsOf(api, deployment), endpoints, disconnect: () => api.disconnect() };
};

/** A file or a name gives no account. */
export class AccountError extends BaseError {
  override readonly name = "AccountError";
}

/**
 * The account that signs: a file with a mnemonic or a `0x` seed (and derivation), or a name under the home folder's
 * secret, such as `member/1`, as the demonstration has them. Secrets never stand on a command line.
 */
export const signingAccount = async (name: string): Promise<KeyringPair> => {
  if (existsSync(name)) {
    const secret = readFileSync(name, "utf8").trim();
    try {
      return await accountFrom(secret);
    } catch (cause) {
      throw new AccountError(`${name} holds no secret.`, {
        remedy:
          "It holds a mnemonic or a 0x seed of 32 bytes, with derivation such as //member where wanted.",
        cause,
      });
    }
  }
  if (!/^[a-z]+(\/\d+)?$/.test(name))
    throw new AccountError(`There is no file ${name}, and it is no name of an account.`, {
      remedy: "Name a file with a secret, or an account of this home folder such as member/1.",
    });
  const file = join(homeFolder(), "secret");
  if (!existsSync(file))
    throw new AccountError(`The account ${name} has no secret here.`, {
      happened: [`There is no ${file}.`],
      remedy: "Name a file with your own secret instead.",
    });
  return accountFrom(`${readFileSync(file, "utf8").trim()}//${name.replace("/", "//")}`);
};

export interface RunningSystem {
  readonly contracts: Contracts;
  readonly endpoints: Endpoints;
  readonly secret: string;
  disconnect(): Promise<void>;
}

/** Connects to the system of the home folder. */
export const runningSystem = async (): Promise<RunningSystem> => {
  const endpoints = endpointsSchema.parse(readJson("endpoints.json"));
  const deployment = deploymentSchema.parse(readJson("deployment.json"));
  const api = await connect(endpoints.node);
  return {
    contracts: contractsOf(api, deployment),
    endpoints,
    secret: readFileSync(join(homeFolder(), "secret"), "utf8").trim(),
    disconnect: () => api.disconnect(),
  };
};
