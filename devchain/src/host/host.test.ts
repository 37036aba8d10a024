/** Host functions as a guest calls them: through its memory. Expectations from the Polkadot specification, appendix B. */
import { beforeEach, describe, expect, test } from "vitest";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { encodeBytes, encodeU32, encodeVector } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { SignatureChecks } from "../crypto/signatures.ts";
import { Overlay } from "../state/overlay.ts";
import { State } from "../state/state.ts";
import { EMPTY_ROOT } from "../trie/node.ts";
import { Allocator } from "../wasm/allocator.ts";
import { GuestMemory, pointerSize } from "../wasm/memory.ts";
import type { HostContext } from "./context.ts";
import { hostFunctions } from "./functions.ts";

/** A guest without code: memory, heap and storage, from which the test calls the host. */
class Guest implements HostContext {
  readonly memory = new GuestMemory(new WebAssembly.Memory({ initial: 2, maximum: 64 }));
  readonly allocator = new Allocator(this.memory, 64, 64);
  readonly signatures = new SignatureChecks();
  readonly logLevel = 3;
  readonly lines: [number, string, string][] = [];
  storage = new Overlay(State.empty);
  readonly #functions = hostFunctions(this);

  log(...line: [number, string, string]): void {
    this.lines.push(line);
  }

  runtimeVersion(code: Uint8Array): Uint8Array | undefined {
    return code[0] === 0 ? Uint8Array.of(1, 2) : undefined;
  }

  give(bytes: Uint8Array): bigint {
    return pointerSize(this.givePointer(bytes), bytes.length);
  }

  givePointer(bytes: Uint8Array): number {
    const pointer = this.allocator.allocate(bytes.length);
    this.memory.bytes.set(bytes, pointer);
    return pointer;
  }

  call(name: string, ...args: (number | bigint | Uint8Array)[]): number | bigint | undefined {
    const run = this.#functions[name] as ((...values: unknown[]) => number | bigint | undefined) | undefined;
    if (run === undefined) throw new Error(`No host function ${name}`);
    return run(...args.map((arg) => (arg instanceof Uint8Array ? this.give(arg) : arg)));
  }

  /** The bytes a pointer-size result names. */
  bytes(name: string, ...args: (number | bigint | Uint8Array)[]): string {
    return toHex(this.memory.span(this.call(name, ...args) as bigint));
  }

  fixed(length: number, name: string, ...args: (number | bigint | Uint8Array)[]): string {
    return toHex(this.memory.at(this.call(name, ...args) as number, length));
  }
}

const key = ascii("key");
const none = Uint8Array.of(0);
const some = (limit: number) => concat(Uint8Array.of(1), encodeU32(limit));
let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

/** Puts the guest on a state that holds these keys, so that they are the backend's. */
function backend(keys: readonly string[], child?: string): void {
  const pairs = keys.map((name) => [ascii(name), Uint8Array.of(1)] as const);
  const changes =
    child === undefined
      ? { top: pairs, children: [] }
      : { top: [], children: [{ storageKey: ascii(child), changes: pairs }] };
  guest.storage = new Overlay(State.empty.with(changes, 1));
}

