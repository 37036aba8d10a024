/**
 * The peer of the benchmark: @subsquid/substrate-processor with @subsquid/ink-abi reads the same chain over the
 * same RPC and stores its contract events, decoded, and their extrinsics in PostgreSQL. It keeps no other
 * tables: what the indexer makes of the events is work that the peer does not have.
 *
 * Its packages are in a folder that the benchmark made: `peer.mjs <folder> <node> <height> <database> <bundles> <contracts>`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, node, height, database, bundles, contracts] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));
const { SubstrateBatchProcessor } = load("@subsquid/substrate-processor");
const { Abi } = load("@subsquid/ink-abi");
const pg = load("pg");

/** By hex address. */
const abis = new Map(
  JSON.parse(contracts).map(([name, address]) => [
    address,
    new Abi(JSON.parse(readFileSync(join(bundles, `${name}.contract`), "utf8"))),
  ]),
);
const client = new pg.Client({ connectionString: database });
await client.connect();
await client.query(`
  CREATE TABLE contract_events (block_hash text, index int, height bigint, timestamp bigint, signer text,
    extrinsic_index int, address text, topics jsonb, data text, fields jsonb, PRIMARY KEY (block_hash, index));
  CREATE INDEX ON contract_events (height, index);
  CREATE INDEX ON contract_events (address, height);
  CREATE INDEX ON contract_events (signer, height);
  CREATE TABLE extrinsics (block_hash text, index int, height bigint, hash text, signer text, fee numeric, success boolean,
    PRIMARY KEY (block_hash, index));
  CREATE INDEX ON extrinsics (height);
  CREATE INDEX ON extrinsics (signer, height);
  CREATE INDEX ON extrinsics (hash);
  CREATE TABLE head (height bigint, hash text);
  INSERT INTO head VALUES (-1, '0x')`);

const processor = new SubstrateBatchProcessor()
  .setRpcEndpoint({ url: node, capacity: 20, maxBatchCallSize: 50 })
  .setBlockRange({ from: 0, to: Number(height) })
  .setFields({
    block: { timestamp: true },
    extrinsic: { hash: true, fee: true, success: true, signature: true },
    event: { args: true, topics: true },
  })
  .addContractsContractEmitted({ contractAddress: [...abis.keys()], extrinsic: true });

const insert = (table, rows) =>
  rows.length === 0
    ? undefined
    : client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
        JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? value.toString() : value)),
      ]);

let began;
function processorSeconds() {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

const store = {
  async connect() {
    began = process.cpuUsage();
    process.stdout.write("began\n");
    return { height: -1, hash: "0x" };
  },
  async transact({ nextHead }, work) {
    await client.query("BEGIN");
    await work(client);
    await client.query("UPDATE head SET height = $1, hash = $2", [nextHead.height, nextHead.hash]);
    await client.query("COMMIT");
    if (nextHead.height >= Number(height))
      process.stdout.write(`done ${events} ${process.memoryUsage.rss()} ${processorSeconds()}\n`);
  },
};
let events = 0;
processor.run(store, async ({ blocks }) => {
  const eventRows = [];
  const extrinsicRows = new Map();
  for (const { header, events: told } of blocks) {
    for (const { index, extrinsic, args } of told) {
      events++;
      const signer = extrinsic?.signature?.address?.value ?? null;
      eventRows.push({
        block_hash: header.hash,
        index,
        height: header.height,
        timestamp: header.timestamp,
        signer,
        extrinsic_index: extrinsic?.index ?? null,
        address: args.contract,
        topics: args.topics ?? [],
        data: args.data,
        fields: decoded(args, told, index),
      });
      if (extrinsic)
        extrinsicRows.set(extrinsic.id, {
          block_hash: header.hash,
          index: extrinsic.index,
          height: header.height,
          hash: extrinsic.hash,
          signer,
          fee: extrinsic.fee,
          success: extrinsic.success,
        });
    }
  }
  await insert("contract_events", eventRows);
  await insert("extrinsics", [...extrinsicRows.values()]);
});

function decoded({ contract, data }, told, index) {
  const { topics } = told.find((event) => event.index === index);
  return abis.get(contract).decodeEvent(data, topics);
}
