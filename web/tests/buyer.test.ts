import { readFileSync } from "node:fs";
import { accountFrom, connect } from "@keystrand/sdk/chain";
import { contractsOf } from "@keystrand/sdk/contracts";
import { deploymentSchema } from "@keystrand/sdk/deployment";
import { enclaveOrderSchema, requestJson } from "@keystrand/sdk/http";
import { attestOrder, createOrder, quoteOrder, requestsFor } from "@keystrand/sdk/orders";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectNoOverflow, system, test, url } from "./fixtures.ts";

const buyer = { secret: system.buyer, name: "Buyer" };
const PASSPHRASE = "a long enough phrase";

async function connectWallet(page: Page) {
  await page.getByRole("banner").getByRole("button", { name: "Connect a wallet" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /polkadot-js/ })
    .click();
  await expect(page.getByRole("combobox", { name: "Account that signs" })).toBeVisible();
}

test("a buyer goes from facets to the opened result, and a reload at any step goes on", async ({
  page,
  walletOf,
}, testInfo) => {
  const wallet = await walletOf(buyer);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${url}/#/order`);
  await connectWallet(page);

  await page.getByRole("combobox", { name: "Collection" }).selectOption(String(system.collection));
  await page
    .getByRole("combobox", { name: "Permission" })
    .selectOption({ label: "HMB: health or medical or biomedical research" });
  await page.getByRole("button", { name: /Take all/ }).click();
  await expect(page.getByText(/^\d+ chosen$/)).not.toHaveText("0 chosen");
  const chosen = (await page.getByText(/^\d+ chosen$/).textContent()) ?? "";
  await page.reload();
  await expect(page.getByText(chosen, { exact: true })).toBeVisible();

  const verdict = page.getByRole("region", { name: "Verdict" }).first();
  await page.getByRole("checkbox", { name: "The use is commercial" }).check();
  await page.getByRole("button", { name: "Ask for a verdict" }).click();
  await expect(verdict).toContainText("NPUNCU, DUO:0000018), by the collection's policy");
  await expect(verdict.getByRole("alert")).toContainText("Refused:");
  await page.getByRole("checkbox", { name: "The use is commercial" }).uncheck();
  await page.getByRole("button", { name: "Ask for a verdict" }).click();
  await expect(verdict.getByText("Approved")).toHaveCount(Number.parseInt(chosen, 10));
  await expect(page.getByRole("button", { name: "Pay into escrow" })).toBeDisabled();
  await expectAccessible(page);
  await expectNoOverflow(page);

  await page.getByLabel("Passphrase").fill(PASSPHRASE);
  await page.getByLabel("Once more").fill(PASSPHRASE);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Make and save the key" }).click();
  const keyFile = testInfo.outputPath("result-key.pem");
  await (await download).saveAs(keyFile);
  expect(readFileSync(keyFile, "utf8")).toContain("BEGIN CRYPT4GH PRIVATE KEY");
  await expect(page.getByRole("button", { name: "Pay into escrow" })).toBeEnabled();

  await page.reload();
  await page.getByRole("button", { name: "Pay into escrow" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Payment");
  await dialog.getByRole("button", { name: "Sign and send" }).click();
  await expect(page).toHaveURL(/#\/orders\/0x[0-9a-f]{64}$/);
  await expect(page.getByText("Funded", { exact: true }).first()).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Ask the enclave" }).click();
  await expect(page.getByText("SIMULATED platform")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Name this enclave" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign and send" }).click();
  await expect(page.getByText("Settled", { exact: true }).first()).toBeVisible({ timeout: 120_000 });
  for (const step of ["Created", "Qualified", "Released", "Delivered", "Settled"])
    await expect(page.getByRole("listitem").filter({ hasText: step }).first()).toContainText(/block \d+/);
  expect(wallet.asked).toHaveLength(2);

  const result = page.getByRole("region", { name: "Result", exact: true });
  await result.getByLabel("Key file").setInputFiles(keyFile);
  await result.getByLabel("Passphrase").fill("not the phrase");
  await result.getByRole("button", { name: "Open the result" }).click();
  await expect(result.getByRole("alert")).toContainText("passphrase");
  await result.getByLabel("Passphrase").fill(PASSPHRASE);
  await result.getByRole("button", { name: "Open the result" }).click();
  await expect(result).toContainText("##fileformat=VCF");
  await expectNoOverflow(page);

  // Who gave the data sees who has it now, what for, and what it earned.
  await wallet.show([{ secret: system.contributors[1]!, name: "Sample 1" }]);
  await page.getByRole("link", { name: "My data" }).click();
  const given = page.getByRole("article", { name: `Dataset ${system.datasets[1]!.slice(0, 8)}` });
  await expect(given).toContainText("has the key since");
  await expect(given).toContainText("The purpose is health, medical or biomedical research");
  await expect(given.getByText("Earned", { exact: true }).locator("..")).toContainText("0.8");
});

test("a delivered order is disputed with a bond", async ({ page, walletOf }) => {
  const { NODE_URL, ENCLAVE_URL, KEYSTRAND_DEPLOYMENT } = system.environment;
  const api = await connect(NODE_URL!);
  const enclave = system.processes["enclave"]!;
  try {
    const contracts = contractsOf(
      api,
      deploymentSchema.parse(JSON.parse(readFileSync(KEYSTRAND_DEPLOYMENT!, "utf8"))),
    );
    const account = await accountFrom(system.buyer);
    const [request] = await requestsFor(contracts, {
      collection: system.collection,
      datasets: system.datasets.slice(1),
      purpose: {
        kind: "Health",
        diseases: [],
        geneticStudy: true,
        nonProfit: true,
        commercialUse: false,
        region: "0x4348",
        months: 12,
        publishAt: null,
        project: system.project,
        populations: 0,
      },
      readerKey: `0x09${"00".repeat(31)}`,
    });
    const { total } = await quoteOrder(contracts, account.address, request!);
    const created = await createOrder(contracts, request!, total, account, { until: "finalized" });
    const order = created.returned;
    const attested = await requestJson(`${ENCLAVE_URL}/orders`, enclaveOrderSchema, { json: { order } });
    // An enclave that has its keys and says nothing: only the buyer, or time, ends such an order.
    process.kill(enclave, "SIGSTOP");
    await attestOrder(contracts, attested, account);

    await walletOf(buyer);
    await page.goto(`${url}/#/orders/${order}`);
    await connectWallet(page);
    await page.getByRole("checkbox", { name: /Line 2/ }).check({ timeout: 120_000 });
    await page.getByRole("button", { name: "Dispute these lines" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("bond");
    await dialog.getByRole("button", { name: "Sign and send" }).click();
    await expect(dialog).toContainText("Final: nobody can undo it.");
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(page.getByText("Disputed", { exact: true }).first()).toBeVisible();
  } finally {
    process.kill(enclave, "SIGCONT");
    await api.disconnect();
  }
});
