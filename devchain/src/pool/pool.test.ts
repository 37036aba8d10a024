import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { account, type Name, Signer } from "../chain/signer.fixture.ts";
import type { SnapshotId } from "../chain/types.ts";
import { fromHex, toHex } from "../codec/bytes.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { type Chain, createChain } from "../index.ts";
import { PoolError, type PoolRefusal } from "./errors.ts";
import { DEFAULT_POOL_LIMITS, type PoolLimits, TransactionPool } from "./pool.ts";
import type { TransactionStatus } from "./status.ts";

let chain: Chain;
let signer: Signer;
let start: SnapshotId;
let pool: TransactionPool;

beforeAll(async () => {
  chain = await createChain({ selfCheck: false });
  signer = new Signer(chain);
  start = chain.snapshot();
  // One pool at a time follows the chain.
  chain.on("best", (change) => pool.onBest(change));
  chain.on("finalized", ({ finalized }) => pool.onFinalized(finalized));
});
function startPool(limits: PoolLimits = DEFAULT_POOL_LIMITS): void {
  pool = new TransactionPool(
    {
      bestNumber: () => chain.best.number,
      validate: (extrinsic, source, at) => chain.validate(extrinsic, at ? { at, source } : { source }),
      hash: hashOf,
      now: () => chain.best.number,
    },
    limits,
  );
}
beforeEach(() => {
  startPool();
  chain.restore(start);
});

const hashOf = (extrinsic: Uint8Array) => toHex(blake2_256(extrinsic));
/** Signatures are random: the same transfer is signed once. */
const signed = new Map<string, Uint8Array>();
function transfer(nonce: number, tip = 0, value = 1_000_000_000n, from: Name = "Alice"): Uint8Array {
  const key = `${from} ${nonce} ${tip} ${value}`;
  const extrinsic = signed.get(key) ?? signer.transfer(from, nonce, "Ferdie", value, tip);
  signed.set(key, extrinsic);
  return extrinsic;
}
const seal = () => chain.seal({ extrinsics: pool.ready().map(({ extrinsic }) => extrinsic) });
const refusal = (extrinsic: Uint8Array): PoolRefusal => {
  try {
    pool.submit(extrinsic);
  } catch (error) {
    if (error instanceof PoolError) return error.refusal;
    throw error;
  }
  throw new Error("It was taken");
};
function watch(extrinsic: Uint8Array): TransactionStatus[] {
  const told: TransactionStatus[] = [];
  pool.submit(extrinsic, (status) => told.push(status));
  return told;
}

describe("What is refused", () => {
  test("an extrinsic twice", () => {
    pool.submit(transfer(0));
    expect(refusal(transfer(0))).toEqual({ kind: "alreadyImported" });
  });

  test("a nonce that is used, a forged signature, an account without funds, an inherent", () => {
    pool.submit(transfer(0));
    seal();
    expect(refusal(transfer(0, 1))).toMatchObject({ reason: { name: "Stale" } });
    const forged = transfer(1).slice();
    forged[50] = (forged[50] ?? 0) ^ 1;
    expect(refusal(forged)).toMatchObject({ reason: { name: "BadProof" } });
    const call = signer.call("System", "remark", "0x");
    const pauper = signer.sign(account("Nobody"), 0, call);
    expect(refusal(pauper)).toMatchObject({ reason: { name: "Payment" } });
    expect(refusal(fromHex("0x280403000b1e17a709a201"))).toMatchObject({
      reason: { name: "MandatoryValidation" },
    });
  });

  test("bytes that are no extrinsic: the runtime's panic is the reason", () => {
    expect(refusal(fromHex("0x0c010203"))).toMatchObject({ kind: "verification" });
  });

  test("what was refused is banned until the next block", () => {
    const call = signer.call("System", "remark", "0x");
    const pauper = signer.sign(account("Nobody"), 0, call);
    expect(refusal(pauper).kind).toBe("invalid");
    expect(refusal(pauper)).toEqual({ kind: "banned" });
    chain.seal({ extrinsics: [] });
    expect(refusal(pauper).kind).toBe("invalid");
  });
});

