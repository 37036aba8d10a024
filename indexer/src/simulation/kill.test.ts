import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../database/open.ts";
import { DEFAULT_ARTIFACTS } from "../files.ts";
import { databaseKinds, inTransaction, temporaryPlace, testDatabase } from "../testing/database.ts";
import { FakeChain, replacedVoiceFile } from "../testing/fake-chain.ts";
import { SeededRandom } from "../testing/random.ts";
import { serveChain } from "../testing/rpc-server.ts";
import { deviations } from "../verify/tables.ts";
import { indexCalmly } from "./simulate.ts";
import { dumpTables, firstDifference } from "./tables.ts";

// KILLS=50 kills more often; SEED chooses where.
const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.SEED ?? 1);
const MORTAL = join(import.meta.dirname, "mortal.ts");

let artifacts: string;
beforeAll(() => {
  artifacts = mkdtempSync(join(tmpdir(), "keystrand-replaced-code-"));
  writeFileSync(join(artifacts, "voice.contract"), JSON.stringify(replacedVoiceFile()));
});
afterAll(() => rmSync(artifacts, { recursive: true, force: true }));

describe.each(Object.values(databaseKinds))("$name", ({ kind, missing }) => {
  test.skipIf(missing !== undefined)(
    `killed by SIGKILL ${kills} times at any statement, the process ends with the tables of one never killed`,
    async () => {
      const random = new SeededRandom(seed);
      const chain = new FakeChain(random, { broken: 0.02, foreign: 0.05, stray: 0.02, replace: 0.02 });
      chain.grow(40);
      chain.finalize(6);
      const server = await serveChain(chain);
      const { place, remove } = await temporaryPlace(kind);
      const live = async (deathAt: number | null) => {
        const given = {
          place,
          node: server.url,
          artifacts: [DEFAULT_ARTIFACTS, artifacts],
          deathAt,
          after: random.chance(0.5),
        };
        const child = spawn(process.execPath, [MORTAL, JSON.stringify(given)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const ended = once(child, "exit");
        for await (const line of createInterface({ input: child.stdout })) {
          const { head, finalized } = JSON.parse(line) as {
            head: { hash: string };
            finalized: { hash: string };
          };
          if (head.hash !== chain.best.hash || finalized.hash !== chain.finalized.hash) continue;
          if (deathAt === null) child.kill("SIGKILL");
          // Caught up before its statement: the chain gives it more to do.
          else happen(chain, random);
        }
        const [, signal] = await ended;
        expect(signal).toBe("SIGKILL");
      };
      try {
        for (let count = 0; count < kills; count++) {
          await live(random.between(1, 120));
          happen(chain, random);
        }
        await live(null);
        const database = await openDatabase(place);
        const found = await dumpTables(database.pool);
        expect(await inTransaction(database.pool, deviations)).toEqual([]);
        await database.close();
        const fresh = await testDatabase();
        await indexCalmly(chain, fresh.database.pool);
        expect(firstDifference(found, await dumpTables(fresh.database.pool))).toBeUndefined();
        await fresh.close();
      } finally {
        await server.close();
        await remove();
      }
    },
  );
});

function happen(chain: FakeChain, random: SeededRandom): void {
  chain.grow(random.between(2, 6));
  if (random.chance(0.5)) chain.reorganise(random.between(1, 4));
  chain.finalize(random.below(6));
}
