/** After a package is packed (`postpack`): package.json as it was, and no dist/ that a later edit would outdate. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const folder = process.cwd();
const kept = join(folder, "package.json.kept");
if (existsSync(kept)) renameSync(kept, join(folder, "package.json"));
rmSync(join(folder, "dist"), { recursive: true, force: true });
