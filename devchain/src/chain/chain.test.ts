import { loadRuntime } from "@keystrand/runtime-config/load";
import { describe, expect, test } from "vitest";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";
import { blake2_128, twox_128 } from "../crypto/hashing.ts";
import { createChain } from "../index.ts";
import { Overlay } from "../state/overlay.ts";
import { EmbeddedChain } from "./chain.ts";
import {
  BlockRefused,
  NotDescendant,
  RuntimeCallError,
  StateDiscarded,
  UnknownBlock,
  UnknownSnapshot,
} from "./errors.ts";
import { account, Signer } from "./signer.fixture.ts";
import type { Chain, ChainEvents, Hex } from "./types.ts";

const runtime = await loadRuntime();
const START = 1_700_000_000_000;
const UNIT = 10n ** 12n;

function chainAt(options: Partial<ConstructorParameters<typeof EmbeddedChain>[0]> = {}): EmbeddedChain {
  return new EmbeddedChain({ runtime, clock: () => START, ...options });
}

function accountKey(publicKey: Uint8Array): Uint8Array {
  return concat(twox_128(ascii("System")), twox_128(ascii("Account")), blake2_128(publicKey), publicKey);
}

function freeBalance(chain: Chain, at: Hex, name: string): bigint {
  const stored = chain.state(at).get(accountKey(account(name).publicKey));
  return stored === undefined ? 0n : new ScaleReader(stored, 16).u64();
}

function emptyBlocks(chain: Chain, count: number): Hex[] {
  return Array.from({ length: count }, () => chain.seal({ extrinsics: [] }).block.hash);
}

describe("sealing", () => {
  test("createChain() starts at the development genesis without settings", async () => {
    const chain = await createChain();
    expect(chain.best.number).toBe(0);
    expect(chain.seal({ extrinsics: [] }).block.number).toBe(1);
  });

  test("moves money, and says so in state and storage changes", () => {
    const chain = chainAt();
    const transfer = new Signer(chain).transfer("Alice", 0, "Bob", 5n * UNIT);
    const before = freeBalance(chain, chain.best.hash, "Bob");
    const { block, outcomes, storageChanges } = chain.seal({ extrinsics: [transfer] });
    expect(outcomes).toEqual([{ kind: "included", index: 1, result: Uint8Array.of(0, 0) }]);
    expect(block.extrinsics[1]).toEqual(transfer);
    expect(freeBalance(chain, block.hash, "Bob") - before).toBe(5n * UNIT);
    const changed = storageChanges.top.map(([key]) => toHex(key));
    expect(changed).toContain(toHex(accountKey(account("Bob").publicKey)));
    expect(chain.storageChanges(block.hash)).toEqual(storageChanges);
  });

  test("includes a dispatch that fails, and keeps its fee", () => {
    const chain = chainAt();
    const tooMuch = new Signer(chain).transfer("Alice", 0, "Bob", 1n << 61n);
    const before = freeBalance(chain, chain.best.hash, "Alice");
    const { block, outcomes } = chain.seal({ extrinsics: [tooMuch] });
    // Ok(Err(DispatchError)): valid, so it pays, but it did nothing else.
    expect(outcomes[0]).toMatchObject({ kind: "included" });
    expect(outcomes[0]?.kind === "included" && [...outcomes[0].result.slice(0, 2)]).toEqual([0, 1]);
    expect(freeBalance(chain, block.hash, "Alice")).toBeLessThan(before);
  });

  test("leaves out an invalid extrinsic with the runtime's error, and none of its effects stay", () => {
    const chain = chainAt();
    const signer = new Signer(chain);
    const future = signer.transfer("Alice", 7, "Bob", UNIT);
    const forged = signer.transfer("Alice", 0, "Bob", UNIT);
    forged[forged.length - 1]! ^= 1;
    const { block, outcomes } = chain.seal({ extrinsics: [future, forged] });
    const FUTURE = Uint8Array.of(0, 2);
    const BAD_PROOF = Uint8Array.of(0, 4);
    expect(outcomes).toEqual([
      { kind: "invalid", error: FUTURE },
      { kind: "invalid", error: BAD_PROOF },
    ]);
    const empty = chainAt().seal({ extrinsics: [] }).block;
    expect(block.hash).toBe(empty.hash);
  });

  test("says that an undecodable extrinsic trapped, with the panic's text, and goes on", () => {
    const chain = chainAt();
    const good = new Signer(chain).transfer("Alice", 0, "Bob", UNIT);
    const { outcomes } = chain.seal({ extrinsics: [Uint8Array.of(8, 0xff, 0xff), good] });
    expect(outcomes[0]).toMatchObject({
      kind: "trapped",
      message: expect.stringMatching(/panicked|Bad input data/),
    });
    expect(outcomes[1]).toMatchObject({ kind: "included" });
  });

  test("leaves what does not fit for the next block", () => {
    const chain = chainAt();
    const signer = new Signer(chain);
    // A remark of 1.2 MB fills a third of the normal class's 3.75 MB of length.
    const remark = signer.call("System", "remark", `0x${"ab".repeat(1_200_000)}`);
    const remarks = [0, 1, 2, 3].map((nonce) => signer.sign(account("Alice"), nonce, remark));
    const first = chain.seal({ extrinsics: remarks });
    expect(first.outcomes.map(({ kind }) => kind)).toEqual(["included", "included", "included", "exhausted"]);
    const second = chain.seal({ extrinsics: remarks.slice(3) });
    expect(second.outcomes.map(({ kind }) => kind)).toEqual(["included"]);
  });

  test("takes time from the clock, and never less than the minimum period after the parent", () => {
    let now = START;
    const chain = chainAt({ clock: () => now });
    expect(chain.timestamp(chain.seal({ extrinsics: [] }).block.hash)).toBe(START);
    expect(chain.timestamp(chain.seal({ extrinsics: [] }).block.hash)).toBe(START + 5);
    now = START + 6_000;
    expect(chain.timestamp(chain.seal({ extrinsics: [] }).block.hash)).toBe(START + 6_000);
    chain.clock = () => START + 60_000;
    expect(chain.timestamp(chain.seal({ extrinsics: [] }).block.hash)).toBe(START + 60_000);
  });

  test("lets the runtime raise a given timestamp that does not move on", () => {
    const chain = chainAt();
    chain.seal({ extrinsics: [], timestamp: START });
    const { block } = chain.seal({ extrinsics: [], timestamp: START - 1 });
    expect(chain.timestamp(block.hash)).toBe(START + 5);
  });

  test("puts given digest items into the header", () => {
    const chain = chainAt();
    const preRuntime = concat(Uint8Array.of(6), ascii("aura"), Uint8Array.of(8, 1, 2));
    const { block } = chain.seal({ extrinsics: [], digest: [preRuntime] });
    expect(block.digest).toEqual([preRuntime]);
  });
});

