import { existsSync, readFileSync } from "node:fs";
import { type RunningSystem, startFrontEnd, startProcess, systemSchema } from "./running.ts";

/**
 * One system and one front end for all tests. WEB_TEST_SYSTEM names the output of a `test/web/system.ts` that runs
 * already, for those who write tests: it is used, and left running.
 */
export default async function globalSetup() {
  const running = process.env["WEB_TEST_SYSTEM"];
  let stopSystem = async () => {};
  let system: RunningSystem;
  if (running !== undefined && existsSync(running)) {
    system = systemSchema.parse(JSON.parse(readFileSync(running, "utf8")));
  } else {
    const started = await startProcess("../test/web/system.ts", {});
    stopSystem = started.stop;
    system = systemSchema.parse(JSON.parse(started.line));
  }
  const frontEnd = await startFrontEnd(system.environment);
  process.env["WEB_TEST"] = JSON.stringify({ system, url: frontEnd.url });
  return async () => {
    await frontEnd.stop();
    await stopSystem();
  };
}
