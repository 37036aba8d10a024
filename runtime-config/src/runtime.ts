/**
 * SHA-256 of `contracts_node_runtime.compact.compressed.wasm` as built from crate contracts-node-runtime 0.42.0
 * (see this package's README for how).
 */
export const runtimeSha256 = "81c44379fffed60ba5cbf70d9162917ba5303af7f71f7e2faddbb33404ea46c6";

/** The file is not the runtime this version was published with. */
export class RuntimeChecksumError extends Error {
  constructor(found: string) {
    super(`The runtime blob has SHA-256 ${found}, expected ${runtimeSha256}: reinstall the package`);
    this.name = "RuntimeChecksumError";
  }
}

/** @throws RuntimeChecksumError */
export async function verifyRuntime(blob: Uint8Array): Promise<Uint8Array> {
  // A copy, because Web Crypto's types refuse bytes that might be shared memory.
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(blob)));
  const found = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== runtimeSha256) throw new RuntimeChecksumError(found);
  return blob;
}
