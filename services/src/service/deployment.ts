import { readFileSync } from "node:fs";
import { DEPLOYMENT_VARIABLE, type Deployment, deploymentSchema } from "@keystrand/sdk/deployment";
import { decodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";

/** Settings of a service that works with a chain. */
export const chainSettings = z.object({
  /** Path of the deployment record that `npm run deploy` writes. */
  [DEPLOYMENT_VARIABLE]: z.string().min(1, "name the deployment record that `npm run deploy` wrote"),
  /** WebSocket URL of the node; the deployment record's without it. */
  NODE_URL: z.url({ protocol: /^wss?$/ }).optional(),
});

/**
 * Reads the deployment record.
 * @throws Error in plain words when it is not there or not one
 */
export function readDeployment(path: string): Deployment {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`there is no deployment record at ${path}; \`npm run deploy\` writes one`, {
      cause: error,
    });
  }
  return deploymentSchema.parse(JSON.parse(text));
}

/**
 * The account of a deployed contract, 32 bytes.
 * @throws Error when the record has no such contract
 */
export function contractAccount(deployment: Deployment, name: string): Uint8Array {
  const contract = deployment.contracts[name];
  if (contract === undefined) throw new Error(`the deployment record has no contract ${name}; deploy again`);
  return decodeAddress(contract.address);
}
