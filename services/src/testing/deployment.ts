import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@keystrand/sdk/bytes";
import type { Deployment } from "@keystrand/sdk/deployment";
import { encodeAddress } from "@polkadot/util-crypto";
import { temporaryFolder } from "./process.ts";

/** A deployment record for tests that need no chain, and its path. */
export function writeDeployment(): { path: string; deployment: Deployment } {
  const contract = (byte: number) => ({
    address: encodeAddress(new Uint8Array(32).fill(byte), 42),
    codeHash: toHex(new Uint8Array(32).fill(byte + 100)),
    block: 1,
  });
  const deployment: Deployment = {
    genesis: toHex(new Uint8Array(32).fill(1)),
    // Nothing listens there: what needs no chain must work without one.
    node: "ws://127.0.0.1:9",
    contracts: { consents: contract(2), escrow: contract(3), attestations: contract(4) },
  };
  const path = join(temporaryFolder(), "deployment.json");
  writeFileSync(path, JSON.stringify(deployment));
  return { path, deployment };
}
