/** Every command of the members' guide is run, in the guide's order, over the embedded chain. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { monthOf, monthText } from "@keystrand/sdk/governance";
import { expect, test } from "vitest";
import { DAY, daoOnChain } from "../contracts/dao.fixture.ts";
import { commandHome } from "./command.fixture.ts";

const GUIDE = join(import.meta.dirname, "../../docs/guide/member.md");

/** Words of a line as a shell splits them: quotes hold a text together. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

test("the commands of the members' guide do what it says", async () => {
  const dao = await daoOnChain();
  const server = await dao.serve();
  const home = commandHome(server.url, dao.contracts.deployment);
  try {
    // Accounts of the guide, such as member/1, under the secret of this test's people.
    home.write("secret", "//Dao");
    const named: Readonly<Record<string, string>> = {
      ISSUER: dao.arbitrator.address,
      DELEGATE: dao.members[0]!.address,
      ACCOUNT: dao.buyer.address,
      MONTH: monthText(monthOf(BigInt(await dao.now())) + 3),
    };
    const filled = (text: string) => text.replace(/\$([A-Z]+)/g, (_, name: string) => named[name]!);
    const files = /\.json$/;
    let commands = 0;
    for (const [, language, block] of readFileSync(GUIDE, "utf8").matchAll(/```(sh|json)\n([\s\S]*?)```/g)) {
      if (language === "json") home.write("intents.json", filled(block!));
      else
        for (const line of block!.trim().split("\n")) {
          const later = /^# (\d+) days later$/.exec(line);
          if (later) await dao.at((await dao.now()) + Number(later[1]) * DAY + 1_000);
          else {
            const [command, ...words] = wordsOf(filled(line));
            expect(command).toBe("keystrand");
            await home.succeed(...words.map((word) => (files.test(word) ? home.path(word) : word)));
            await dao.pass(1_000);
            commands += 1;
          }
        }
    }
    expect(commands).toBeGreaterThan(20);
    const { policies, identity } = dao.contracts;
    expect((await policies.query("policy", { collection: 1 }))?.terms.months).toBe(24);
    expect((await identity.query("issuer", { issuer: dao.arbitrator.address })).kinds).toBe(16);
    expect(await identity.query("suspended", { account: dao.buyer.address })).toBe(false);
  } finally {
    home.remove();
    await server.close();
    await dao.close();
  }
}, 600_000);