describe("the self-check", () => {
  /** A host that loses one write while a block is authored: what the check is there to catch. */
  function loseTheNthWrite(nth: number): () => void {
    const { set } = Overlay.prototype;
    let writes = 0;
    Overlay.prototype.set = function (this: Overlay, key, value) {
      if (++writes !== nth) set.call(this, key, value);
    };
    return () => {
      Overlay.prototype.set = set;
    };
  }

  test("is on by default and refuses a block that re-execution does not reproduce", () => {
    const chain = chainAt();
    const repair = loseTheNthWrite(9);
    try {
      expect(() => chain.seal({ extrinsics: [] })).toThrow(BlockRefused);
    } finally {
      repair();
    }
    expect(chain.best.number).toBe(0);
    expect(chain.seal({ extrinsics: [] }).block.number).toBe(1);
  });

  test("can be switched off, and changes no hash", () => {
    const checked = chainAt().seal({ extrinsics: [] }).block.hash;
    expect(chainAt({ selfCheck: false }).seal({ extrinsics: [] }).block.hash).toBe(checked);
  });
});

describe("runtime calls", () => {
  test("leave no trace in the state", () => {
    const chain = chainAt();
    const root = chain.state(chain.best.hash).root;
    const transfer = new Signer(chain).transfer("Alice", 0, "Bob", UNIT);
    chain.call(chain.best.hash, "BlockBuilder_apply_extrinsic", transfer);
    expect(chain.state(chain.best.hash).root).toBe(root);
    expect(
      new ScaleReader(
        chain.call(chain.best.hash, "AccountNonceApi_account_nonce", account("Alice").publicKey),
      ).u32(),
    ).toBe(0);
  });

  test("that panic carry the panic's message and place", () => {
    const chain = chainAt();
    const call = () => chain.call(chain.best.hash, "AccountNonceApi_account_nonce", Uint8Array.of(1, 2));
    expect(call).toThrow(RuntimeCallError);
    expect(call).toThrow(/Bad input data provided to account_nonce/);
  });

  test("of methods that do not exist say so, and the next call works", () => {
    const chain = chainAt();
    expect(() => chain.call(chain.best.hash, "Nothing_here")).toThrow(/no method Nothing_here/);
    expect(chain.call(chain.best.hash, "Core_version").length).toBeGreaterThan(100);
  });

  test("validate an extrinsic on any block with state", () => {
    const chain = chainAt();
    const signer = new Signer(chain);
    const transfer = signer.transfer("Alice", 0, "Bob", UNIT);
    const VALID = 0;
    expect(chain.validate(transfer)[0]).toBe(VALID);
    const { block } = chain.seal({ extrinsics: [transfer] });
    const STALE = [1, 0, 3];
    expect([...chain.validate(transfer)]).toEqual(STALE);
    expect(chain.validate(transfer, { at: chain.genesisHash, source: "local" })[0]).toBe(VALID);
    expect(chain.runtimeVersion(block.hash)).toMatchObject({
      specName: "substrate-contracts-node",
      specVersion: 100,
      stateVersion: 1,
    });
  });

  test("know the version that Core_version answers", () => {
    const chain = chainAt();
    const answered = new ScaleReader(chain.call(chain.genesisHash, "Core_version"));
    expect(answered.text()).toBe(chain.runtimeVersion(chain.genesisHash).specName);
  });
});

