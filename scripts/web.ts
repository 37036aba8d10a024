/** `npm run web`: the front end alone, over the system that `npm start` runs from the same home folder, or ran. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Endpoints } from "./system/system.ts";
import { webEnvironment } from "./system/web.ts";

const ROOT = join(import.meta.dirname, "..");
const HELP = `npm run web [-- --port N]

Builds the front end if there is no build yet, and serves it over the system of the home folder (.keystrand, or
KEYSTRAND_HOME). Without --port it takes a free one.`;

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, help: { type: "boolean", default: false } },
});

function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const folder = resolve(process.env["KEYSTRAND_HOME"] ?? join(ROOT, ".keystrand"));
const path = (...parts: string[]) => join(folder, ...parts);
const endpoints = path("endpoints.json");
if (!existsSync(endpoints))
  refuse(
    `There is no ${endpoints}: start a system with npm start, or name its home folder in KEYSTRAND_HOME.`,
  );
if (!existsSync(join(ROOT, "web/build/index.html"))) {
  const built = spawnSync("npm", ["run", "build", "--workspace", "@keystrand/web"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (built.status !== 0) refuse("The front end could not be built; the reason stands above.");
}
// Written whole by the system itself.
const running: Endpoints = JSON.parse(readFileSync(endpoints, "utf8"));
const server = spawn(process.execPath, [join(ROOT, "web/serve.ts")], {
  stdio: "inherit",
  env: {
    ...process.env,
    ...webEnvironment({ path }, running),
    FOLDER: path("web-alone"),
    PORT: values.port,
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => server.kill(signal));
server.once("exit", (code) => process.exit(code ?? 0));
