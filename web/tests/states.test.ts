import { expect, expectAccessible, expectNoOverflow, open, system, test } from "./fixtures.ts";
import { answering, EMPTY, FULL, ORDER } from "./indexer-answers.ts";
import { type FrontEnd, startFrontEnd } from "./running.ts";

const INDEXER = "http://127.0.0.1:9";
let reading: FrontEnd;
let acting: FrontEnd;
test.beforeAll(async () => {
  reading = await startFrontEnd({ NODE_URL: "ws://127.0.0.1:9", INDEXER_URL: INDEXER });
  acting = await startFrontEnd({ ...system.environment, INDEXER_URL: INDEXER });
});
test.afterAll(async () => {
  await reading.stop();
  await acting.stop();
});
/** Pages that only read are looked at without a chain, which would add what it says to them. */
const addressOf = (path: string) => `${(ACT.includes(path) ? acting : reading).url}/#${path}`;

const READ = [
  "/",
  "/collections",
  "/collections/1",
  "/datasets",
  "/orders",
  `/orders/${ORDER}`,
  "/proposals",
  "/proposals/3",
];
const ACT: readonly string[] = ["/order", "/voice", "/mine", "/mine/add"];
/** Both themes and both languages: neither changes what the other does. */
const LOOKS = [
  { colorScheme: "light", language: "en" },
  { colorScheme: "dark", language: "de" },
] as const;
const STATES = [
  { name: "full", answers: FULL, pages: [...READ, ...ACT], looks: LOOKS },
  { name: "empty", answers: EMPTY, pages: READ, looks: LOOKS },
  { name: "loading", answers: "silent", pages: ["/datasets", "/proposals/3"], looks: LOOKS },
  { name: "failing", answers: "broken", pages: ["/datasets", "/proposals/3"], looks: LOOKS },
] as const;

for (const { name, answers, pages, looks } of STATES)
  for (const { colorScheme, language } of looks)
    test(`pages that are ${name}, ${colorScheme}, ${language}: accessible and within 360 px`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.addInitScript((chosen) => {
        if (location.protocol !== "about:") localStorage.setItem("keystrand:language", chosen);
      }, language);
      await answering(page, INDEXER, answers);
      for (const path of pages)
        await test.step(path, async () => {
          await open(page, addressOf(path));
          await expect(page.locator("html")).toHaveAttribute("lang", language);
          const waiting = page.getByRole("status").filter({ hasText: /Reading from|Wird vom Indexer/ });
          if (name === "loading") await expect(waiting.first()).toBeVisible();
          else await expect(waiting).toHaveCount(0);
          if (name === "failing") await expect(page.getByRole("alert").first()).toBeVisible();
          await expectAccessible(page);
          await expectNoOverflow(page);
        });
    });

test("each page is walked by keyboard: everything that can be used is reached, in sight, and left again", async ({
  page,
}) => {
  await answering(page, INDEXER, FULL);
  for (const path of [...READ, ...ACT])
    await test.step(path, async () => {
      await open(page, addressOf(path));
      await expect(page.getByText("Reading from the indexer")).toHaveCount(0);
      const { wanted, presses } = await page.evaluate(() => {
        // One radio of a group takes the focus for all.
        const groups = new Set<string>();
        const elements = [
          ...document.querySelectorAll<HTMLElement>(
            "a[href], button, input, select, textarea, [tabindex='0']",
          ),
        ].filter((element) => {
          if (!element.checkVisibility() || element.matches(":disabled")) return false;
          if (!(element instanceof HTMLInputElement) || element.type !== "radio") return true;
          const first = !groups.has(element.name);
          groups.add(element.name);
          return first;
        });
        Object.assign(window, { reached: new Set(), hidden: [] as string[] });
        const state = window as unknown as { reached: Set<EventTarget>; hidden: string[] };
        document.addEventListener("focusin", ({ target }) => {
          if (!(target instanceof HTMLElement) || target.closest("main, header, footer") === null) return;
          state.reached.add(target);
          const style = getComputedStyle(target);
          if (style.outlineStyle === "none" || style.outlineWidth === "0px")
            state.hidden.push(target.outerHTML.slice(0, 120));
        });
        (document.activeElement as HTMLElement | null)?.blur();
        // The fields of a date take a stop each, and one for the calendar.
        const dates = elements.filter((element) => element.matches("[type=date]")).length;
        return { wanted: elements.length, presses: elements.length + 3 * dates };
      });
      for (let press = 0; press < presses; press++) await page.keyboard.press("Tab");
      const { reached, hidden } = await page.evaluate(() => {
        const { reached, hidden } = window as unknown as { reached: Set<EventTarget>; hidden: string[] };
        return { reached: reached.size, hidden };
      });
      expect(hidden).toEqual([]);
      expect(reached).toBeGreaterThanOrEqual(wanted);
    });
});

const WIDTHS = { 360: 740, 768: 1024, 1440: 900 } as const;
/** Share of pixels that may differ: what anti-aliasing moves. */
const TOLERANCE = 0.002;
const nameOf = (path: string) =>
  path
    .replace(`/${ORDER}`, "-one")
    .replace(/\/(\d)$/, "-one")
    .replace(/^\//, "")
    .replace("/", "-") || "home";

for (const [width, height] of Object.entries(WIDTHS))
  test(`each page looks as it did, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width: Number(width), height });
    await answering(page, INDEXER, FULL);
    for (const path of [...READ, ...ACT]) {
      await open(page, addressOf(path));
      await expect(page.getByText("Reading from the indexer")).toHaveCount(0);
      await page.evaluate(() => document.fonts.ready);
      await expect
        .soft(page)
        .toHaveScreenshot(`${nameOf(path)}-${width}.png`, { maxDiffPixelRatio: TOLERANCE });
    }
  });

test("a page that shifts by 8 px does not look as it did", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: WIDTHS[768] });
  await answering(page, INDEXER, FULL);
  await open(page, addressOf("/datasets"));
  await expect(page.getByRole("table")).toBeVisible();
  await page.evaluate(() => {
    document.body.style.paddingTop = "8px";
  });
  let difference = "none";
  try {
    await expect(page).toHaveScreenshot("datasets-768.png", { maxDiffPixelRatio: TOLERANCE, timeout: 5_000 });
  } catch (error) {
    difference = String(error);
  }
  expect(difference).toMatch(/pixels \(ratio/);
});
