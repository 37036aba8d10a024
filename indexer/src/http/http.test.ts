import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Populated, populated } from "../testing/populated.ts";
import { SeededRandom } from "../testing/random.ts";

// FUZZ=5000 sends more random requests; SEED chooses which.
const { FUZZ = "200", SEED = "1" } = process.env;

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({
        parameters: z
          .array(
            z.object({
              name: z.string(),
              in: z.enum(["path", "query"]),
              schema: z.object({ enum: z.array(z.string()).optional() }),
            }),
          )
          .default([]),
      }),
    }),
  ),
});

describe("the HTTP side", () => {
  let indexer: Populated;
  beforeAll(async () => {
    indexer = await populated(12, 200);
  });
  afterAll(() => indexer.close());
  const get = (path: string) => indexer.app.request(path);

  test("is alive and ready, and says where the index is", async () => {
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok", service: "indexer" });
    expect(await (await get("/ready")).json()).toEqual({
      ready: true,
      parts: { node: null, database: null },
    });
    expect(await (await get("/status")).json()).toMatchObject({
      genesis: `0x${"11".repeat(32)}`,
      hash: indexer.chain.best.hash,
      height: indexer.chain.best.height,
      lagBlocks: 0,
    });
  });

  test("counts what it does in /metrics", async () => {
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toMatch(`keystrand_indexer_height{service="indexer"} ${indexer.chain.best.height}`);
    expect(metrics).toMatch(/keystrand_indexer_problems_total\{service="indexer"\} [1-9]/);
  });

  test("/status waits for a height that is still to come, and no longer than asked", async () => {
    const next = indexer.chain.best.height + 1;
    const waiting = get(`/status?atLeast=${next}`);
    indexer.chain.grow(1);
    expect(await (await waiting).json()).toMatchObject({ height: next });
    expect(await (await get(`/status?atLeast=${next + 1_000}&wait=1`)).json()).toMatchObject({
      height: next,
    });
  });

  test("an export has every row once, as CSV and as JSON, and can be cut by height", async () => {
    await indexer.caughtUp();
    const { rows } = await indexer.database.database.pool.query<{ n: number; first: number }>(
      "SELECT count(*)::int AS n, (count(*) FILTER (WHERE height <= 50))::int AS first FROM contract_events",
    );
    const json = z
      .array(z.looseObject({ position: z.number() }))
      .parse(await (await get("/export/audit-log")).json());
    expect(json).toHaveLength(rows[0]!.n);
    expect(new Set(json.map(({ position }) => position)).size).toBe(json.length);
    const csv = await (await get("/export/audit-log?format=csv&to=50")).text();
    // Fields with line breaks are quoted; none of these tables' first fields has one.
    expect(csv.trimEnd().split(/\r\n/)).toHaveLength(rows[0]!.first + 1);
    expect(csv.split("\r\n")[0]).toMatch(/^blockHash,index,height,position/);
  });

  test("what is not there, or not as it should be, is answered as a problem with a remedy", async () => {
    for (const [path, status] of [
      ["/nothing", 404],
      ["/export/secrets", 400],
      ["/export/orders?format=xml", 400],
      ["/status?atLeast=-1", 400],
      ["/status?wait=soon", 400],
    ] as const) {
      const response = await get(path);
      expect(response.status, path).toBe(status);
      expect(response.headers.get("content-type")).toMatch("application/problem+json");
      expect(await response.json()).toMatchObject({ remedy: expect.any(String) });
    }
    const long = await indexer.ask(`{ order(id: "${"a".repeat(200_000)}") { id } }`);
    expect(long.status).toBe(413);
  });

  test(`${FUZZ} requests made at random from /openapi.json (seed ${SEED}) never make it fail`, async () => {
    const random = new SeededRandom(Number(SEED));
    const { paths } = documentSchema.parse(await (await get("/openapi.json")).json());
    const hostile = [
      "",
      "-1",
      "1e9",
      "9".repeat(40),
      "0x",
      "\0",
      "\ud7ff",
      "../../etc/passwd",
      "%",
      "a".repeat(3_000),
      "NaN",
      "[]",
    ];
    for (let count = 0; count < Number(FUZZ); count++) {
      const [path, { get: operation }] = random.pick(Object.entries(paths));
      let address = path;
      const search = new URLSearchParams();
      for (const { name, in: place, schema } of operation.parameters) {
        const fitting = schema.enum ? random.pick(schema.enum) : String(random.below(300));
        // A wait that is granted would only take time.
        const value =
          name === "wait"
            ? random.pick(["0", "1", "-1", "x"])
            : random.chance(0.5)
              ? fitting
              : random.pick(hostile);
        if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(value));
        else if (name === "wait" || random.chance(0.6)) search.append(name, value);
      }
      const response = await get(`${address}?${search}`);
      await response.arrayBuffer();
      expect(response.status, `${address}?${search}`).toBeLessThan(500);
    }
  });
});
