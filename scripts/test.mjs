import { install, runOnInstalledNode } from "./setup.mjs";

install();
runOnInstalledNode("test.ts");
