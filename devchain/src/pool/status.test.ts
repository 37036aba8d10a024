import { expect, test } from "vitest";
import type { Hex } from "../chain/types.ts";
import { MAX_UNFINALIZED_BLOCKS, type TransactionStatus, Watchers } from "./status.ts";

const hash = (number: number): Hex => `0x${number}`;

test("a watch ends with finalityTimeout when too many later blocks wait for finality too", () => {
  const watchers = new Watchers();
  const told: TransactionStatus[][] = [];
  for (let number = 0; number <= MAX_UNFINALIZED_BLOCKS; number += 1) {
    const statuses: TransactionStatus[] = [];
    told.push(statuses);
    watchers.add(hash(number), (status) => statuses.push(status));
    watchers.inBlock(hash(number), hash(number), 1);
  }
  expect(told[0]).toEqual([{ inBlock: hash(0) }, { finalityTimeout: hash(0) }]);
  expect(told[1]).toEqual([{ inBlock: hash(1) }]);
  expect(watchers.watched().length).toBe(MAX_UNFINALIZED_BLOCKS);
});

test("nothing follows the last status, and a watcher that left hears nothing", () => {
  const watchers = new Watchers();
  const told: TransactionStatus[] = [];
  watchers.add(hash(1), (status) => told.push(status));
  const leave = watchers.add(hash(1), () => expect.unreachable());
  leave();
  for (const status of ["ready", "invalid", "ready"] as const) watchers.notify(hash(1), status);
  expect(told).toEqual(["ready", "invalid"]);
});
