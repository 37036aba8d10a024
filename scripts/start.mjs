import { install, runOnInstalledNode } from "./setup.mjs";

install();
runOnInstalledNode("start.ts");
