import type pg from "pg";
import { z } from "zod";
import type { AbiLibrary, ContractAbi } from "../chain/abi.ts";
import type { Rpc } from "../chain/rpc.ts";
import type { Json } from "../chain/scale.ts";
import { type Argument, ContractReader } from "./contract-call.ts";

/** Something that the tables and the contracts' own state tell differently. */
export interface Disagreement {
  what: string;
  /** As the tables have it. */
  indexed: unknown;
  /** As the contract has it. */
  chain: unknown;
}

export interface SampleReport {
  compared: number;
  disagreements: Disagreement[];
}

/** One question: a row, the message that is asked about it, and what of its answer must equal what. */
interface Sample {
  contract: string;
  /** Rows with what `ask` and `compare` need, chosen by chance; `$1` is how many. */
  rows: string;
  message: string;
  arguments: (row: Row) => Argument[];
  /** Pairs that must be equal: as indexed, as the contract answered. */
  pairs: (row: Row, answer: Json) => Record<string, [unknown, unknown]>;
}

type Row = Record<string, string | number | boolean | null>;

/** A part of an answer, by its path; undefined where there is none. */
function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  let part = value;
  for (const name of path) {
    if (typeof part !== "object" || part === null) return undefined;
    part = Array.isArray(part) ? part[Number(name)] : part[name];
  }
  return part;
}

const SAMPLES: readonly Sample[] = [
  {
    contract: "escrow",
    rows: `SELECT id, buyer, custodian, state, policy_version FROM orders WHERE NOT forgotten ORDER BY random() LIMIT $1`,
    message: "order",
    arguments: ({ id }) => [{ hash: String(id) }],
    pairs: (row, answer) => ({
      buyer: [row.buyer, at(answer, "head", "buyer")],
      custodian: [row.custodian, at(answer, "head", "custodian")],
      state: [row.state, at(answer, "head", "state")],
      policyVersion: [Number(row.policy_version), at(answer, "head", "policy_version")],
    }),
  },
  {
    contract: "escrow",
    rows: `SELECT l."order", l.line, l.dataset, l.price::text, l.payee, l.state, l.ending, coalesce(l.share, 0) AS share
      FROM order_lines l JOIN orders o ON o.id = l."order" WHERE NOT o.forgotten ORDER BY random() LIMIT $1`,
    message: "lines",
    arguments: ({ order }) => [{ hash: String(order) }],
    pairs: (row, answer) => {
      const line = at(answer, Number(row.line));
      return {
        dataset: [row.dataset, at(line, "dataset")],
        price: [row.price, at(line, "price")],
        payee: [row.payee, at(line, "payee")],
        state: [row.state, at(line, "state")],
        ending: [row.ending, at(line, "ending")],
        share: [row.share, at(line, "share")],
      };
    },
  },
  {
    contract: "escrow",
    rows: `SELECT c."order", c.account, (c.credited - c.withdrawn)::text AS owed
      FROM credits c JOIN orders o ON o.id = c."order" WHERE NOT o.forgotten ORDER BY random() LIMIT $1`,
    message: "credit",
    arguments: ({ order, account }) => [{ hash: String(order) }, { account: String(account) }],
    pairs: (row, answer) => ({ owed: [row.owed, answer] }),
  },
  {
    contract: "consents",
    rows: `SELECT id, contributor, state, version, custodian, payee, price::text FROM datasets ORDER BY random() LIMIT $1`,
    message: "dataset",
    arguments: ({ id }) => [{ hash: String(id) }],
    pairs: (row, answer) => ({
      contributor: [row.contributor, at(answer, "contributor")],
      state: [row.state, at(answer, "state")],
      version: [Number(row.version), at(answer, "version")],
      // A tombstone keeps no more than who registered it.
      ...(row.state === "Erased"
        ? {}
        : {
            custodian: [row.custodian, at(answer, "custodian")],
            payee: [row.payee, at(answer, "payee")],
            price: [row.price, at(answer, "price")],
          }),
    }),
  },
  {
    contract: "policies",
    rows: `SELECT id, version, hash, closed FROM collections ORDER BY random() LIMIT $1`,
    message: "collection",
    arguments: ({ id }) => [{ u32: Number(id) }],
    pairs: (row, answer) => ({
      version: [Number(row.version), at(answer, "version")],
      hash: [row.hash, at(answer, "hash")],
      closed: [row.closed, at(answer, "closed")],
    }),
  },
  {
    contract: "voice",
    rows: `SELECT account, voice::text FROM members ORDER BY random() LIMIT $1`,
    message: "voice_of",
    arguments: ({ account }) => [{ account: String(account) }],
    pairs: (row, answer) => ({ voice: [row.voice, answer] }),
  },
  {
    contract: "voice",
    rows: `SELECT coalesce(sum(voice), 0)::text AS total FROM members HAVING $1::int > 0`,
    message: "total",
    arguments: () => [],
    pairs: (row, answer) => ({ total: [row.total, answer] }),
  },
  {
    contract: "governor",
    rows: `SELECT id, favour::text, against::text, abstain::text, closes::text, stage FROM proposals ORDER BY random() LIMIT $1`,
    message: "proposal",
    arguments: ({ id }) => [{ u32: Number(id) }],
    pairs: (row, answer) => {
      const stage = at(answer, "stage");
      return {
        favour: [row.favour, at(answer, "tally", "favour")],
        against: [row.against, at(answer, "tally", "against")],
        abstain: [row.abstain, at(answer, "tally", "abstain")],
        closes: [row.closes, at(answer, "timeline", "closes")],
        stage: [row.stage, typeof stage === "string" ? stage : Object.keys(stage ?? {})[0]],
      };
    },
  },
];

const deployedSchema = z.array(z.object({ name: z.string(), address: z.string(), code_hash: z.string() }));

/**
 * Compares rows chosen by chance with the contracts' own state at the indexed block.
 *
 * @param hash of the block whose state the tables show
 * @param count of rows for each kind
 */
export async function sampleState(
  client: Pick<pg.ClientBase, "query">,
  rpc: Rpc,
  abis: AbiLibrary,
  hash: string,
  count: number,
): Promise<SampleReport> {
  const reader = new ContractReader(rpc, hash);
  const report: SampleReport = { compared: 0, disagreements: [] };
  const deployed = deployedSchema.parse(
    (await client.query("SELECT name, address, code_hash FROM contracts")).rows,
  );
  for (const sample of SAMPLES) {
    const contract = deployed.find(({ name }) => name === sample.contract);
    const abi: ContractAbi | undefined = contract && abis.get(contract.code_hash);
    if (!contract || !abi) continue;
    const { rows } = await client.query<Row>(sample.rows, [count]);
    for (const row of rows) {
      const answer = await reader.ask(contract.address, abi, sample.message, ...sample.arguments(row));
      for (const [name, [indexed, chain]] of Object.entries(sample.pairs(row, answer))) {
        report.compared++;
        if (indexed !== chain) {
          const key = Object.values(row).slice(0, 2).join(" ");
          report.disagreements.push({
            what: `${sample.contract}.${sample.message} ${key}: ${name}`,
            indexed,
            chain,
          });
        }
      }
    }
  }
  return report;
}