describe("forks", () => {
  test("the longer chain becomes best, and the events tell what was retracted", () => {
    const chain = chainAt();
    const told: ChainEvents["best"][] = [];
    chain.on("best", (event) => told.push(event));
    const [a1] = emptyBlocks(chain, 1);
    const b1 = chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: START + 500 }).block.hash;
    expect(chain.best.hash).toBe(a1);
    expect(chain.hashesAt(1)).toEqual([a1, b1]);
    expect(new Set(chain.leaves())).toEqual(new Set([a1, b1]));
    const b2 = chain.seal({ extrinsics: [], parent: b1 }).block.hash;
    expect(chain.best.hash).toBe(b2);
    expect(chain.hashAt(1)).toBe(b1);
    const { retracted, enacted } = told.at(-1)!;
    expect(retracted.map(({ hash }) => hash)).toEqual([a1]);
    expect(enacted.map(({ hash }) => hash)).toEqual([b1, b2]);
  });

  test("each fork has its own state", () => {
    const chain = chainAt();
    const transfer = new Signer(chain).transfer("Alice", 0, "Dave", UNIT);
    const before = freeBalance(chain, chain.genesisHash, "Dave");
    const a1 = chain.seal({ extrinsics: [transfer] }).block.hash;
    const b1 = chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: START + 500 }).block.hash;
    expect(freeBalance(chain, a1, "Dave")).toBe(before + UNIT);
    expect(freeBalance(chain, b1, "Dave")).toBe(before);
  });

  test("a reorganisation to a shorter fork is possible on request", () => {
    const chain = chainAt();
    emptyBlocks(chain, 3);
    const other = chain.seal({ extrinsics: [], parent: chain.hashAt(1)!, timestamp: START + 900 }).block.hash;
    chain.reorgTo(other);
    expect(chain.best.hash).toBe(other);
    expect(chain.hashAt(3)).toBeUndefined();
  });

  test("importing what another chain sealed gives the same head; a block without parent is refused", () => {
    const author = chainAt();
    const follower = chainAt();
    const transfer = new Signer(author).transfer("Alice", 0, "Bob", UNIT);
    const first = author.seal({ extrinsics: [transfer] }).block;
    const second = author.seal({ extrinsics: [] }).block;
    expect(() => follower.importBlock(second)).toThrow(UnknownBlock);
    follower.importBlock(first);
    expect(follower.importBlock(second).hash).toBe(author.best.hash);
    expect(follower.importBlock(second).hash).toBe(author.best.hash);
    expect(follower.state(second.hash).root).toBe(author.state(second.hash).root);
  });
});

describe("finality", () => {
  test("drops forks without the final block and refuses to leave it", () => {
    const chain = chainAt();
    const [a1, a2] = emptyBlocks(chain, 2);
    const b1 = chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: START + 500 }).block.hash;
    const told: ChainEvents["finalized"][] = [];
    chain.on("finalized", (event) => told.push(event));
    chain.finalize(a2!);
    expect(told[0]!.finalized.map(({ hash }) => hash)).toEqual([a1, a2]);
    expect(told[0]!.discarded).toEqual([b1]);
    expect(chain.block(b1)).toBeUndefined();
    expect(chain.finalized.hash).toBe(a2);
    expect(() => chain.reorgTo(a1!)).toThrow(NotDescendant);
    expect(() => chain.finalize(a1!)).toThrow(NotDescendant);
  });

  test("is where forks end: below it no block is sealed or imported", () => {
    const chain = chainAt();
    const [a1, a2] = emptyBlocks(chain, 2);
    const other = chainAt();
    const b1 = other.seal({ extrinsics: [], timestamp: START + 500 }).block;
    chain.finalize(a1!);
    expect(() => chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: START + 500 })).toThrow(
      NotDescendant,
    );
    expect(() => chain.importBlock(b1)).toThrow(NotDescendant);
    expect(chain.hashesAt(1)).toEqual([a1]);
    expect(chain.best.hash).toBe(a2);
    const fork = chain.seal({ extrinsics: [], parent: a1!, timestamp: START + 900 }).block;
    expect(chain.leaves()).toEqual([a2, fork.hash]);
  });

  test("of a block on another fork makes that fork the best one", () => {
    const chain = chainAt();
    emptyBlocks(chain, 2);
    const b1 = chain.seal({ extrinsics: [], parent: chain.genesisHash, timestamp: START + 500 }).block.hash;
    chain.finalize(b1);
    expect(chain.best.hash).toBe(b1);
    expect(chain.leaves()).toEqual([b1]);
  });

  test("keeps as many final states as pruning says; older blocks stay without state", () => {
    const chain = chainAt({ pruning: 3 });
    const hashes = emptyBlocks(chain, 10);
    chain.finalize(hashes[8]!);
    expect(chain.hasState(hashes[5]!)).toBe(true);
    expect(chain.hasState(hashes[4]!)).toBe(false);
    expect(() => chain.state(hashes[4]!)).toThrow(StateDiscarded);
    expect(() => chain.call(chain.genesisHash, "Core_version")).toThrow(StateDiscarded);
    expect(chain.block(hashes[4]!)?.number).toBe(5);
    expect(() => chain.state(`0x${"00".repeat(32)}`)).toThrow(UnknownBlock);
  });

  test("an archive keeps all", () => {
    const chain = chainAt({ pruning: "archive" });
    emptyBlocks(chain, 20);
    chain.finalize(chain.best.hash);
    expect(chain.state(chain.genesisHash).root).toBe(chain.genesis.stateRoot);
  });
});

