/** The committed bundles: what any chain with pallet-contracts must accept. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { toHex } from "@keystrand/sdk/bytes";
import { DEPLOYED_CONTRACTS } from "@keystrand/sdk/deploy";
import { blake2b256 } from "@keystrand/sdk/signing";
import { describe, expect, test } from "vitest";
import { bundle } from "./chain.fixture.ts";

/** Public chains keep pallet-contracts' limit on code. */
const MOST_BYTES = 128 * 1024;

/**
 * Host functions that these contracts may use: those of pallet-contracts 38 without its `#[unstable]` mark,
 * which chains refuse unless they are development chains. A new one is added here only after a look at
 * `src/wasm/runtime.rs` of that crate.
 */
const STABLE = new Set([
  "seal0.address",
  "seal0.balance",
  "seal0.block_number",
  "seal0.caller",
  "seal0.code_hash",
  "seal0.deposit_event",
  "seal0.hash_blake2_256",
  "seal0.input",
  "seal0.minimum_balance",
  "seal0.now",
  "seal0.seal_return",
  "seal0.set_code_hash",
  "seal0.sr25519_verify",
  "seal0.transfer",
  "seal0.value_transferred",
  "seal1.clear_storage",
  "seal1.contains_storage",
  "seal1.get_storage",
  "seal2.call",
  "seal2.set_storage",
]);
/** Escrow and consents are never replaceable: their code cannot even ask. */
const UNREPLACEABLE = ["escrow", "consents"];

const ARTIFACTS = new URL("../../contracts-ink/artifacts/", import.meta.url);
const wasmOf = (name: string) => Uint8Array.from(bundle(name).wasm);
const importsOf = (wasm: Uint8Array<ArrayBuffer>) =>
  WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map(({ module, name }) => `${module}.${name}`);

describe.each(DEPLOYED_CONTRACTS)("%s", (name) => {
  const wasm = wasmOf(name);

  test("fits the limit of 128 KiB", () => {
    expect(wasm.length).toBeLessThan(MOST_BYTES);
  });

  test("imports stable host functions and memory only", () => {
    const functions = importsOf(wasm).filter((entry) => entry !== "env.memory");
    expect(functions.filter((entry) => !STABLE.has(entry))).toEqual([]);
  });

  test("exports its two entry points only", () => {
    const names = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map((entry) => entry.name);
    expect(names.sort()).toEqual(["call", "deploy"]);
  });

  test("has the code hash that it says", () => {
    expect(toHex(blake2b256(wasm))).toBe(bundle(name).abi.codeHash);
  });
});

test("escrow and consents cannot replace their code", () => {
  for (const name of UNREPLACEABLE) expect(importsOf(wasmOf(name))).not.toContain("seal0.set_code_hash");
});

test("every bundle has its sum, and no other file", () => {
  const sums = readFileSync(new URL("SHA256SUMS", ARTIFACTS), "utf8").trimEnd().split("\n");
  const files = sums.map((line) => {
    const [sum, file] = line.split("  ") as [string, string];
    const found = createHash("sha256")
      .update(readFileSync(new URL(file, ARTIFACTS)))
      .digest("hex");
    expect(`${found}  ${file}`).toBe(`${sum}  ${file}`);
    return file;
  });
  expect(readdirSync(ARTIFACTS).sort()).toEqual([...files, "SHA256SUMS"].sort());
});
