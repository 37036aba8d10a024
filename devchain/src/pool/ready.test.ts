/** The ready queue against a model that searches everything each time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Hex } from "../chain/types.ts";
import { PoolError } from "./errors.ts";
import { type PoolTransaction, ReadyQueue } from "./ready.ts";

class Model {
  readonly list: PoolTransaction[] = [];
  provider(tag: Hex): PoolTransaction | undefined {
    return this.list.find((transaction) => transaction.provides.includes(tag));
  }
  isReady(transaction: PoolTransaction): boolean {
    return transaction.requires.every((tag) => this.provider(tag));
  }
  /** The best of those whose requirements are met by what came before, again and again. */
  order(): Hex[] {
    const left = this.list.map((transaction, age) => ({ transaction, age }));
    const ordered: Hex[] = [];
    const given = new Set<Hex>();
    for (;;) {
      const possible = left
        .filter(({ transaction }) =>
          transaction.requires.every((tag) => given.has(tag) || !this.provider(tag)),
        )
        .sort(
          (a, b) =>
            Number(b.transaction.priority - a.transaction.priority) ||
            Number(a.transaction.validTill - b.transaction.validTill) ||
            a.age - b.age,
        );
      const [next] = possible;
      if (!next) return ordered;
      left.splice(left.indexOf(next), 1);
      ordered.push(next.transaction.hash);
      for (const tag of next.transaction.provides) given.add(tag);
    }
  }
}

const tagOf = (account: number, nonce: number): Hex => `0x${account}${nonce}`;
const transactionArbitrary = fc
  .record({
    account: fc.nat({ max: 3 }),
    nonce: fc.nat({ max: 5 }),
    priority: fc.nat({ max: 4 }),
    validTill: fc.nat({ max: 2 }),
  })
  .map(({ account, nonce, priority, validTill }) => ({
    extrinsic: Uint8Array.of(account, nonce),
    priority: BigInt(priority),
    requires: nonce === 0 ? [] : [tagOf(account, nonce - 1)],
    provides: [tagOf(account, nonce)],
    validTill: BigInt(validTill),
  }));

test("imports, replacements, removals and pruning keep the order of the model", () => {
  let serial = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          {
            weight: 5,
            arbitrary: fc.record({ do: fc.constant("import" as const), with: transactionArbitrary }),
          },
          {
            weight: 1,
            arbitrary: fc.record({
              do: fc.constantFrom("remove" as const, "prune" as const),
              pick: fc.nat(),
            }),
          },
        ),
        { maxLength: 40 },
      ),
      (steps) => {
        const queue = new ReadyQueue();
        const model = new Model();
        const forget = (gone: readonly PoolTransaction[]) => {
          for (const { hash } of gone)
            model.list.splice(
              model.list.findIndex((transaction) => transaction.hash === hash),
              1,
            );
        };
        for (const step of steps) {
          if (step.do === "import") {
            serial += 1;
            const transaction = { ...step.with, hash: `0x${serial.toString(16)}` as Hex };
            if (!model.isReady(transaction)) continue;
            const rival = model.provider(transaction.provides[0]!);
            if (rival && rival.priority >= transaction.priority) {
              expect(() => queue.import(transaction)).toThrow(PoolError);
              continue;
            }
            expect(queue.import(transaction)).toEqual(rival ? [rival] : []);
            if (rival) forget([rival]);
            model.list.push(transaction);
          } else {
            const picked = model.list[step.pick % Math.max(1, model.list.length)];
            if (!picked) continue;
            if (step.do === "remove") {
              const removed = queue.removeSubtree([picked.hash]);
              // The account's later nonces go with it.
              const [account, nonce] = picked.extrinsic;
              const expected = model.list.filter(
                ({ extrinsic }) => extrinsic[0] === account && extrinsic[1]! >= nonce!,
              );
              expect(new Set(removed)).toEqual(new Set(expected));
              forget(removed);
            } else {
              const pruned = queue.pruneTag(picked.provides[0]!);
              // It goes with the account's earlier nonces; later ones stay.
              const [account, nonce] = picked.extrinsic;
              const expected = model.list.filter(
                ({ extrinsic }) => extrinsic[0] === account && extrinsic[1]! <= nonce!,
              );
              expect(new Set(pruned)).toEqual(new Set(expected));
              forget(pruned);
            }
          }
          expect(queue.inOrder().map(({ hash }) => hash)).toEqual(model.order());
          expect(queue.size).toBe(model.list.length);
          expect(queue.bytes).toBe(2 * model.list.length);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
