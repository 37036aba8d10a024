/**
 * Races: two transactions that each could come first, run in both orders in one block, in two blocks, and after
 * a reorganisation that swaps them. Every scenario is a fork of one prepared block, so all start equal.
 */
import type { Hex } from "@keystrand/devchain";
import { BaseError } from "@keystrand/sdk";
import { toHex } from "@keystrand/sdk/bytes";
import type { ContractClient, MessageTypes } from "@keystrand/sdk/contracts";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { describe, expect, test } from "vitest";
import type { OrdersOnChain } from "./orders.fixture.ts";
import type { Stage, Stages } from "./stages.fixture.ts";

/** A call of one party, ready to be sent. */
export interface Sent {
  readonly by: KeyringPair;
  readonly extrinsic: (market: OrdersOnChain, nonce: number) => Promise<Uint8Array>;
  /** Why it is refused at this block; undefined if it is not. */
  readonly refusal: (at: Hex) => Promise<string | undefined>;
}

/** Room for any message of an order of a few lines. */
const GAS = { refTime: 100_000_000_000n, proofSize: 1_000_000n };

export const send = <M extends MessageTypes, L extends keyof M & string>(
  client: ContractClient<M>,
  label: L,
  args: M[L]["args"],
  by: KeyringPair,
  value = 0n,
): Sent => ({
  by,
  extrinsic: async ({ contracts: { api } }, nonce) => {
    const data = toHex(client.abi.message(label).encode(args as Record<string, unknown>));
    const call = api.tx.contracts!.call!(client.address, value, GAS, null, data);
    return (await call.signAsync(by, { nonce, era: 0 })).toU8a();
  },
  refusal: async (at) => {
    const { returned } = await client.dryRun(label, args, { caller: by.address, value, at });
    const answer = returned as { err?: unknown } | null;
    return answer && typeof answer === "object" && "err" in answer ? nameOf(answer.err) : undefined;
  },
});

const nameOf = (error: unknown): string => {
  if (typeof error === "string") return error;
  const { type, value } = error as { type: string; value: unknown };
  return typeof value === "string" && /^[A-Z]\w+$/.test(value) ? `${type} ${value}` : type;
};

/** How a race ends. */
export interface End {
  /** Contenders that are refused, and why. */
  readonly refused?: Readonly<Record<string, string>>;
  readonly state: string;
  /** States of the lines. */
  readonly lines?: string;
  /** What the order owes its buyer then. */
  readonly owed?: bigint;
}

/** Ends by the contenders' order: "a, b" when `a` comes first. */
export interface Race {
  readonly base: Hex;
  readonly order: string;
  readonly contenders: Readonly<Record<string, Sent>>;
  readonly ends: Readonly<Record<string, End>>;
}

/** A race over the end of a window: in one block the block's time decides, whoever comes first. */
export interface WindowRace extends Race {
  /** The window's last moment, ms; `ends.last` and `ends.late` are of one block then and one ms later. */
  readonly last: number;
}

/** A block's calls and time. */
interface Step {
  readonly calls: readonly string[];
  readonly time?: number;
}

const SECOND = 1_000;
const DELIVERED = 1;

/** Every call of a list in one block on top of another; each must succeed. Answers the block. */
export const after = async (market: OrdersOnChain, base: Hex, calls: readonly Sent[]): Promise<Hex> => {
  const { chain } = market.node;
  const nonces = new Map<string, number>();
  const extrinsics: Uint8Array[] = [];
  for (const call of calls) {
    const nonce = nonces.get(call.by.address) ?? (await nonceAt(market, base, call.by));
    nonces.set(call.by.address, nonce + 1);
    extrinsics.push(await call.extrinsic(market, nonce));
  }
  const { block, outcomes } = market.node.seal({
    parent: base,
    extrinsics,
    timestamp: chain.timestamp(base) + SECOND,
  });
  for (const [index, outcome] of outcomes.entries())
    if (!succeeded(market, outcome))
      throw new BaseError("A race could not be prepared.", {
        happened: [`Call ${index} was refused: ${await calls[index]!.refusal(base)}.`],
      });
  return block.hash;
};

