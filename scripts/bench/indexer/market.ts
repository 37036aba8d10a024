/** A chain full of the project's own events: orders from request to payment, and consents, by real transactions. */
import { toHex } from "@keystrand/sdk/bytes";
import type { ContractClient, MessageTypes } from "@keystrand/sdk/contracts";
import type { Request } from "@keystrand/sdk/generated/escrow";
import { blake2b256 } from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import {
  attestArguments,
  hashesOf,
  type OrdersOnChain,
  ordersOnChain,
  packetsOf,
  receiptOf,
  registration,
  requestFor,
} from "../../../test/contracts/orders.fixture.ts";

/** Orders that go through their life together: each of its steps is one block. */
const WAVE = 50;
const LINES = [0, 1] as const;
/** More than any of these messages needs; a block has room for several at once. */
const GAS = { refTime: 200_000_000_000n, proofSize: 4_000_000n };

export interface BusyMarket {
  readonly market: OrdersOnChain;
  /** Contract events since genesis. */
  events(): Promise<Map<string, number>>;
  /** Adds a wave of orders; gives the number of events that it added, and the ids of what it made. */
  wave(): Promise<{ events: number; ids: string[] }>;
  /** One block with one consent's event; its height. */
  single(): number;
}

interface Call {
  client: ContractClient<MessageTypes>;
  label: string;
  args: object;
  by: KeyringPair;
  value?: bigint;
}

const untyped = (client: unknown) => client as ContractClient<MessageTypes>;

export async function busyMarket(): Promise<BusyMarket> {
  const market = await ordersOnChain(4);
  const { contracts, node, buyer, custodian, contributor, governor, stranger } = market;
  const { api } = contracts;
  node.sealing = { mode: "manual" };
  const clients = (
    ["identity", "policies", "consents", "attestations", "escrow", "voice", "governor"] as const
  ).map((name) => [name, untyped(contracts[name])] as const);
  const nonces = new Map<string, number>();
  const escrow = untyped(contracts.escrow);
  const consents = untyped(contracts.consents);

  const signed = ({ client, label, args, by, value = 0n }: Call): Uint8Array => {
    const nonce = nonces.get(by.address) ?? 0;
    nonces.set(by.address, nonce + 1);
    const data = toHex(client.abi.message(label).encode(args as Record<string, unknown>));
    const call = api.tx.contracts!.call!(client.address, value, GAS, null, data);
    call.sign(by, {
      nonce,
      blockHash: api.genesisHash,
      genesisHash: api.genesisHash,
      runtimeVersion: api.runtimeVersion,
    });
    return call.toU8a();
  };
  for (const { address } of [buyer, custodian, contributor, governor, stranger])
    nonces.set(address, (await api.rpc.system.accountNextIndex(address)).toNumber());

  /** One block of these calls; its events of the escrow. */
  const block = async (calls: readonly Call[]) => {
    const { block: sealed } = node.seal({ extrinsics: calls.map(signed) });
    const at = await api.at(sealed.hash);
    const records = await at.query.system!.events!();
    const events = contracts.escrow.events(
      records as unknown as Parameters<typeof contracts.escrow.events>[0],
    );
    return { hash: sealed.hash, number: sealed.number, events };
  };

  let requests = 0;
  let template: Request | undefined;
  let total = 0n;
  let registered = market.datasets.length;

  const tally = new Map<string, number>();
  const count = async (hash: string) => {
    const records = (await (
      await api.at(hash)
    ).query.system!.events!()) as unknown as Parameters<typeof contracts.escrow.events>[0];
    let events = 0;
    for (const [name, client] of clients) {
      for (const event of client.events(records)) {
        const key = `${name}.${event.name}`;
        tally.set(key, (tally.get(key) ?? 0) + 1);
        events++;
      }
    }
    return events;
  };
  for (let number = 1; number <= node.chain.best.number; number++)
    await count((await api.rpc.chain.getBlockHash(number)).toHex());

  const registerOne = (): Call => {
    registered++;
    const args = registration(
      contracts,
      market.collection,
      1_000 + registered,
      market.payees[0]!,
      contributor,
      custodian,
    );
    return { client: consents, label: "register", args, by: contributor };
  };

  return {
    market,
    events: async () => tally,
    single() {
      const { block: sealed } = node.seal({ extrinsics: [signed(registerOne())] });
      return sealed.number;
    },
    async wave() {
      template ??= await requestFor(market, [...LINES]);
      total ||= (await contracts.escrow.query("quote", { buyer: buyer.address, request: template })).total;
      let events = 0;
      const step = async (calls: readonly Call[]) => {
        const made = await block(calls);
        events += await count(made.hash);
        return made;
      };
      const creates = Array.from({ length: WAVE }, (): Call => {
        requests++;
        const nonce = toHex(
          blake2b256(Uint8Array.of(9, requests & 0xff, (requests >> 8) & 0xff, requests >> 16)),
        );
        return {
          client: escrow,
          label: "create",
          args: { request: { ...template, nonce } },
          by: buyer,
          value: total,
        };
      });
      const { events: created } = await step(creates);
      const orders = created.flatMap(({ name, fields }) =>
        name === "Created" ? [String((fields as { order: string }).order)] : [],
      );
      if (orders.length !== WAVE) throw new Error(`${orders.length} of ${WAVE} orders were created`);
      const calls = async (
        label: string,
        by: KeyringPair,
        args: (order: string) => object | Promise<object>,
      ) =>
        Promise.all(
          orders.map(
            async (order): Promise<Call> => ({ client: escrow, label, args: await args(order), by }),
          ),
        );
      await step(await calls("attest", buyer, (order) => attestArguments(market, order)));
      await step(await calls("release", custodian, (order) => ({ order, packets: hashesOf([...LINES]) })));
      await step(await calls("deliver", custodian, (order) => ({ order, packets: packetsOf([...LINES]) })));
      await step(
        await calls("accept", stranger, async (order) => ({
          order,
          receipt: await receiptOf(market, order, []),
        })),
      );
      const payees = [...LINES.map((line) => market.payees[line]!), custodian.address, governor.address];
      for (const to of payees) await step(await calls("withdraw", stranger, (order) => ({ order, to })));
      const registrations = Array.from({ length: WAVE / 5 }, registerOne);
      await step(registrations);
      const datasets = (await api.query.system!.events!()) as unknown as Parameters<
        typeof contracts.consents.events
      >[0];
      const ids = [
        ...orders,
        ...contracts.consents
          .events(datasets)
          .flatMap(({ name, fields }) =>
            name === "ConsentGiven" ? [String((fields as { dataset: string }).dataset)] : [],
          ),
      ];
      return { events, ids };
    },
  };
}
