import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ensureFolder } from "./files.ts";

/**
 * Takes a folder for this process alone. SQLite's exclusive locking mode holds a lock of the operating system,
 * which the kernel lets go of however the process ends, so that a crash never leaves a stale one.
 * @returns lets go of the folder
 * @throws Error in plain words when another process has it
 */
export function takeFolder(service: string, folder: string): () => void {
  ensureFolder(folder);
  const database = new DatabaseSync(join(folder, "lock.sqlite"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version = 1; COMMIT;");
  } catch (error) {
    database.close();
    throw new Error(
      `${service}: another process already works in ${folder}; stop it, or set FOLDER to another`,
      {
        cause: error,
      },
    );
  }
  return () => database.close();
}