const nonceAt = async ({ contracts: { api } }: OrdersOnChain, at: Hex, { address }: KeyringPair) => {
  const account = (await (
    await api.at(at)
  ).query.system!.account!(address)) as unknown as {
    nonce: { toNumber(): number };
  };
  return account.nonce.toNumber();
};

type Outcome = ReturnType<OrdersOnChain["node"]["seal"]>["outcomes"][number];

/** What became of a transaction: undefined when it took effect, else the name of its dispatch error. */
export const dispatchError = (api: ApiPromise, outcome: Outcome): string | undefined => {
  if (outcome.kind !== "included") throw new Error(`A transaction was not included: ${outcome.kind}`);
  if (outcome.result[1] === 0) return undefined;
  const error = api.createType("DispatchError", outcome.result.slice(2)) as unknown as {
    isModule: boolean;
    asModule: Parameters<typeof api.registry.findMetaError>[0];
    toString(): string;
  };
  return error.isModule ? api.registry.findMetaError(error.asModule).name : error.toString();
};

/** Whether the call took effect; a refusal must be the contract's own, never a trap or a lack of gas. */
const succeeded = (market: OrdersOnChain, outcome: Outcome): boolean => {
  const error = dispatchError(market.contracts.api, outcome);
  if (error !== undefined) expect(error).toBe("ContractReverted");
  return error === undefined;
};

/** Runs blocks on the prepared one and answers the heads, with who was refused. */
const run = async (market: OrdersOnChain, race: Race, signed: Signed, steps: readonly Step[]) => {
  let parent = race.base;
  const refused: Record<string, string> = {};
  for (const { calls, time } of steps) {
    const { block, outcomes } = market.node.seal({
      parent,
      extrinsics: calls.map((name) => signed[name]!),
      timestamp: time ?? market.node.chain.timestamp(parent) + SECOND,
    });
    parent = block.hash;
    for (const [index, name] of calls.entries()) {
      if (succeeded(market, outcomes[index]!)) continue;
      // A refused call changes nothing: if it was the block's last, it is refused after the block all the same.
      const why = index === calls.length - 1 ? await race.contenders[name]!.refusal(block.hash) : "refused";
      refused[name] = why ?? "accepted when asked again";
    }
  }
  return { head: parent, refused };
};

/** An order as it stands at a block, after the checks that hold whoever comes first. */
const observe = async ({ contracts, buyer }: OrdersOnChain, order: string, at?: Hex) => {
  const options = at ? { at } : {};
  const { api, escrow } = contracts;
  const state = at ? await api.at(at) : api;
  const { data } = (await state.query.system!.account!(escrow.address)) as unknown as {
    data: { free: { toBigInt(): bigint } };
  };
  expect(data.free.toBigInt(), "what is held can be paid").toBeGreaterThanOrEqual(
    await escrow.query("held", {}, options),
  );
  const view = await escrow.query("order", { order }, options);
  const lines = view ? await escrow.query("lines", { order }, options) : [];
  for (const line of lines)
    if (["Expired", "Cancelled", "Aborted", "NotReleased", "Denied"].includes(line.ending))
      expect(line.flags & DELIVERED, "nobody has both the packet and the money").toBe(0);
  return {
    state: view?.head.state ?? "none",
    lines: lines.map((line) => line.state).join(" "),
    owed: await escrow.query("credit", { order, account: buyer.address }, options),
  };
};

type Signed = Readonly<Record<string, Uint8Array>>;

const sign = async (market: OrdersOnChain, { base, contenders }: Race): Promise<Signed> => {
  const senders = Object.values(contenders).map(({ by }) => by.address);
  expect(new Set(senders).size, "contenders of one account have one order only").toBe(senders.length);
  return Object.fromEntries(
    await Promise.all(
      Object.entries(contenders).map(async ([name, call]) => [
        name,
        await call.extrinsic(market, await nonceAt(market, base, call.by)),
      ]),
    ),
  );
};

