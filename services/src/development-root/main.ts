import { createDevelopmentRoot } from "./root.ts";

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write("usage: node services/src/development-root/main.ts FOLDER\n");
  process.exitCode = 2;
} else {
  await createDevelopmentRoot(folder);
  process.stdout.write(`SIMULATED attestation: development root in ${folder}\n`);
}
