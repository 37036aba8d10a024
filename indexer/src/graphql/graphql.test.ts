import { readFileSync } from "node:fs";
import { getTableConfig } from "drizzle-orm/pg-core";
import { buildSchema, lexicographicSortSchema, printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { keyColumns } from "../database/reversal.ts";
import { type Populated, populated } from "../testing/populated.ts";
import { SeededRandom } from "../testing/random.ts";
import { randomQuery } from "../testing/random-query.ts";
import { sortedColumns } from "./entity.ts";
import { SCHEMA_FILE, schemaText } from "./print.ts";
import { schema } from "./schema.ts";

// FUZZ=5000 asks more random questions; SEED chooses which.
const { FUZZ = "300", SEED = "1" } = process.env;

test("schema.graphql is the schema (`node indexer/src/graphql/print.ts` writes it)", () => {
  // The file is formatted as every other; only what it says is compared.
  const written = printSchema(lexicographicSortSchema(buildSchema(readFileSync(SCHEMA_FILE, "utf8"))));
  expect(`${written}\n`).toBe(schemaText());
});

test("every column that a list is sorted by leads an index: no question makes the database sort a whole table", () => {
  expect(sortedColumns.length).toBeGreaterThan(20);
  for (const { table, column } of sortedColumns) {
    const { indexes, name } = getTableConfig(table);
    const leading = indexes.map(({ config }) => (config.columns[0] as { name?: string } | undefined)?.name);
    expect([keyColumns(table)[0], ...leading], name).toContain(column.name);
  }
});

const pageSchema = (field: string) =>
  z.object({
    [field]: z.object({
      nodes: z.array(z.object({ key: z.union([z.string(), z.number()]) })),
      pageInfo: z.object({
        hasNextPage: z.boolean(),
        hasPreviousPage: z.boolean(),
        startCursor: z.string().nullable(),
        endCursor: z.string().nullable(),
      }),
    }),
  });

describe("queries", () => {
  let indexer: Populated;
  beforeAll(async () => {
    indexer = await populated(11, 250);
  });
  afterAll(() => indexer.close());

  /** One page's keys and where it ends. */
  const pageOf = async (field: string, key: string, args: string) => {
    const answer = await indexer.ask(
      `{ ${field}(${args}) { nodes { key: ${key} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    );
    expect(answer.errors).toBeUndefined();
    const { nodes, pageInfo } = pageSchema(field).parse(answer.data)[field]!;
    return { keys: nodes.map((node) => node.key), ...pageInfo };
  };

  const keysOf = async (table: string, key: string) => {
    const { rows } = await indexer.database.database.pool.query<{ key: string }>(
      `SELECT ${key}::text AS key FROM ${table}`,
    );
    return rows.map((row) => row.key);
  };

  const lists: [field: string, table: string, key: string, by: string, direction: string][] = [
    ["orders", "orders", "id", "position", "Descending"],
    ["orders", "orders", "id", "total", "Ascending"],
    ["datasets", "datasets", "id", "price", "Descending"],
    ["auditLog", "contract_events", "position", "position", "Ascending"],
    ["proposals", "proposals", "id", "position", "Descending"],
  ];
  test.each(lists)(
    "paging through %s (%s) by %s, %s %s, meets each row of the beginning once while blocks are written",
    async (field, table, key, by, direction) => {
      const before = await keysOf(table, key);
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const place = after === undefined ? "" : `, after: "${after}"`;
        const page = await pageOf(
          field,
          key,
          `first: 7, orderBy: { by: ${by}, direction: ${direction} }${place}`,
        );
        seen.push(...page.keys.map(String));
        if (!page.hasNextPage || page.endCursor === null) break;
        after = page.endCursor;
        if (seen.length < 100) {
          indexer.chain.grow(1);
          await indexer.caughtUp();
        }
        if (seen.length > before.length + 1_000) throw new Error("the list has no end");
      }
      expect(new Set(seen).size).toBe(seen.length);
      // Rows whose sorting value was changed meanwhile may have moved; none of these columns ever changes.
      const moved = by === "price" ? new Set(await keysOf("datasets WHERE version > 1", key)) : new Set();
      expect(before.filter((each) => !seen.includes(each) && !moved.has(each))).toEqual([]);
    },
  );

  test("a page backwards from a cursor is the page before it", async () => {
    const first = await pageOf("orders", "id", "first: 5");
    const second = await pageOf("orders", "id", `first: 5, after: "${first.endCursor}"`);
    const back = await pageOf("orders", "id", `last: 5, before: "${second.startCursor}"`);
    expect(back.keys).toEqual(first.keys);
    expect(back.hasPreviousPage).toBe(false);
  });

  const chain = (depth: number): string =>
    depth === 0
      ? "id"
      : `order(id: "0x") { lines { ofOrder { ${"lines { ofOrder { ".repeat(depth)}id${" } }".repeat(depth)} } } }`;
  const refusals: [what: string, query: string, message: RegExp][] = [
    ["nested too deeply", `{ ${chain(8)} }`, /depth/i],
    [
      "too costly",
      "{ orders(first: 100) { nodes { lines { ofDataset { orderLines { ofOrder { state } } } } } } }",
      /complexity/i,
    ],
    [
      "too broad",
      `{ ${Array.from({ length: 400 }, (_, n) => `a${n}: indexed { genesis }`).join(" ")} }`,
      /breadth/i,
    ],
    ["too long", `{ ${"indexed { genesis } ".repeat(2_000)} }`, /token/i],
    ["asking for a page of a thousand", "{ orders(first: 1000) { nodes { id } } }", /100/],
    ["naming a cursor of another list", '{ orders(after: "WyJ4Il0") { nodes { id } } }', /cursor/],
    ["both first and last", "{ orders(first: 1, last: 1) { nodes { id } } }", /not both/],
  ];
  test.each(refusals)("a query that is %s is refused in words", async (_what, query, message) => {
    const { status, errors } = await indexer.ask(query);
    expect(status).toBeLessThan(500);
    expect(errors?.[0]?.message).toMatch(message);
  });

  test("an answer that is given up half way leaves no session behind", async () => {
    for (let round = 0; round < 5; round++) {
      const { errors } = await indexer.ask(
        "{ orders(first: 50) { nodes { lines { ofDataset { id } ofOrder { id } } } } pauses(first: -1) { nodes { from } } }",
      );
      expect(errors).toHaveLength(1);
    }
    expect((await indexer.ask("{ indexed { genesis } }")).data).toBeTruthy();
  });

  test("one answer is of one height while blocks are written", async () => {
    for (let round = 0; round < 10; round++) {
      indexer.chain.grow(2);
      const { data } = await indexer.ask(
        "{ indexed { head { height } } blocks(first: 1) { nodes { height } } }",
      );
      const answer = z
        .object({
          indexed: z.object({ head: z.object({ height: z.number() }) }),
          blocks: z.object({ nodes: z.tuple([z.object({ height: z.number() })]) }),
        })
        .parse(data);
      expect(answer.blocks.nodes[0].height).toBe(answer.indexed.head.height);
    }
    await indexer.caughtUp();
  });

  test("a subscription tells of each change as a server-sent event", async () => {
    const query = encodeURIComponent("subscription { indexed { head { height } } }");
    const response = await indexer.app.request(`/graphql?query=${query}`, {
      headers: { accept: "text/event-stream" },
    });
    expect(response.headers.get("content-type")).toMatch("text/event-stream");
    const reader = response.body!.getReader();
    const until = async (height: number) => {
      for (let text = ""; !text.includes(`"height":${height}`); ) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`it ended before ${height}: ${text}`);
        text += new TextDecoder().decode(value);
      }
    };
    await until(indexer.chain.best.height);
    indexer.chain.grow(1);
    await until(indexer.chain.best.height);
    await reader.cancel();
  });

  const guide = readFileSync(new URL("../../../docs/guide/queries.md", import.meta.url), "utf8");
  const examples = [...guide.matchAll(/### (.+)\n[^#]*?```graphql\n([\s\S]*?)```/g)].map(
    ([, title, query]) => [title!, query!] as const,
  );
  test("the guide has examples", () => expect(examples.length).toBeGreaterThan(5));
  test.each(examples)("the guide's example answers: %s", async (_title, query) => {
    if (query.startsWith("subscription")) {
      const response = await indexer.app.request(`/graphql?query=${encodeURIComponent(query)}`, {
        headers: { accept: "text/event-stream" },
      });
      const { value } = await response.body!.getReader().read();
      expect(new TextDecoder().decode(value)).not.toMatch("errors");
      await response.body?.cancel().catch(() => undefined);
      return;
    }
    const { status, errors, data } = await indexer.ask(query);
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data).not.toBeNull();
  });

  test(`${FUZZ} questions made at random from the schema (seed ${SEED}) never make it fail`, async () => {
    const random = new SeededRandom(Number(SEED));
    let answered = 0;
    for (let count = 0; count < Number(FUZZ); count++) {
      const { query, variables } = randomQuery(schema, random);
      const { status, errors, data } = await indexer.ask(query, variables);
      const codes = errors?.map(({ extensions }) => extensions?.code) ?? [];
      expect(status, query).toBeLessThan(500);
      expect(codes, JSON.stringify({ query, variables, errors })).not.toContain("INTERNAL_SERVER_ERROR");
      if (data) answered++;
    }
    // Most are refused for a wrong argument or their cost; some must get through for the test to mean anything.
    expect(answered).toBeGreaterThan(Number(FUZZ) / 20);
  });
});
