import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountFrom, connect, faucet, submit } from "@keystrand/sdk/chain";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, system, test, url } from "./fixtures.ts";
import { startFrontEnd } from "./running.ts";
import { TestWallet } from "./wallet.ts";

const poor = { secret: system.contributors.at(-1)!, name: "Sample without money" };
const member = { secret: system.members[0]!, name: "Member" };

const connectButton = (page: Page) =>
  page.getByRole("main").getByRole("button", { name: /Connect a wallet|Try again/ });

test("without an extension the page says what to install, and reading goes on", async ({ page }) => {
  await page.goto(`${url}/#/mine`);
  await connectButton(page).click();
  await expect(page.getByText("There is no wallet in this browser")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Collections" }).click();
  await expect(page.getByRole("heading", { name: "Collections", exact: true })).toBeVisible();
});

test("a wallet that does not let the page in may do so later", async ({ page, walletOf }) => {
  const wallet = await walletOf(member);
  wallet.allows = false;
  await page.goto(`${url}/#/mine`);
  await connectButton(page).click();
  await expect(page.getByText("The wallet did not let this page in")).toBeVisible();
  await expectAccessible(page);
  wallet.allows = true;
  await connectButton(page).click();
  await expect(page.getByRole("combobox", { name: "Account that signs" })).toContainText("Member");
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Account that signs" })).toContainText("Member");
});

test("accounts come, go, and belong to this chain or to another", async ({ page, walletOf }) => {
  const wallet = await walletOf(member);
  await page.goto(`${url}/#/mine`);
  await connectButton(page).click();
  await expect(page.getByText("None of your accounts has registered a dataset")).toBeVisible();
  await wallet.show([member, poor]);
  await expect(page.getByText("Consent given")).toBeVisible();
  await wallet.show([{ ...poor, genesisHash: `0x${"ab".repeat(32)}` }]);
  await expect(page.getByText("The wallet shows no account for this chain")).toBeVisible();
  await expect(page.getByText("1 of your accounts are bound to another chain")).toBeVisible();
});

test("too little money is told in numbers, and the page notices when it is there", async ({
  page,
  walletOf,
}) => {
  const api = await connect(system.environment["NODE_URL"]!);
  try {
    const pair = await accountFrom(poor.secret);
    const somebody = (await accountFrom(system.buyer)).address;
    await submit(api, api.tx["balances"]!["transferAll"]!(somebody, true), pair);
    const wallet = await walletOf(poor);
    await page.goto(`${url}/#/mine`);
    await connectButton(page).click();
    await page.getByRole("button", { name: "Withdraw consent" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("alert")).toContainText("This account has too little");
    await expect(dialog.getByRole("alert")).toContainText(/can spend 0 UNIT: 0\.\d+ UNIT are missing/);
    await expect(dialog.getByRole("alert")).toContainText(`faucet ${pair.address}`);
    await expectAccessible(page);

    await faucet(api, [pair.address], 10n ** 12n);
    await expect(dialog.getByRole("button", { name: "Sign and withdraw" })).toBeVisible();
    await expect(dialog).toContainText("Your wallet does not know this chain yet");
    await dialog.getByRole("button", { name: "Give the wallet this chain's description" }).click();
    await expect(dialog).not.toContainText("Your wallet does not know this chain yet");
    expect(wallet.metadata[0]).toMatchObject({
      genesisHash: system.genesis,
      tokenDecimals: 12,
      ss58Format: 42,
    });
  } finally {
    await api.disconnect();
  }
});

test.describe("where the page cannot act", () => {
  /** A page of its own: what fails here is meant to. */
  async function openMine(page: Page, address: string) {
    const wallet = new TestWallet(page, [poor]);
    await wallet.inject();
    await page.goto(`${address}/#/mine`);
    await connectButton(page).click();
    await page.getByRole("button", { name: "Withdraw consent" }).click();
  }

  test("a node that is gone is told, with what to do", async ({ browser }) => {
    const alone = await startFrontEnd({ ...system.environment, NODE_URL: "ws://127.0.0.1:9" });
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await openMine(page, alone.url);
      await expect(page.getByRole("dialog").getByRole("alert")).toContainText(
        "The chain's node does not answer",
      );
      await expectAccessible(page);
    } finally {
      await context.close();
      await alone.stop();
    }
  });

  test("a node of another chain is never signed for", async ({ browser }) => {
    const folder = mkdtempSync(join(tmpdir(), "keystrand-other-chain-"));
    const record = join(folder, "deployment.json");
    const deployment: object = JSON.parse(readFileSync(system.environment["KEYSTRAND_DEPLOYMENT"]!, "utf8"));
    writeFileSync(record, JSON.stringify({ ...deployment, genesis: `0x${"cd".repeat(32)}` }));
    const other = await startFrontEnd({ ...system.environment, KEYSTRAND_DEPLOYMENT: record });
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await openMine(page, other.url);
      await expect(page.getByRole("dialog").getByRole("alert")).toContainText("The node runs another chain");
      await expect(page.getByText("This indexer follows another chain")).toBeVisible();
    } finally {
      await context.close();
      await other.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
