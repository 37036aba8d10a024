import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the @polkadot/api example of the README runs as it stands there", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([^`]*)```/.exec(readme)?.[1];
  const run = promisify(execFile)(
    process.execPath,
    ["--input-type=module-typescript", "--eval", example ?? ""],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  const { stdout } = await run;
  expect(stdout.trim().split("\n")).toEqual(["Ready", "InBlock", "Finalized"]);
});
