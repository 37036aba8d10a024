import { z } from "zod";

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, "expected 0x and 64 lower-case hex digits");

/** One contract of a deployment. */
export const deployedContractSchema = z.looseObject({
  /** SS58 address. */
  address: z.string().min(46).max(50),
  /** Hash of the code at instantiation; a later replacement is found in the chain's events. */
  codeHash: hash,
  /** Height of the block that instantiated it. */
  block: z.int().nonnegative(),
});

/**
 * The deployment record: written once by `npm run deploy`, read by every other part. Its path stands in the
 * environment variable `KEYSTRAND_DEPLOYMENT`.
 */
export const deploymentSchema = z.looseObject({
  /** Hash of block 0: the chain's identity. */
  genesis: hash,
  /** WebSocket URL of a node of that chain. */
  node: z.url({ protocol: /^wss?$/ }),
  /** By contract name: identity, consents, policies, attestations, escrow, voice, governor ... */
  contracts: z.record(z.string(), deployedContractSchema),
});

export type DeployedContract = z.infer<typeof deployedContractSchema>;
export type Deployment = z.infer<typeof deploymentSchema>;

/** Name of the environment variable with the record's path. */
export const DEPLOYMENT_VARIABLE = "KEYSTRAND_DEPLOYMENT";
