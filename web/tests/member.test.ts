import { readFileSync } from "node:fs";
import { toHex, utf8 } from "@keystrand/sdk/bytes";
import { accountFrom, connect } from "@keystrand/sdk/chain";
import { contractsOf } from "@keystrand/sdk/contracts";
import { deploymentSchema } from "@keystrand/sdk/deployment";
import { propose } from "@keystrand/sdk/governance";
import { requestJson } from "@keystrand/sdk/http";
import type { Page } from "@playwright/test";
import { z } from "zod";
import { expect, expectAccessible, expectNoOverflow, system, test, url } from "./fixtures.ts";

const [first, second, third] = system.members.map((secret, index) => ({
  secret,
  name: `Member ${index + 1}`,
})) as [{ secret: string; name: string }, { secret: string; name: string }, { secret: string; name: string }];
const node = system.environment["NODE_URL"]!;
/** NPUNCU: what the collection's policy and every consent ask. */
const NON_PROFIT_NON_COMMERCIAL = 1 << 3;

/** Holds the embedded chain's clock, so that a slow machine cannot miss the close of a vote; null lets it go. */
const setTime = (params: readonly unknown[]) =>
  requestJson(node.replace(/^ws/, "http"), z.object({ result: z.unknown() }), {
    json: { jsonrpc: "2.0", id: 1, method: "dev_setTime", params },
  });

async function connectWallet(page: Page) {
  await page.getByRole("banner").getByRole("button", { name: "Connect a wallet" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /polkadot-js/ })
    .click();
}

async function signAndClose(page: Page) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Sign and send" }).click();
  await expect(dialog).toContainText("Everyone sees it now.");
  await dialog.getByRole("button", { name: "Close" }).click();
}

test.describe
  .serial("a widening of the policy", () => {
    let proposal = 0;
    test.afterAll(() => setTime([null]));

    test("a member gives half their voice away under a mandate", async ({ page, walletOf }) => {
      await walletOf(third);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${url}/#/voice`);
      await connectWallet(page);
      const give = page.getByRole("region", { name: "Give voice to someone" });
      await give.getByLabel("Their address").fill((await accountFrom(second.secret)).address);
      await give.getByLabel("Share, %").fill("50");
      await give.getByRole("checkbox", { name: /Never for a widening/ }).uncheck();
      await give.getByRole("button", { name: "Give voice" }).click();
      await expect(page.getByRole("dialog")).toContainText("speaks for 50 % of your voice until 20");
      await expectAccessible(page);
      await signAndClose(page);
      await expect(page.getByRole("listitem").filter({ hasText: "50 %" })).toContainText("until 20");
      await expectAccessible(page);
      await expectNoOverflow(page);
    });

    test("a member reads what would newly be allowed, and votes with own and given voice", async ({
      page,
      walletOf,
    }) => {
      const api = await connect(node);
      try {
        const contracts = contractsOf(
          api,
          deploymentSchema.parse(
            JSON.parse(readFileSync(system.environment["KEYSTRAND_DEPLOYMENT"]!, "utf8")),
          ),
        );
        const now = z.custom<{ toNumber(): number }>().parse(await api.query["timestamp"]!["now"]!());
        await setTime([now.toNumber(), true]);
        const policy = await contracts.policies.query("policy", { collection: system.collection });
        const wider = {
          ...policy!,
          terms: { ...policy!.terms, modifiers: policy!.terms.modifiers & ~NON_PROFIT_NON_COMMERCIAL },
        };
        const proposed = await propose(
          contracts,
          "Widen",
          [
            {
              type: "Policy",
              value: { type: "Set", value: { collection: system.collection, policy: wider } },
            },
          ],
          toHex(utf8("Admit commercial use")),
          await accountFrom(first.secret),
        );
        proposal = proposed.returned;
      } finally {
        await api.disconnect();
      }
      const wallet = await walletOf(second);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${url}/#/proposals/${proposal}`);
      const effect = page.getByRole("region", { name: "What would newly be allowed" });
      await expect(effect).toContainText(/Would newly allow .*commercial.*, for \d+ datasets/);
      await expect(effect).toContainText(/(\d+) of \1 consents refuse it all the same/);
      await expect(effect).toContainText("NPUNCU · DUO:0000018");
      await expectAccessible(page);
      await expectNoOverflow(page);

      await connectWallet(page);
      const vote = page.getByRole("region", { name: "Your vote" });
      await expect(vote.getByText("Your own voice", { exact: true }).locator("..")).toContainText("100");
      await expect(vote.getByText("Voice that others gave you").first().locator("..")).toContainText("50");
      await vote
        .getByRole("group", { name: "With your own voice" })
        .getByRole("radio", { name: "for", exact: true })
        .check();
      await vote
        .getByRole("group", { name: "With the voice that others gave you" })
        .getByRole("radio", { name: "for", exact: true })
        .check();
      await vote.getByLabel("Your words, for everyone to read").fill("More research, same consents");
      await vote.getByRole("button", { name: "Vote", exact: true }).click();
      await signAndClose(page);
      await expect(vote).toContainText("You have voted.");
      await expect(page.getByRole("region", { name: "Ballots" })).toContainText(
        "More research, same consents",
      );
      await expect(
        page.getByRole("img", { name: "Support, of all voice over time: 50 % reached, 20 % needed now" }),
      ).toBeVisible();
      expect(wallet.asked).toHaveLength(1);
      await expectAccessible(page);
      await expectNoOverflow(page);
    });

    test("who gave voice away sees what was done with it, and overrides it", async ({ page, walletOf }) => {
      await walletOf(third);
      await page.goto(`${url}/#/proposals/${proposal}`);
      await connectWallet(page);
      const vote = page.getByRole("region", { name: "Your vote" });
      await expect(vote).toContainText("speaks for 50 of your voice and voted: 100 % for.");
      await vote.getByRole("radio", { name: "split" }).check();
      await vote.getByLabel("for %").fill("30");
      await vote.getByLabel("against %").fill("60");
      await expect(vote.getByRole("alert")).toContainText("100 %");
      await vote.getByLabel("abstain %").fill("10");
      await vote.getByRole("button", { name: "Vote", exact: true }).click();
      await signAndClose(page);
      // 100 own voice of the second member and 30 of the third; the 50 that were given away came back.
      await expect(page.getByRole("img", { name: /^Support/ })).toHaveAttribute(
        "aria-label",
        /43\.3 % reached/,
      );
    });

    test("an account without voice is told so, and cannot vote", async ({ page, walletOf }) => {
      await walletOf({ secret: system.contributors[1]!, name: "Sample 1" });
      await page.goto(`${url}/#/proposals/${proposal}`);
      await connectWallet(page);
      const vote = page.getByRole("region", { name: "Your vote" });
      await expect(vote).toContainText("This account had no voice when the proposal was made.");
      await expect(vote.getByRole("button", { name: "Vote", exact: true })).toHaveCount(0);
    });
  });
