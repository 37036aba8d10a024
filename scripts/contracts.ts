/**
 * Builds the contracts' bundles: `node scripts/contracts.ts [--check] [NAME ...]`.
 *
 * Steps and flags are those of docs/decisions/0002-contract-build.md. `--check` builds into a scratch folder
 * and compares byte for byte with what is committed; that is only meaningful with the pinned compiler.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { blake2b } from "@noble/hashes/blake2.js";

const ROOT = join(import.meta.dirname, "..");
const CONTRACTS = join(ROOT, "contracts-ink");
const ARTIFACTS = join(CONTRACTS, "artifacts");
/** What wasm-metadce keeps: the two entry points, and the memory that the chain gives. */
const EXPORTS = join(CONTRACTS, "exports.json");
const SUMS = join(ARTIFACTS, "SHA256SUMS");
export const CONTRACT_NAMES = [
  "identity",
  "consents",
  "policies",
  "attestations",
  "escrow",
  "voice",
  "governor",
] as const;

/** The compiler whose output is committed; others may differ in bytes. */
const PINNED_RUSTC = "1.85.0";
/** A contract's code must fit the chain's limit of 128 KiB. */
const MAX_WASM = 128 * 1024;
/** Pages of 64 KiB that pallet-contracts gives a contract. */
const MAX_PAGES = 16;

const encodedFlags = (cargoHome: string) =>
  [
    "-Clinker=wasm-ld-19",
    "-Ctarget-cpu=mvp",
    "-Clink-arg=-zstack-size=65536",
    "-Clink-arg=--import-memory",
    `-Clink-arg=--max-memory=${MAX_PAGES * 65536}`,
    // Paths of this machine must not reach the bytes.
    `--remap-path-prefix=${CONTRACTS}=/contracts`,
    `--remap-path-prefix=${cargoHome}=/cargo`,
  ].join("\x1f");

/** Debian's 1.85 set stands in /usr/bin, beside any rustup that is first on PATH. */
const toolchainEnvironment = (): NodeJS.ProcessEnv => {
  const bin = process.env["KEYSTRAND_RUST_BIN"] ?? "/usr/bin";
  const cargoHome = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  return { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, CARGO_HOME: cargoHome };
};

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

const run = (command: string, args: string[], env: NodeJS.ProcessEnv) =>
  execFileSync(command, args, {
    cwd: CONTRACTS,
    env,
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "inherit"],
  });

const requireTools = (env: NodeJS.ProcessEnv): string => {
  const rustc = spawnSync("rustc", ["--version"], { env, encoding: "utf8" });
  const version = /rustc (\S+)/.exec(rustc.stdout ?? "")?.[1];
  if (!version) return fail("No rustc found. See docs/operations.md, 'Building the contracts'.");
  for (const tool of ["wasm-ld-19", "wasm-opt", "wasm-metadce"])
    if (spawnSync(tool, ["--version"], { env }).status !== 0)
      fail(`${tool} is missing: install Debian's lld-19 and binaryen (docs/operations.md).`);
  return version;
};

interface Bundle {
  name: string;
  json: string;
  wasm: Uint8Array;
}

