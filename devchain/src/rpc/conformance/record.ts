/**
 * Records how a node answers: `node record.ts ws://HOST:PORT FILE`. The node must be fresh (`--dev`, block 0).
 * The recording is what conformance.test.ts holds this package against.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { recordTape } from "./recorder.ts";

const [url, file] = process.argv.slice(2);
if (!url || !file) throw new Error("usage: node record.ts ws://HOST:PORT FILE");
const tape = await recordTape(url);
writeFileSync(file, gzipSync(JSON.stringify(tape), { level: 9 }));
console.log(
  `${tape.entries.length} entries, ${Object.keys(tape.notifications).length} subscriptions -> ${file}`,
);
