import { wellKnownAccounts } from "./accounts.ts";

/** What the node's `--dev` chain spec says, beside its genesis. */
export const developmentChain = {
  name: "Development",
  id: "dev",
  chainType: "Development",
  /** `system_properties` is `{}`: token and SS58 prefix are the defaults. */
  properties: {},
  ss58Prefix: 42,
  nodeName: "substrate-contracts-node",
  nodeVersion: "0.42.0",
} as const;

/** 1 << 60 plancks each: above 2^53, so the patch is written as text and never as a number of JavaScript. */
const ENDOWMENT = (1n << 60n).toString();

/**
 * JSON text to merge over the runtime's default genesis config: the node's development genesis.
 * Source: `testnet_genesis` in substrate-contracts-node 0.42.0, `node/src/chain_spec.rs`.
 */
export const developmentGenesisPatch: string = `{"balances":{"balances":[${wellKnownAccounts
  .map(({ address }) => `["${address}",${ENDOWMENT}]`)
  .join(",")}]},"sudo":{"key":"${wellKnownAccounts[0]!.address}"}}`;