describe("storage", () => {
  test("get answers Option<Vec<u8>>: none, an empty value, a value", () => {
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x00");
    guest.call("ext_storage_set_version_1", key, new Uint8Array());
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x0100");
    guest.call("ext_storage_set_version_1", key, ascii("abc"));
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x010c616263");
    expect(guest.call("ext_storage_exists_version_1", key)).toBe(1);
    guest.call("ext_storage_clear_version_1", key);
    expect(guest.call("ext_storage_exists_version_1", key)).toBe(0);
  });

  test("set copies: the guest may overwrite its buffer afterwards", () => {
    const value = guest.give(ascii("abc"));
    guest.call("ext_storage_set_version_1", key, value);
    guest.memory.span(value).fill(0);
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x010c616263");
  });

  test("read copies what fits and answers the length that remains after the offset", () => {
    guest.call("ext_storage_set_version_1", key, ascii("abcdef"));
    const out = guest.give(new Uint8Array(3));
    expect(guest.bytes("ext_storage_read_version_1", key, out, 2)).toBe("0x0104000000");
    expect(toHex(guest.memory.span(out))).toBe(toHex(ascii("cde")));
    expect(guest.bytes("ext_storage_read_version_1", key, out, 9)).toBe("0x0100000000");
    expect(toHex(guest.memory.span(out))).toBe(toHex(ascii("cde")));
    expect(guest.bytes("ext_storage_read_version_1", ascii("absent"), out, 0)).toBe("0x00");
  });

  test("append makes and extends a vector, and starts anew where the length is not canonical", () => {
    for (const element of [1, 2]) guest.call("ext_storage_append_version_1", key, Uint8Array.of(element));
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x010c080102");
    guest.call("ext_storage_set_version_1", key, fromHex("0x010005"));
    guest.call("ext_storage_append_version_1", key, Uint8Array.of(7));
    expect(guest.bytes("ext_storage_get_version_1", key)).toBe("0x01080407");
  });

  test("append keeps counting where the compact length needs another byte", () => {
    for (let i = 0; i < 64; i++) guest.call("ext_storage_append_version_1", key, Uint8Array.of(i));
    const whole = guest.storage.get(key)!;
    expect([...whole.subarray(0, 3)]).toEqual([0x01, 0x01, 0]);
    expect(whole).toHaveLength(66);
  });

  test("clear_prefix counts backend keys only, up to its limit: overlay keys go first and are free", () => {
    backend(["p1", "p2", "p3", "q"]);
    guest.call("ext_storage_set_version_1", ascii("p0"), none);
    guest.call("ext_storage_set_version_1", ascii("p9"), none);
    expect(guest.bytes("ext_storage_clear_prefix_version_2", ascii("p"), some(2))).toBe("0x0102000000");
    expect(guest.call("ext_storage_exists_version_1", ascii("p9"))).toBe(0);
    expect(guest.call("ext_storage_exists_version_1", ascii("p3"))).toBe(1);
    // The two deleted ones are still the backend's, so they are visited and counted again.
    expect(guest.bytes("ext_storage_clear_prefix_version_2", ascii("p"), some(2))).toBe("0x0102000000");
    expect(guest.bytes("ext_storage_clear_prefix_version_2", ascii("p"), none)).toBe("0x0003000000");
    expect(guest.call("ext_storage_exists_version_1", ascii("q"))).toBe(1);
  });

  test("clear_prefix with a limit of zero removes overlay keys and says that some remain", () => {
    backend(["p1"]);
    guest.call("ext_storage_set_version_1", ascii("p0"), none);
    expect(guest.bytes("ext_storage_clear_prefix_version_2", ascii("p"), some(0))).toBe("0x0100000000");
    expect(guest.call("ext_storage_exists_version_1", ascii("p0"))).toBe(0);
    expect(guest.call("ext_storage_exists_version_1", ascii("p1"))).toBe(1);
  });

  test("next_key merges overlay and backend and skips what is deleted", () => {
    backend(["a", "c", "e"]);
    guest.call("ext_storage_set_version_1", ascii("b"), none);
    guest.call("ext_storage_clear_version_1", ascii("c"));
    const order: string[] = [];
    let at: Uint8Array = new Uint8Array();
    for (;;) {
      const found = guest.memory.span(guest.call("ext_storage_next_key_version_1", at) as bigint).slice();
      if (found[0] === 0) break;
      at = found.slice(2);
      order.push(String.fromCharCode(...at));
    }
    expect(order).toEqual(["a", "b", "e"]);
  });

  test("transactions nest: a rollback takes back what was committed inside it", () => {
    guest.call("ext_storage_start_transaction_version_1");
    guest.call("ext_storage_start_transaction_version_1");
    guest.call("ext_storage_set_version_1", key, none);
    guest.call("ext_storage_commit_transaction_version_1");
    expect(guest.call("ext_storage_exists_version_1", key)).toBe(1);
    guest.call("ext_storage_rollback_transaction_version_1");
    expect(guest.call("ext_storage_exists_version_1", key)).toBe(0);
    expect(() => guest.call("ext_storage_rollback_transaction_version_1")).toThrow(/No storage transaction/);
  });

  test("root is that of the state with what is written so far, in the layout asked for", () => {
    expect(guest.bytes("ext_storage_root_version_2", 1)).toBe(toHex(EMPTY_ROOT));
    guest.call("ext_storage_set_version_1", key, new Uint8Array(40));
    const change = { top: [[key, new Uint8Array(40)] as const], children: [] };
    expect(guest.bytes("ext_storage_root_version_2", 1)).toBe(State.empty.with(change, 1).root);
    expect(guest.bytes("ext_storage_root_version_2", 0)).toBe(State.empty.with(change, 0).root);
    expect(() => guest.call("ext_storage_root_version_2", 2)).toThrow(/State version 2/);
  });

  test("a key outside the guest's memory ends the call", () => {
    expect(() => guest.call("ext_storage_get_version_1", pointerSize(0x20_0000, 8))).toThrow(RangeError);
  });
});