describe("Replacement", () => {
  test("a higher tip takes the place; its dependents stay", () => {
    const cheap = watch(transfer(0));
    const dependent = watch(transfer(1));
    const dear = watch(transfer(0, 1_000_000));
    expect(cheap).toEqual(["ready", { usurped: hashOf(transfer(0, 1_000_000)) }]);
    expect(pool.ready().map(({ hash }) => hash)).toEqual([
      hashOf(transfer(0, 1_000_000)),
      hashOf(transfer(1)),
    ]);
    const { block } = seal();
    expect(dear.at(-1)).toEqual({ inBlock: block.hash });
    expect(dependent.at(-1)).toEqual({ inBlock: block.hash });
  });

  test("an equal or lower tip is refused with both priorities", () => {
    pool.submit(transfer(0, 1_000_000));
    const answer = refusal(transfer(0));
    expect(answer).toMatchObject({ kind: "tooLowPriority" });
    if (answer.kind === "tooLowPriority") expect(answer.old).toBeGreaterThan(answer.new);
  });

  test("of two that wait for the same nonce, the one with the higher tip goes", () => {
    const cheap = watch(transfer(1));
    const dear = watch(transfer(1, 1_000_000));
    expect([cheap, dear]).toEqual([["future"], ["future"]]);
    pool.submit(transfer(0));
    expect(cheap.at(-1)).toEqual({ usurped: hashOf(transfer(0)) });
    expect(dear.at(-1)).toBe("ready");
  });
});

describe("Order", () => {
  test("higher tips first, dependencies before what needs them", () => {
    const bob = (nonce: number, tip: number) => transfer(nonce, tip, 1n, "Bob");
    for (const extrinsic of [transfer(1, 9_000_000), transfer(0, 10), bob(1, 500), bob(0, 1000)])
      pool.submit(extrinsic);
    expect(pool.ready().map(({ hash }) => hash)).toEqual(
      [bob(0, 1000), bob(1, 500), transfer(0, 10), transfer(1, 9_000_000)].map(hashOf),
    );
  });
});

describe("Limits", () => {
  const queue = { count: 3, bytes: 1_000_000 };

  test("a full pool drops its lowest priority, or refuses the newcomer when that is it", () => {
    startPool({ ...DEFAULT_POOL_LIMITS, ready: queue });
    const names = ["Bob", "Charlie", "Dave"] as const;
    const told = names.map((name, i) => watch(signer.transfer(name, 0, "Alice", 1n, 1000 * (i + 1))));
    expect(refusal(signer.transfer("Eve", 0, "Alice", 1n))).toEqual({ kind: "immediatelyDropped" });
    pool.submit(signer.transfer("Eve", 0, "Alice", 1n, 9000));
    expect(told).toEqual([["ready", "dropped"], ["ready"], ["ready"]]);
    expect(pool.readyCount).toBe(3);
  });

  test("a full future queue drops the oldest", () => {
    startPool({ ...DEFAULT_POOL_LIMITS, future: queue });
    const told = [5, 6, 7, 8].map((nonce) => watch(transfer(nonce)));
    expect(told.map((statuses) => statuses.at(-1))).toEqual(["dropped", "future", "future", "future"]);
    expect(pool.future().length).toBe(3);
  });
});

describe("Following the chain", () => {
  test("a block of others with the same nonce makes ours invalid and its dependents are judged again", () => {
    const ours = watch(transfer(0, 0, 7n));
    const next = watch(transfer(1));
    chain.seal({ extrinsics: [transfer(0)] });
    expect(ours).toEqual(["ready", "invalid"]);
    expect(next).toEqual(["ready"]);
    expect(pool.ready().length).toBe(1);
    expect(seal().outcomes.map(({ kind }) => kind)).toEqual(["included"]);
  });

  test("a block of others makes a waiting transaction ready", () => {
    const later = watch(transfer(1));
    chain.seal({ extrinsics: [transfer(0)] });
    expect(later).toEqual(["future", "ready"]);
  });

  test("a reorganisation that includes a transaction again says retracted, then inBlock", () => {
    const told = watch(transfer(0));
    const { block } = seal();
    const fork = chain.seal({ extrinsics: [transfer(0)], parent: chain.genesisHash }).block;
    const best = chain.seal({ extrinsics: [], parent: fork.hash }).block;
    chain.reorgTo(best.hash);
    expect(told).toEqual([
      "ready",
      { inBlock: block.hash },
      { retracted: block.hash },
      { inBlock: fork.hash },
    ]);
    chain.finalize(best.hash);
    expect(told.at(-1)).toEqual({ finalized: fork.hash });
  });

  test("a removed transaction takes what depends on it along, and is banned", () => {
    const first = watch(transfer(0));
    const second = watch(transfer(1));
    expect(pool.removeInvalid([hashOf(transfer(0))]).length).toBe(2);
    expect([first.at(-1), second.at(-1)]).toEqual(["invalid", "invalid"]);
    expect(refusal(transfer(0))).toEqual({ kind: "banned" });
  });
});
