/** What the command knows of a running system: the home folder that `npm start` keeps. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@keystrand/sdk/chain";
import { type Contracts, contractsOf } from "@keystrand/sdk/contracts";
import { deploymentSchema } from "@keystrand/sdk/deployment";
import { BaseError } from "@keystrand/sdk/errors";
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
