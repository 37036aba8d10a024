import { readFile } from "node:fs/promises";
import { verifyRuntime } from "./runtime.ts";

/** The runtime as `:code` holds it (zstd-compressed), checked. @throws RuntimeChecksumError */
export async function loadRuntime(): Promise<Uint8Array> {
  const file = new URL("../contracts_node_runtime.compact.compressed.wasm", import.meta.url);
  return verifyRuntime(new Uint8Array(await readFile(file)));
}