describe("child storage", () => {
  const child = ascii("trie");

  test("is apart from the top trie and from other children", () => {
    guest.call("ext_default_child_storage_set_version_1", child, key, ascii("v"));
    expect(guest.bytes("ext_default_child_storage_get_version_1", child, key)).toBe("0x010476");
    expect(guest.bytes("ext_default_child_storage_get_version_1", ascii("other"), key)).toBe("0x00");
    expect(guest.call("ext_storage_exists_version_1", key)).toBe(0);
    const out = guest.give(new Uint8Array(4));
    expect(guest.bytes("ext_default_child_storage_read_version_1", child, key, out, 0)).toBe("0x0101000000");
    guest.call("ext_default_child_storage_clear_version_1", child, key);
    expect(guest.call("ext_default_child_storage_exists_version_1", child, key)).toBe(0);
  });

  test("kill counts like clear_prefix, and the child's root goes with its last key", () => {
    backend(["a", "b", "c"], "trie");
    guest.call("ext_default_child_storage_set_version_1", child, ascii("d"), none);
    expect(guest.bytes("ext_default_child_storage_storage_kill_version_3", child, some(2))).toBe(
      "0x0102000000",
    );
    expect(guest.bytes("ext_default_child_storage_storage_kill_version_3", child, none)).toBe("0x0003000000");
    expect(guest.bytes("ext_storage_root_version_2", 1)).toBe(toHex(EMPTY_ROOT));
  });

  test("next_key and clear_prefix stay inside the child", () => {
    backend(["ab", "ac", "b"], "trie");
    expect(guest.bytes("ext_default_child_storage_next_key_version_1", child, ascii("ab"))).toBe(
      "0x01086163",
    );
    expect(guest.bytes("ext_default_child_storage_clear_prefix_version_2", child, ascii("a"), none)).toBe(
      "0x0002000000",
    );
    expect(guest.bytes("ext_default_child_storage_next_key_version_1", child, new Uint8Array())).toBe(
      "0x010462",
    );
  });
});

describe("the rest", () => {
  test("hashes arrive as bare pointers to fixed arrays", () => {
    expect(guest.fixed(32, "ext_hashing_blake2_256_version_1", key)).toBe(toHex(blake2_256(key)));
    expect(guest.fixed(16, "ext_hashing_twox_128_version_1", ascii("System"))).toBe(
      "0x26aa394eea5630e07c48ae0c9558cef7",
    );
  });

  test("the ordered trie root of no items is the empty root", () => {
    expect(guest.fixed(32, "ext_trie_blake2_256_ordered_root_version_2", encodeVector([]), 1)).toBe(
      toHex(EMPTY_ROOT),
    );
  });

  test("a failed recovery is Err with the reason's number", () => {
    const signature = guest.givePointer(new Uint8Array(65).fill(255));
    const digest = guest.givePointer(new Uint8Array(32));
    expect(guest.bytes("ext_crypto_secp256k1_ecdsa_recover_compressed_version_2", signature, digest)).toBe(
      "0x0101",
    );
  });

  test("a signature that does not fit is 0, not a trap", () => {
    const signature = guest.givePointer(new Uint8Array(64));
    const publicKey = guest.givePointer(new Uint8Array(32).fill(255));
    expect(guest.call("ext_crypto_sr25519_verify_version_2", signature, key, publicKey)).toBe(0);
    expect(guest.call("ext_crypto_ed25519_verify_version_1", signature, key, publicKey)).toBe(0);
  });

  test("logging reaches the host, with the level the host wants", () => {
    expect(guest.call("ext_logging_max_level_version_1")).toBe(3);
    guest.call("ext_logging_log_version_1", 0, ascii("runtime"), ascii("panicked"));
    expect(guest.lines).toEqual([[1, "runtime", "panicked"]]);
  });

  test("runtime_version is an optional vector of the encoded version", () => {
    expect(guest.bytes("ext_misc_runtime_version_version_1", Uint8Array.of(9))).toBe("0x00");
    expect(guest.bytes("ext_misc_runtime_version_version_1", Uint8Array.of(0))).toBe(
      toHex(concat(Uint8Array.of(1), encodeBytes(Uint8Array.of(1, 2)))),
    );
  });
});