const compare = (observed: Awaited<ReturnType<typeof observe>>, end: End) => {
  const { refused: _, ...expected } = end;
  expect(observed).toMatchObject(expected);
};

const isWindowRace = (race: Race): race is WindowRace => "last" in race;

/** The three tests of a race. */
export const race = (
  name: string,
  market: () => Stages,
  stage: Stage,
  prepare: () => Promise<Race | WindowRace>,
) =>
  describe(name, () => {
    let prepared: Promise<{ race: Race; signed: Signed; orders: (readonly [string, string])[] }> | undefined;
    const ready = () => {
      prepared ??= (async () => {
        // What is asked and signed beforehand is asked at the stage, not where another race ended.
        market().node.chain.reorgTo(market().at[stage]);
        const race = await prepare();
        const [one, other] = Object.keys(race.contenders) as [string, string];
        return {
          race,
          signed: await sign(market(), race),
          orders: [
            [one, other],
            [other, one],
          ],
        };
      })();
      return prepared;
    };
    const end = (race: Race, key: string): End => {
      const found = race.ends[key];
      if (!found) throw new Error(`${name}: no end '${key}'`);
      return found;
    };
    const refusedOf = (refused: Readonly<Record<string, string>>, { refused: wanted = {} }: End) => {
      expect(Object.keys(refused).sort()).toEqual(Object.keys(wanted).sort());
      for (const [who, why] of Object.entries(refused))
        if (why !== "refused") expect(`${who}: ${why}`).toBe(`${who}: ${wanted[who]}`);
    };
    /** One call a block; over a window's end the first is at its last moment, the second one ms later. */
    const apart = (race: Race, order: readonly [string, string]): Step[] =>
      order.map((call, index) => ({
        calls: [call],
        ...(isWindowRace(race) ? { time: race.last + index } : {}),
      }));

    test("both orders in one block", async () => {
      const { race, signed, orders } = await ready();
      for (const order of orders) {
        const times = isWindowRace(race) ? (["last", "late"] as const) : [undefined];
        for (const time of times) {
          const wanted = end(race, time ?? order.join(", "));
          const step = {
            calls: order,
            ...(isWindowRace(race) ? { time: race.last + (time === "late" ? 1 : 0) } : {}),
          };
          const { head, refused } = await run(market(), race, signed, [step]);
          refusedOf(refused, wanted);
          compare(await observe(market(), race.order, head), wanted);
        }
      }
    });

    test("both orders in two blocks", async () => {
      const { race, signed, orders } = await ready();
      for (const order of orders) {
        const wanted = end(race, order.join(", "));
        const { head, refused } = await run(market(), race, signed, apart(race, order));
        refusedOf(refused, wanted);
        compare(await observe(market(), race.order, head), wanted);
      }
    });

    test("both orders after a reorganisation that swaps them", async () => {
      const { race, signed, orders } = await ready();
      const { chain } = market().node;
      for (const order of orders) {
        const swapped = [order[1], order[0]] as const;
        chain.reorgTo(race.base);
        // The empty blocks are new ones whenever this fork was made before.
        const first = await run(market(), race, signed, apart(race, order));
        chain.reorgTo(first.head);
        compare(await observe(market(), race.order), end(race, order.join(", ")));
        const retracted: number[] = [];
        const stop = chain.on("best", (change) => retracted.push(change.retracted.length));
        const second = await run(market(), race, signed, apart(race, swapped));
        let head = second.head;
        if (chain.best.hash === first.head)
          ({
            block: { hash: head },
          } = market().node.seal({ parent: head, extrinsics: [], timestamp: chain.timestamp(head) + 1 }));
        stop();
        expect(chain.best.hash, "the longer fork is the best one").toBe(head);
        expect(retracted).toEqual([2]);
        compare(await observe(market(), race.order), end(race, swapped.join(", ")));
      }
    });
  });
