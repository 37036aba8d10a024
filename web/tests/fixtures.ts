import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { z } from "zod";
import { systemSchema } from "./running.ts";
import { TestWallet, type WalletAccount } from "./wallet.ts";

const { system, url } = z
  .object({ system: systemSchema, url: z.url() })
  .parse(JSON.parse(process.env["WEB_TEST"] ?? "{}"));

export { expect, system, url };

/** Errors of the page, refusals of its security policy included, and requests to anybody else. */
export function faultsOf(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.protocol !== "blob:" && asked.hostname !== "127.0.0.1")
      faults.push(`asked ${request.url()}`);
  });
  return faults;
}

/** Every test that uses a page holds that it had no fault: nothing refused by its policy, nobody else asked. */
export const test = base.extend<{
  faultless: undefined;
  walletOf: (...accounts: readonly WalletAccount[]) => Promise<TestWallet>;
}>({
  faultless: [
    async ({ page }, use) => {
      const faults = faultsOf(page);
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
  walletOf: async ({ page }, use) => {
    await use(async (...accounts) => {
      const wallet = new TestWallet(page, accounts);
      await wallet.inject();
      return wallet;
    });
  },
});

/** Opens a page anew: between two addresses of one document the old page would still be there for a moment. */
export async function open(page: Page, address: string) {
  await page.goto("about:blank");
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect
    .soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`))
    .toEqual([]);
}

export async function expectNoOverflow(page: Page) {
  const { width, room } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }));
  expect(width).toBeLessThanOrEqual(room);
}
