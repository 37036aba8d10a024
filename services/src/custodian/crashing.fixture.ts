import { runAsProcess } from "../service/run.ts";
import { startCustodian } from "./start.ts";

// The custodian as it is, with a power cut at one moment of its work.
await runAsProcess("custodian", () =>
  startCustodian(process.env, (point) => {
    if (point === process.env.CRASH_AT) process.kill(process.pid, "SIGKILL");
  }),
);
