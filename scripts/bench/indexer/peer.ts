/** Runs the peer: a published indexer that reads the same chain over the same RPC. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { u8aToHex } from "@polkadot/util";
import { decodeAddress } from "@polkadot/util-crypto";

/** Installed beside the benchmark's other files: nothing else of the project needs them. */
const PACKAGES = ["@subsquid/substrate-processor@8.5.1", "@subsquid/ink-abi@3.1.2", "pg@8.23.1"];
const BUNDLES = join(import.meta.dirname, "../../../contracts-ink/artifacts");

export interface PeerRun {
  seconds: number;
  /** Processor time of its process, s. */
  processor: number;
  events: number;
  /** Bytes at its end. */
  memory: number;
}

/** @returns why it cannot run, in words; undefined once it is installed */
export function installPeer(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"private": true}');
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", ...PACKAGES], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return undefined;
  } catch (error) {
    return `npm could not install ${PACKAGES[0]}: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

/** @param database URL of an empty PostgreSQL database */
export async function runPeer(
  folder: string,
  {
    node,
    height,
    database,
    contracts,
  }: {
    node: string;
    height: number;
    database: string;
    contracts: Readonly<Record<string, { address: string }>>;
  },
): Promise<PeerRun> {
  const addresses = Object.entries(contracts).map(([name, { address }]) => [
    name,
    u8aToHex(decodeAddress(address)),
  ]);
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, "peer.mjs"),
      folder,
      node,
      String(height),
      database,
      BUNDLES,
      JSON.stringify(addresses),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  return new Promise<PeerRun>((resolve, reject) => {
    let began = 0;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [word, ...figures] = line.split(" ");
      const [events = 0, memory = 0, processor = 0] = figures.map(Number);
      if (word === "began") began = performance.now();
      else if (word === "done")
        resolve({
          seconds: (performance.now() - began) / 1000,
          processor,
          events,
          memory,
        });
    });
    child.once("exit", () => reject(new Error(`the peer ended: ${said}`)));
  }).finally(() => child.kill());
}
