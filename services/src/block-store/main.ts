import { runAsProcess } from "../service/run.ts";
import { startBlockStore } from "./start.ts";

await runAsProcess("block-store", () => startBlockStore(process.env));
