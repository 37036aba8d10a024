import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

/** Where Debian keeps each version's programs; they are not on the PATH. */
const DEBIAN = "/usr/lib/postgresql";

/** Folder of `initdb` and `postgres`: the newest of Debian's, or what `pg_config` on the PATH says. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const asked = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" });
  const candidates = versions.map((version) => join(DEBIAN, version, "bin"));
  if (asked.status === 0) candidates.push(asked.stdout.trim());
  return candidates.find((folder) => existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to run as root: then it runs as Debian's user for it. */
function user(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

const found = programs();

/** Why no PostgreSQL can be used; undefined where one can. */
export const postgresqlMissing: string | undefined =
  process.env.DATABASE_URL || found !== undefined
    ? undefined
    : "no PostgreSQL: install Debian's postgresql, or set DATABASE_URL to a server for tests";

let running: Promise<string> | undefined;

/** URL of a server: `DATABASE_URL`'s, or one of this process's own, which ends with it. */
export function postgresql(): Promise<string> {
  running ??= process.env.DATABASE_URL ? Promise.resolve(process.env.DATABASE_URL) : start();
  return running;
}

// The server ends, and its folder with it, when nobody holds its standard input any more: also after a kill -9.
const GUARD = `
"$1"/postgres -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=30 >"$2/log" 2>&1 </dev/null &
cat >/dev/null
kill -INT $! && wait $!
rm -rf "$2"`;

async function start(): Promise<string> {
  if (found === undefined) throw new Error(postgresqlMissing);
  const owner = user();
  const folder = mkdtempSync(join(tmpdir(), "keystrand-postgresql-"));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  execFileSync(
    join(found, "initdb"),
    ["-D", data, "-U", "keystrand", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
    { ...owner, cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  const server = spawn("sh", ["-c", GUARD, "sh", found, folder], {
    ...owner,
    cwd: folder,
    stdio: ["pipe", "ignore", "inherit"],
    // A Ctrl-C at the terminal is for the tests; the server ends after them.
    detached: true,
  });
  server.unref();
  // Its socket's folder instead of a port: two servers never meet.
  const url = `postgresql://keystrand@localhost/postgres?host=${encodeURIComponent(folder)}`;
  await answering(url, server);
  return url;
}

/** ms between two questions whether the server answers. */
const PAUSE = 50;

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error("PostgreSQL did not start");
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    } finally {
      await client.end();
    }
  }
}
