import { verifyRuntime } from "./runtime.ts";

/** The runtime as `:code` holds it (zstd-compressed), fetched and checked. @throws RuntimeChecksumError */
export async function loadRuntime(): Promise<Uint8Array> {
  // Bundlers recognise this form and ship the file beside the script.
  const address = new URL("../contracts_node_runtime.compact.compressed.wasm", import.meta.url);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`Fetching the runtime from ${address} failed: HTTP ${response.status}`);
  return verifyRuntime(new Uint8Array(await response.arrayBuffer()));
}
