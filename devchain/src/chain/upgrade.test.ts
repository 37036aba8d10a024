import { zstdCompressSync } from "node:zlib";
import { loadRuntime } from "@keystrand/runtime-config/load";
import { expect, test } from "vitest";
import { ascii, concat } from "../codec/bytes.ts";
import { encodeU32 } from "../codec/scale.ts";
import { decompressCode } from "../wasm/blob.ts";
import { EmbeddedChain } from "./chain.ts";
import { account, Signer } from "./signer.fixture.ts";

const runtime = await loadRuntime();
const MARKER = runtime.subarray(0, 8);

/** The same runtime with another spec version in the section that `set_code` reads it from. */
function withSpecVersion(version: number): Uint8Array {
  const wasm = decompressCode(runtime).slice();
  const name = ascii("substrate-contracts-node");
  const names = concat(Uint8Array.of(name.length << 2), name);
  // Both names, then authoring version 1 and spec version 100.
  const pattern = concat(names, names, encodeU32(1), encodeU32(100));
  const at = Buffer.from(wasm).lastIndexOf(pattern);
  wasm.set(encodeU32(version), at + pattern.length - 4);
  return concat(MARKER, zstdCompressSync(wasm));
}

test("a runtime upgrade takes effect with the block after it, on the fork that has it and on no other", () => {
  const chain = new EmbeddedChain({ runtime, clock: () => 1_700_000_000_000 });
  const signer = new Signer(chain);
  const upgrade = (code: Uint8Array, nonce: number) => {
    const setCode = signer.call("System", "set_code", `0x${Buffer.from(code).toString("hex")}`);
    // Root's weight for set_code is a whole block, hence the unchecked form.
    const weight = { refTime: 1_000_000, proofSize: 0 };
    return signer.sign(
      account("Alice"),
      nonce,
      signer.call("Sudo", "sudo_unchecked_weight", setCode, weight),
    );
  };
  const { block, outcomes } = chain.seal({ extrinsics: [upgrade(withSpecVersion(101), 0)] });
  expect(outcomes[0]).toMatchObject({ kind: "included" });
  const RUNTIME_ENVIRONMENT_UPDATED = Uint8Array.of(8);
  expect(block.digest).toEqual([RUNTIME_ENVIRONMENT_UPDATED]);
  expect(chain.runtimeVersion(block.hash).specVersion).toBe(101);
  expect(chain.runtimeVersion(chain.genesisHash).specVersion).toBe(100);
  expect(chain.seal({ extrinsics: [] }).block.number).toBe(2);

  const fork = chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: 1_700_000_000_900 }).block;
  expect(chain.runtimeVersion(fork.hash).specVersion).toBe(100);

  // The runtime asks the host for the new code's version and refuses one that does not rise.
  const CODE = ascii(":code");
  const before = chain.state(chain.best.hash).get(CODE);
  chain.seal({ extrinsics: [upgrade(withSpecVersion(99), 1)] });
  expect(chain.state(chain.best.hash).get(CODE)).toBe(before);
});

test("the heap is as large as root has set it", () => {
  const chain = new EmbeddedChain({ runtime, clock: () => 1_700_000_000_000 });
  const signer = new Signer(chain);
  const pages = (count: number, nonce: number) =>
    signer.sign(
      account("Alice"),
      nonce,
      signer.call("Sudo", "sudo", signer.call("System", "set_heap_pages", count)),
    );
  chain.seal({ extrinsics: [pages(20, 0)] });
  // 20 pages are 1.25 MiB: enough for an empty block, too little for a remark of 1 MB that is copied twice.
  chain.seal({ extrinsics: [] });
  const remark = signer.call("System", "remark", `0x${"ab".repeat(1_000_000)}`);
  const { outcomes } = chain.seal({ extrinsics: [signer.sign(account("Alice"), 1, remark)] });
  expect(outcomes[0]).toMatchObject({ kind: "trapped", message: expect.stringContaining("out of memory") });
  chain.seal({ extrinsics: [pages(2048, 1)] });
  const again = chain.seal({ extrinsics: [signer.sign(account("Alice"), 2, remark)] });
  expect(again.outcomes[0]).toMatchObject({ kind: "included" });
});
