import { runAsProcess } from "../service/run.ts";
import { startVerifier } from "./start.ts";

await runAsProcess("verifier", () => startVerifier(process.env));
