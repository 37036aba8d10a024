import { runAsProcess } from "../service/run.ts";
import { startEnclave } from "./start.ts";

await runAsProcess("enclave", () => startEnclave(process.env));
