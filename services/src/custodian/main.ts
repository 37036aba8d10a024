import { runAsProcess } from "../service/run.ts";
import { startCustodian } from "./start.ts";

await runAsProcess("custodian", () => startCustodian(process.env));