/** Removes custom sections (names, producers), which are no part of the program. */
const withoutCustomSections = (wasm: Uint8Array): Uint8Array => {
  const kept: Uint8Array[] = [wasm.subarray(0, 8)];
  let position = 8;
  while (position < wasm.length) {
    const start = position;
    const id = wasm[position++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[position++] ?? fail("The Wasm is truncated.");
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    position += size;
    if (id !== 0) kept.push(wasm.subarray(start, position));
  }
  return Buffer.concat(kept);
};

/** pallet-contracts instantiates with the memory it is told; ask for a maximum it accepts and nothing else. */
const assertAcceptable = (name: string, wasm: Uint8Array) => {
  if (wasm.length > MAX_WASM) fail(`${name}: ${wasm.length} bytes, more than ${MAX_WASM}.`);
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  const exports = WebAssembly.Module.exports(module).map((e) => e.name);
  for (const wanted of ["call", "deploy"])
    if (!exports.includes(wanted)) fail(`${name}: no export ${wanted}.`);
  const extra = exports.filter((e) => e !== "call" && e !== "deploy");
  if (extra.length > 0) fail(`${name}: unexpected exports ${extra.join(", ")}.`);
  for (const entry of WebAssembly.Module.imports(module))
    if (entry.module !== "env" && !/^seal[0-2]$/.test(entry.module))
      fail(`${name}: imports ${entry.module}.${entry.name}, which is no stable host function.`);
};

const build = (name: string, compiler: string, env: NodeJS.ProcessEnv): Bundle => {
  const target = join(CONTRACTS, "target");
  const crate = `keystrand-${name}`;
  run(
    "cargo",
    // crate-type is given here: only the Wasm is a cdylib, tests and metadata link the library.
    [
      "rustc",
      "--quiet",
      "--locked",
      "--release",
      "--lib",
      "--crate-type",
      "cdylib",
      "-p",
      crate,
      "--no-default-features",
    ].concat([
      "--target=wasm32-unknown-unknown",
      "-Zbuild-std=core,alloc",
      "-Zbuild-std-features=panic_immediate_abort",
      "--target-dir",
      join(target, "wasm"),
    ]),
    {
      ...env,
      RUSTC_BOOTSTRAP: "1",
      CARGO_ENCODED_RUSTFLAGS: `${encodedFlags(env["CARGO_HOME"] ?? "")}`,
    },
  );
  const raw = join(target, "wasm/wasm32-unknown-unknown/release", `${crate.replaceAll("-", "_")}.wasm`);
  const reachable = `${raw}.reachable`;
  const optimised = `${raw}.optimised`;
  const features = ["--mvp-features", "--enable-sign-ext"];
  run("wasm-metadce", [...features, "-f", EXPORTS, raw, "-o", reachable], env);
  run("wasm-opt", ["-Oz", ...features, "--zero-filled-memory", reachable, "-o", optimised], env);
  const wasm = withoutCustomSections(readFileSync(optimised));
  assertAcceptable(name, wasm);
  const metadata = JSON.parse(
    run(
      "cargo",
      [
        "run",
        "--quiet",
        "--locked",
        "-p",
        crate,
        "--example",
        `metadata-${name}`,
        "--target-dir",
        join(target, "metadata"),
      ],
      env,
    ).toString(),
  );
  const bundle = {
    source: {
      hash: `0x${Buffer.from(blake2b(wasm, { dkLen: 32 })).toString("hex")}`,
      language: "ink! 5.1.1",
      compiler: `rustc ${compiler}`,
      wasm: `0x${Buffer.from(wasm).toString("hex")}`,
    },
    contract: { name: crate, version: "0.1.0", authors: ["Keystrand"], license: "Apache-2.0" },
    ...metadata,
  };
  return { name, json: `${JSON.stringify(bundle)}\n`, wasm };
};

const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

const main = () => {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(
      "node scripts/contracts.ts [--check] [NAME ...]   builds contracts-ink/artifacts, or compares with it",
    );
    return;
  }
  const check = args.includes("--check");
  const named = args.filter((a) => !a.startsWith("--"));
  for (const name of named)
    if (!CONTRACT_NAMES.some((known) => known === name))
      fail(`No contract '${name}'; there are ${CONTRACT_NAMES.join(", ")}.`);
  const names = named.length > 0 ? named : [...CONTRACT_NAMES];
  const env = toolchainEnvironment();
  const compiler = requireTools(env);
  if (check && compiler !== PINNED_RUSTC) {
    console.log(`Not compared: rustc ${compiler} is not the pinned ${PINNED_RUSTC}; bytes may differ.`);
    return;
  }
  mkdirSync(ARTIFACTS, { recursive: true });
  const differing: string[] = [];
  for (const name of names) {
    const started = Date.now();
    const bundle = build(name, compiler, env);
    const file = join(ARTIFACTS, `${name}.contract`);
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    if (check) {
      const same = existsSync(file) && sha256(readFileSync(file)) === sha256(bundle.json);
      if (!same) differing.push(name);
      console.log(
        `${name.padEnd(14)} ${same ? "equal" : "DIFFERS"}  ${bundle.wasm.length} bytes  ${seconds} s`,
      );
    } else {
      writeFileSync(file, bundle.json);
      console.log(
        `${name.padEnd(14)} ${bundle.wasm.length} bytes  ${sha256(bundle.json).slice(0, 16)}  ${seconds} s`,
      );
    }
  }
  if (differing.length > 0)
    fail(`Committed bundles differ from their sources: ${differing.join(", ")}. Run npm run contracts.`);
  if (!check) {
    const sums = CONTRACT_NAMES.filter((name) => existsSync(join(ARTIFACTS, `${name}.contract`))).map(
      (name) => `${sha256(readFileSync(join(ARTIFACTS, `${name}.contract`)))}  ${name}.contract`,
    );
    writeFileSync(SUMS, `${sums.join("\n")}\n`);
  }
};

if (import.meta.main) main();