describe("snapshots", () => {
  test("bring back blocks, head, finality and pruned states, as often as wanted", () => {
    const chain = chainAt({ pruning: 1 });
    emptyBlocks(chain, 3);
    const { best, finalized } = chain;
    const snapshot = chain.snapshot();
    const restored: ChainEvents["restored"][] = [];
    chain.on("restored", (event) => restored.push(event));
    for (let round = 0; round < 2; round++) {
      emptyBlocks(chain, 2);
      chain.seal({ extrinsics: [], parent: best.hash, timestamp: START + 700 });
      chain.finalize(chain.best.hash);
      expect(chain.hasState(best.hash)).toBe(false);
      chain.restore(snapshot);
      expect(chain.best).toBe(best);
      expect(chain.finalized).toBe(finalized);
      expect(chain.leaves()).toEqual([best.hash]);
      expect(chain.hashAt(4)).toBeUndefined();
      expect(chain.hasState(chain.genesisHash)).toBe(true);
    }
    expect(restored).toHaveLength(2);
  });

  test("that are later than a restored one, or released, are unknown", () => {
    const chain = chainAt();
    const early = chain.snapshot();
    const late = chain.snapshot();
    chain.restore(early);
    expect(() => chain.restore(late)).toThrow(UnknownSnapshot);
    chain.release(early);
    expect(() => chain.restore(early)).toThrow(UnknownSnapshot);
  });

  test("lead to the same blocks when the same is done again", () => {
    const chain = chainAt();
    const transfer = new Signer(chain).transfer("Alice", 0, "Bob", UNIT);
    const snapshot = chain.snapshot();
    const first = chain.seal({ extrinsics: [transfer] }).block.hash;
    chain.restore(snapshot);
    expect(chain.seal({ extrinsics: [transfer] }).block.hash).toBe(first);
  });
});

describe("the state's view", () => {
  test("pages through keys as the node does, and proves what it answers", () => {
    const chain = chainAt();
    const state = chain.state(chain.genesisHash);
    const prefix = accountKey(new Uint8Array()).slice(0, 32);
    const first = state.keysPaged(prefix, 5);
    const second = state.keysPaged(prefix, 100, first.at(-1));
    expect(first).toHaveLength(5);
    expect(second).toHaveLength(7);
    expect(state.keysPaged(prefix, 100)).toEqual([...first, ...second]);
    expect(state.proof([first[0]!]).length).toBeGreaterThan(1);
    expect(state.size).toBe([...state.entries()].length);
  });

  test("a genesis from a raw chain spec has the same hash as the one the runtime built", () => {
    const built = chainAt();
    const top = Object.fromEntries(
      [...built.state(built.genesisHash).entries()].map(([key, value]) => [toHex(key), toHex(value)]),
    );
    const raw = chainAt({ genesis: { kind: "raw", top } });
    expect(raw.genesisHash).toBe(built.genesisHash);
    expect(raw.seal({ extrinsics: [] }).block.hash).toBe(built.seal({ extrinsics: [] }).block.hash);
  });

  test("a genesis config that the runtime refuses is an error with its reason", () => {
    const json = '{"balances":{"balances":[["nobody",1]]}}';
    expect(() => chainAt({ genesis: { kind: "patch", json } })).toThrow(
      /Genesis: .*(nobody|invalid|Invalid)/,
    );
  });

  test("fromHex refuses what is not hexadecimal", () => {
    expect(() => fromHex("0x123")).toThrow(RangeError);
  });
});
