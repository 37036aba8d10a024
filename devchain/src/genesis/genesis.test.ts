import { developmentGenesisPatch } from "@keystrand/runtime-config";
import { loadRuntime } from "@keystrand/runtime-config/load";
import { describe, expect, test } from "vitest";
import { EmbeddedChain } from "../chain/chain.ts";
import { account, Signer } from "../chain/signer.fixture.ts";
import type { Hex } from "../chain/types.ts";
import { ascii, concat, toHex } from "../codec/bytes.ts";
import { twox_128 } from "../crypto/hashing.ts";
import { Overlay } from "../state/overlay.ts";
import { State } from "../state/state.ts";
import { exportChainSpec, genesisFrom } from "./chain-spec.ts";
import { mergeJson, parseExactly } from "./json.ts";

const runtime = await loadRuntime();
const systemItem = (name: string) => toHex(concat(twox_128(ascii("System")), twox_128(ascii(name))));
const storageOf = (chain: EmbeddedChain, hash: Hex) =>
  new Map([...chain.state(hash).entries()].map(([key, value]) => [toHex(key), toHex(value)] as const));
const head = { name: "Exported", id: "exported", chainType: "Development" };

describe("genesis JSON", () => {
  test("keeps integers that a double would change", () => {
    const text =
      '{"a":1152921504606846976,"b":340282366920938463463374607431768211455,"c":[1,2.5,-3,1e3],"d":null}';
    expect(JSON.stringify(parseExactly(text))).toBe(text.replace("1e3", "1e3"));
  });

  test("merges objects by key and replaces everything else", () => {
    const merged = mergeJson(
      parseExactly('{"a":{"x":1,"y":[1,2]},"b":1152921504606846976}'),
      parseExactly('{"a":{"y":[3],"z":1152921504606846977},"b":null}'),
    );
    expect(JSON.stringify(merged)).toBe('{"a":{"x":1,"y":[3],"z":1152921504606846977},"b":null}');
  });

  test("the development patch endows 12 accounts with 1 << 60 each", () => {
    expect(developmentGenesisPatch.match(/1152921504606846976/g)).toHaveLength(12);
  });
});

describe("a chain spec", () => {
  test("exported from a state with child tries starts a chain with that very state", () => {
    const chain = new EmbeddedChain({ runtime, clock: () => 1_700_000_000_000 });
    const overlay = new Overlay(State.empty);
    for (const [key, value] of chain.state(chain.best.hash).entries()) overlay.set(key, value);
    overlay.childSet(ascii("one"), ascii("key"), new Uint8Array(50));
    overlay.childSet(ascii("two"), ascii("key"), ascii("value"));
    const state = overlay.result(1);
    const spec: unknown = JSON.parse(JSON.stringify(exportChainSpec(state, head)));
    const started = new EmbeddedChain({ runtime, genesis: genesisFrom(spec) });
    expect(started.genesis.stateRoot).toBe(state.root);
    const genesis = started.state(started.genesisHash);
    expect(genesis.childKeys().map(toHex)).toEqual([ascii("one"), ascii("two")].map(toHex));
    expect(genesis.child(ascii("one"))?.get(ascii("key"))).toHaveLength(50);
    expect(started.seal({ extrinsics: [] }).block.number).toBe(1);
  });

  test("of a chain that has blocks starts at block 0 and takes transactions at once; the rest is as it was", () => {
    const chain = new EmbeddedChain({ runtime, clock: () => 1_700_000_000_000 });
    chain.seal({ extrinsics: [new Signer(chain).transfer("Alice", 0, "Bob", 10n ** 12n)] });
    const spec = exportChainSpec(chain.state(chain.best.hash), head);
    const started = new EmbeddedChain({
      runtime,
      genesis: genesisFrom(spec),
      clock: () => 1_700_000_010_000,
    });
    const before: ReadonlyMap<string, string> = storageOf(chain, chain.best.hash);
    const after: ReadonlyMap<string, string> = storageOf(started, started.genesisHash);
    const differs = (key: string) => before.get(key) !== after.get(key);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(differs);
    const items = ["BlockHash", "Number", "ParentHash"].map(systemItem);
    expect(new Set(changed.map((key) => key.slice(0, items[0]!.length)))).toEqual(new Set(items));
    const next = new Signer(started).transfer("Alice", 1, "Bob", 10n ** 12n);
    expect(started.validate(next)[0]).toBe(0);
    expect(started.seal({ extrinsics: [next] }).outcomes[0]!.kind).toBe("included");
  });

  test("that the node wrote is read: bytes, children, fields we do not know", () => {
    const spec = {
      ...head,
      bootNodes: ["x"],
      extra: 1,
      genesis: { raw: { top: { "0x3a636f6465": "0x00" }, childrenDefault: {} } },
    };
    expect(genesisFrom(spec)).toEqual({ kind: "raw", top: { "0x3a636f6465": "0x00" }, childrenDefault: {} });
  });

  test.each([
    ["no code", { top: {}, childrenDefault: {} }, /no :code/],
    ["not hexadecimal", { top: { key: "0x" }, childrenDefault: {} }, /Invalid/],
  ])("with %s is refused with the reason", (_name, raw, reason) => {
    expect(() => new EmbeddedChain({ runtime, genesis: genesisFrom({ ...head, genesis: { raw } }) })).toThrow(
      reason,
    );
  });

  test("carries accounts under their own keys", () => {
    const chain = new EmbeddedChain({ runtime });
    const { top } = exportChainSpec(chain.state(chain.genesisHash), head).genesis.raw;
    const alice = toHex(account("Alice").publicKey).slice(2);
    expect(Object.keys(top).some((key) => key.endsWith(alice))).toBe(true);
    expect(Object.keys(top)).toContain(toHex(concat(ascii(":code"))));
  });
});
