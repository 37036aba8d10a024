/** cargo-contract 5, ink!'s own tool, against this chain: every command of it that talks to a node. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ReferenceNode } from "./differential/reference-node.ts";
import { createChainServer } from "./server/index.ts";

const tool = process.env["CARGO_CONTRACT"];
const binary = process.env["CONTRACTS_NODE"];
const bundle = fileURLToPath(new URL("../../contracts-ink/artifacts/voice.contract", import.meta.url));
const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
/** cargo-contract takes the Cargo project it stands in for the contract's, so it stands in none. */
const folder = mkdtempSync(join(tmpdir(), "cargo-contract-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns what it prints. @throws Error with its words when it fails */
async function cargoContract(...args: string[]): Promise<string> {
  const child = spawn(tool!, ["contract", ...args], { cwd: folder });
  let [output, complaint] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    output += piece;
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    complaint += piece;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`cargo contract ${args.join(" ")}: ${output}${complaint}`);
  return output;
}

const uploaded = z.object({ code_hash: z.string() });
const instantiated = z.object({ contract: z.string() });
const answer = z.object({ data: z.json() });

/** One contract's life by the tool. What it answers, by step. */
async function story(url: string) {
  const by = ["--url", url, "--suri", "//Alice"];
  const send = [...by, "--execute", "--skip-confirm"];
  const json = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await cargoContract(...args, "--output-json"));
  const { code_hash: code } = uploaded.parse(await json("upload", ...send, bundle));
  const founders = ["--constructor", "new", "--args", `[(${ALICE}, 100)]`];
  const { contract } = instantiated.parse(await json("instantiate", ...send, bundle, ...founders));
  // `--args` takes all that follows up to the next option.
  const on = ["--contract", contract];
  const total = answer.parse(await json("call", ...by, ...on, "--message", "total", bundle));
  await json("call", ...send, ...on, bundle, "--message", "hand_over", "--args", BOB);
  const governor = answer.parse(await json("call", ...by, ...on, "--message", "governor", bundle));
  const refused = await cargoContract(
    ...["call", ...send, ...on, bundle, "--message", "hand_over", "--args", ALICE],
  ).catch(String);
  const info = await json("info", "--url", url, ...on);
  const storage = await cargoContract("storage", "--url", url, ...on, bundle);
  const chain = await cargoContract("rpc", "--url", url, "system_chain");
  return { code, contract, total, governor, info, storage, chain, isRefused: refused.includes("Error") };
}

describe.runIf(tool !== undefined)(
  "cargo-contract (needs CARGO_CONTRACT, the path of cargo-contract 5)",
  () => {
    test("uploads, instantiates, calls, reads: the same as on the real node, where there is one", async () => {
      const server = await createChainServer({ sealing: { mode: "instant", idleMilliseconds: 0 } });
      let ours: Awaited<ReturnType<typeof story>>;
      try {
        ours = await story(server.url);
      } finally {
        await server.close();
      }
      expect(JSON.stringify(ours.total)).toContain("100");
      expect(JSON.stringify(ours.governor)).toContain(BOB);
      expect(ours.info).toMatchObject({ code_hash: ours.code, source_language: "ink!" });
      expect(ours.storage).toContain(ALICE);
      expect(ours.chain).toContain("Development");
      expect(ours.isRefused).toBe(true);
      if (binary === undefined) return;
      const node = await ReferenceNode.start(binary);
      try {
        expect(await story(node.url)).toEqual(ours);
      } finally {
        await node.stop();
      }
    });
  },
);
