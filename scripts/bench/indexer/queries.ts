/** How long the front end's questions take when there are very many orders. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { systemClock } from "../../../indexer/src/clock.ts";
import { indexerApp } from "../../../indexer/src/http/app.ts";
import { Progress } from "../../../indexer/src/indexing/progress.ts";
import { testDatabase } from "../../../indexer/src/testing/database.ts";
import { median, percentile, table } from "../table.ts";

const ACCOUNTS = 1_000;
/** 48 characters as an SS58 address has. */
const account = (expression: string) => `rpad('5F' || md5((${expression})::text), 48, 'x')`;
const hash = (kind: string, expression: string) =>
  `'0x' || encode(sha256(convert_to('${kind}' || (${expression})::text, 'UTF8')), 'hex')`;

/** Rows in the amounts that a market has: three lines, seven events and four credits for each order. */
const fill = (orders: number): string[] => [
  `INSERT INTO blocks SELECT n, ${hash("block", "n")}, ${hash("block", "n - 1")}, 1700000000000 + n * 6000 FROM generate_series(1, ${Math.ceil(orders / 10)}) n`,
  `INSERT INTO datasets SELECT row.* FROM generate_series(1, ${Math.ceil(orders / 10)}) n, jsonb_populate_record(NULL::datasets, jsonb_build_object(
    'id', ${hash("dataset", "n")}, 'collection', 1 + n % 20, 'contributor', ${account(`n % ${ACCOUNTS}`)}, 'custodian', ${account("n % 5")},
    'payee', ${account(`n % ${ACCOUNTS}`)}, 'state', CASE WHEN n % 9 = 0 THEN 'Withdrawn' ELSE 'Given' END, 'version', 1, 'price', 1000 + n,
    'size', n, 'terms', '{"permission": "GeneralResearch"}'::jsonb, 'root_version', 1, 'registered_at', n, 'changed_at', n, 'position', n::bigint * 1000000)) row`,
  `INSERT INTO orders SELECT row.* FROM generate_series(1, ${orders}) n, jsonb_populate_record(NULL::orders, jsonb_build_object(
    'id', ${hash("order", "n")}, 'buyer', ${account(`n % ${ACCOUNTS}`)}, 'collection', 1 + n % 20, 'custodian', ${account("n % 5")},
    'state', (ARRAY['Settled', 'Settled', 'Settled', 'Refunded', 'Funded', 'Qualified', 'Delivered'])[1 + n % 7], 'policy_version', 1,
    'job', ${hash("job", "n / 4")}, 'reader_key', '0x00', 'purpose', '{"kind": "Health"}'::jsonb, 'total', (n * 7919) % 100000, 'line_count', 3,
    'deadline', 1700000000000 + n, 'created_at', n / 10, 'changed_at', n / 10, 'forgotten', false, 'position', (n / 10)::bigint * 1000000 + n % 10)) row`,
  `INSERT INTO order_lines SELECT row.* FROM generate_series(1, ${orders}) n, generate_series(0, 2) line, jsonb_populate_record(NULL::order_lines, jsonb_build_object(
    'order', ${hash("order", "n")}, 'line', line, 'dataset', ${hash("dataset", `1 + (n * 3 + line) % ${Math.ceil(orders / 10)}`)}, 'consent_version', 1,
    'price', 1000, 'payee', ${account(`n % ${ACCOUNTS}`)}, 'state', 'Paid', 'ending', 'Used', 'bad', false, 'credit_payee', 900,
    'credit_custodian', 50, 'credit_treasury', 50, 'credit_buyer', 0, 'credit_contributor', 0)) row`,
  `INSERT INTO credits SELECT ${hash("order", "n")}, ${account("n + part * 31")}, 900, 0, (n / 10)::bigint * 1000000
    FROM generate_series(1, ${orders}) n, generate_series(0, 3) part`,
  `INSERT INTO contract_events SELECT row.* FROM generate_series(1, ${orders}) n, generate_series(0, 6) part, jsonb_populate_record(NULL::contract_events, jsonb_build_object(
    'block_hash', ${hash("block", "1 + n / 10")}, 'index', (n % 10) * 10 + part, 'height', n / 10, 'position', (n / 10)::bigint * 1000000 + (n % 10) * 10 + part,
    'timestamp', 1700000000000, 'signer', ${account(`n % ${ACCOUNTS}`)}, 'extrinsic_index', 1, 'address', ${account("1")}, 'contract', 'escrow',
    'code_hash', '0x00', 'topics', '[]'::jsonb, 'data', '0x00', 'name', 'Created', 'fields', '{}'::jsonb, 'subject', ${hash("order", "n")})) row`,
];

