import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { accountFrom, connect, faucet } from "@keystrand/sdk/chain";
import { readRecoveryFile } from "@keystrand/sdk/recovery";
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
  await expect(dataset.getByRole("heading", { name: "Who has it" })).toBeVisible();

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

/** One person of the real VCF, as their sequencing service would hand it over. */
function oneSample(): string {
  const text = gunzipSync(
    readFileSync(join(import.meta.dirname, "../../test/fixtures/1000g-chr2-629.vcf.gz")),
  ).toString();
  return text
    .split("\n")
    .map((line) => (line.startsWith("##") || line === "" ? line : line.split("\t").slice(0, 10).join("\t")))
    .join("\n");
}

test("a contributor adds data: encrypted here, recovered by their file, registered after a reload", async ({
  page,
  walletOf,
}, testInfo) => {
  const secret = `${system.stranger}//contributor`;
  const api = await connect(system.environment["NODE_URL"]!);
  const { address } = await accountFrom(secret);
  await faucet(api, [address], 5n * 10n ** 12n).finally(() => api.disconnect());
  const clear = oneSample();
  const [sample] = clear.match(/^#CHROM.*\t(\S+)$/m)?.slice(1) ?? [];
  const vcf = testInfo.outputPath("my-genome.vcf");
  writeFileSync(vcf, clear);

  const sent: string[] = [];
  page.on("request", (request) =>
    sent.push(`${request.url()}\n${request.postDataBuffer()?.toString("latin1") ?? ""}`),
  );
  await walletOf({ secret, name: "Me" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${url}/#/mine/add`);
  await page.getByRole("main").getByRole("button", { name: "Connect a wallet: polkadot-js" }).click();
  await page.getByLabel("A VCF of one person").setInputFiles(vcf);
  await page.getByRole("radio", { name: /GRU/ }).check();
  await page.getByRole("checkbox", { name: /NPUNCU/ }).uncheck();
  await page.getByRole("checkbox", { name: /NCU · DUO:0000046/ }).check();
  await page.getByLabel("Price of a use, UNIT").fill("2");
  await page.getByLabel("Passphrase").fill("a long enough phrase");
  await page.getByLabel("Once more").fill("a long enough phrase");
  await expectAccessible(page);
  await expectNoOverflow(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Encrypt, store, save the recovery file" }).click();
  const recovery = testInfo.outputPath("recovery.json");
  await (await download).saveAs(recovery);
  const [entry] = await readRecoveryFile(readFileSync(recovery, "utf8"), "a long enough phrase");
  await expect(page.getByText("The custodian confirmed the key.")).toBeVisible();

  const bodies = sent.join("\n");
  const [variant] = clear.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  for (const secretText of [sample!, variant!.slice(0, 30), "my-genome", entry!.dataKey.slice(2)])
    expect(bodies).not.toContain(secretText);
  expect(bodies).toContain("crypt4gh");

  await page.reload();
  await page.getByRole("button", { name: "Give consent and register" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Sign and send" }).click();
  await expect(dialog).toContainText("Everyone sees it now.");
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("main").getByRole("link", { name: "My data" }).click();
  const dataset = page.getByRole("article", { name: `Dataset ${entry!.dataset.slice(0, 8)}` });
  await expect(dataset).toContainText("GRU · DUO:0000042");
  await expect(dataset).toContainText("NCU · DUO:0000046");
});

test("a file of several people is not taken", async ({ page, walletOf }) => {
  await walletOf({ secret: system.stranger, name: "Me" });
  await page.goto(`${url}/#/mine/add`);
  await page.getByRole("main").getByRole("button", { name: "Connect a wallet: polkadot-js" }).click();
  await page
    .getByLabel("A VCF of one person")
    .setInputFiles(join(import.meta.dirname, "../../test/fixtures/1000g-chr2-629.vcf.gz"));
  await page.getByLabel("Passphrase").fill("a long enough phrase");
  await page.getByLabel("Once more").fill("a long enough phrase");
  await page.getByRole("button", { name: "Encrypt, store, save the recovery file" }).click();
  await expect(page.getByRole("alert")).toContainText("does not hold exactly one person");
});
