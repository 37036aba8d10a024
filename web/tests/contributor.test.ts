import { expect, expectAccessible, expectNoOverflow, system, test, url } from "./fixtures.ts";

const [first, second] = system.contributors.map((secret, index) => ({ secret, name: `Sample ${index}` })) as [
  { secret: string; name: string },
  { secret: string; name: string },
];

test("a contributor sees what is shared, and withdraws in two clicks", async ({ page, walletOf }) => {
  const wallet = await walletOf(first);
  await page.goto(`${url}/#/mine`);
  await page.getByRole("main").getByRole("button", { name: "Connect a wallet: polkadot-js" }).click();
  const dataset = page.getByRole("article", { name: `Dataset ${system.datasets[0]!.slice(0, 8)}` });
  await expect(dataset).toContainText("Consent given");
  await expect(dataset).toContainText("HMB · DUO:0000006");
  await expect(dataset).toContainText("Nobody has ordered this dataset yet.");

  await dataset.getByRole("button", { name: "Withdraw consent" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("no order can include this dataset");
  await expect(dialog).toContainText("Fee");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Sign and withdraw" }).click();

  await expect(dialog).toContainText("Final: nobody can undo it.");
  await expect(dialog).toContainText(/block \d+ · .*0x[0-9a-f]{6}/);
  expect(wallet.asked).toHaveLength(1);
  await expect(dialog).toContainText("Everyone sees it now.");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dataset).toContainText("Withdrawn");
  await expect(dataset.getByRole("button", { name: "Withdraw consent" })).toHaveCount(0);
});

test("a refused signature sends nothing, and may be given after all", async ({ page, walletOf }) => {
  const wallet = await walletOf(second);
  wallet.signs = false;
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${url}/#/mine`);
  await page.getByRole("main").getByRole("button", { name: "Connect a wallet: polkadot-js" }).click();
  await page.getByRole("button", { name: "Withdraw consent" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Sign and withdraw" }).click();
  await expect(dialog.getByRole("alert")).toContainText("You refused the signature");
  await expect(dialog.getByRole("alert")).toContainText("Nothing was sent.");
  await expectNoOverflow(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Consent given")).toBeVisible();
});