/** The front end's questions, word for word what its pages ask. `ID`, `ACCOUNT` and `CURSOR` differ each time. */
const QUESTIONS: readonly [name: string, query: string][] = [
  [
    "newest orders",
    "{ orders(first: 100, orderBy: { by: position, direction: Descending }) { nodes { id collection buyer state ending total lineCount createdAt changedAt deadline } pageInfo { hasNextPage } } }",
  ],
  [
    "one order in full",
    '{ order(id: "ID") { id state custodian policyVersion purpose reason output lines { line dataset state price creditPayee } timeline { name fields signer timestamp } attestations { evidence } } }',
  ],
  [
    "orders of a buyer",
    '{ orders(first: 50, where: { buyer: { eq: "ACCOUNT" } }) { nodes { id state total lines { line state } } } }',
  ],
  [
    "waiting orders of a collection",
    "{ orders(first: 50, where: { collection: { eq: 7 }, state: { in: [Funded, Qualified] } }) { nodes { id state total } } }",
  ],
  [
    "a page deep in the list",
    '{ orders(first: 50, after: "CURSOR") { nodes { id state } pageInfo { endCursor } } }',
  ],
  [
    "largest orders",
    "{ orders(first: 50, orderBy: { by: total, direction: Descending }) { nodes { id total } } }",
  ],
  [
    "datasets of a collection",
    "{ datasets(first: 100, where: { collection: { eq: 3 }, state: { eq: Given } }) { nodes { id contributor terms price } } }",
  ],
  [
    "an account's datasets and their uses",
    '{ datasets(first: 20, where: { contributor: { eq: "ACCOUNT" } }) { nodes { id state orderLines { order line state creditPayee ofOrder { buyer purpose createdAt } } } } }',
  ],
  ["what an account may withdraw", '{ earnings(account: "ACCOUNT") { credited withdrawn available } }'],
  ["newest events", "{ auditLog(first: 100) { nodes { position contract name fields } } }"],
];
const ROUNDS = 100;

export async function measureQueries(orders: number, explain: boolean): Promise<void> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), "keystrand-bench-queries-"));
  try {
    const { pool } = database.database;
    for (const statement of fill(orders)) await pool.query(statement);
    await pool.query("ANALYZE");
    const app = indexerApp({
      pool,
      progress: new Progress(systemClock),
      log: pino({ level: "silent" }),
      readyLag: 1,
      folder,
    });
    const { rows: ids } = await pool.query<{ id: string; buyer: string; position: string }>(
      `SELECT id, buyer, position FROM orders ORDER BY md5(id) LIMIT ${ROUNDS}`,
    );
    const results: [string, number[]][] = [];
    for (const [name, template] of QUESTIONS) {
      const times: number[] = [];
      for (const { id, buyer, position } of ids) {
        const cursor = Buffer.from(JSON.stringify([position, id])).toString("base64url");
        const query = template.replace("ID", id).replace("ACCOUNT", buyer).replace("CURSOR", cursor);
        const began = performance.now();
        const response = await app.request("/graphql", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query }),
        });
        const answer = await response.text();
        times.push(performance.now() - began);
        if (answer.includes('"errors"')) throw new Error(`${name}: ${answer.slice(0, 500)}`);
      }
      results.push([name, times]);
    }
    console.log(
      `Questions with ${orders.toLocaleString("en-US")} orders, ${(3 * orders).toLocaleString("en-US")} lines, ${(7 * orders).toLocaleString("en-US")} events in PGlite, ms\n${table(
        ["question", "p50", "p95"],
        results.map(([name, times]) => [name, median(times), percentile(times, 0.95)]),
      )}\n`,
    );
    if (explain) await explainQueries(pool, ids[0]!);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function explainQueries(
  pool: { query(text: string): Promise<{ rows: Record<string, string>[] }> },
  { id, buyer, position }: { id: string; buyer: string; position: string },
): Promise<void> {
  const statements: [string, string][] = [
    ["newest orders", "SELECT * FROM orders ORDER BY position DESC, id DESC LIMIT 101"],
    [
      "orders of a buyer",
      `SELECT * FROM orders WHERE buyer = '${buyer}' ORDER BY position DESC, id DESC LIMIT 51`,
    ],
    [
      "a page deep in the list",
      `SELECT * FROM orders WHERE (position, id) < (${position}, '${id}') ORDER BY position DESC, id DESC LIMIT 51`,
    ],
    ["timeline", `SELECT * FROM contract_events WHERE subject = '${id}' ORDER BY position LIMIT 101`],
    ["lines", `SELECT * FROM order_lines WHERE "order" = '${id}' ORDER BY line`],
    ["earnings", `SELECT sum(credited), sum(withdrawn) FROM credits WHERE account = '${buyer}'`],
  ];
  for (const [name, statement] of statements) {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${statement}`);
    console.log(`${name}\n${rows.map((row) => `  ${row["QUERY PLAN"]}`).join("\n")}`);
  }
}
