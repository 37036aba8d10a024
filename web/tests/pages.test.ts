import { expect, expectAccessible, expectNoOverflow, open, system, test, url } from "./fixtures.ts";
import { startFrontEnd } from "./running.ts";

test("the main job is read line by line from the order's page, with the block of each step", async ({
  page,
}) => {
  await page.goto(`${url}/#/orders/${system.settledOrder}`);
  const lines = page.getByRole("region", { name: "Lines of the order" }).locator("tbody tr");
  await expect(lines).toHaveCount(5);
  await expect(lines.filter({ hasText: "Paid" })).toHaveCount(5);
  for (const step of ["Created", "Qualified", "Settled"]) {
    const item = page.getByRole("listitem").filter({ has: page.getByText(step, { exact: true }) });
    await expect(item.first()).toContainText(/block \d+ · .*0x/);
  }
});

const PAGES = [
  "/",
  "/collections",
  "/collections/1",
  "/datasets",
  "/orders",
  `/orders/${system.settledOrder}`,
  "/orders/0x00",
  "/proposals",
  "/proposals/1",
  "/mine",
  "/nowhere",
];
// Both themes and both languages are looked at in states.test.ts, by answers that are at hand at once.
test("each page of the real system is accessible, fits 360 px and asks nobody else", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of PAGES) {
    await test.step(path, async () => {
      await open(page, `${url}/#${path}`);
      await expect(page.getByText("Reading from the indexer")).toHaveCount(0);
      await expectAccessible(page);
      await expectNoOverflow(page);
    });
  }
});

test("without an indexer the page says so and what to do", async ({ browser }) => {
  // Port 9 (discard) is where nobody listens: that request fails, and nothing else may.
  const alone = await startFrontEnd({ NODE_URL: "ws://127.0.0.1:9", INDEXER_URL: "http://127.0.0.1:9" });
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(`${alone.url}/#/orders`);
    await expect(page.getByText("does not answer")).toBeVisible();
    await expect(page.getByRole("button", { name: "Ask again" })).toBeVisible();
    await expectAccessible(page);
  } finally {
    await context.close();
    await alone.stop();
  }
});
