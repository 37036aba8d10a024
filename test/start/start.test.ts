/** `npm start` as people run it, and what they do to it: twice, Ctrl-C, taken ports, no room, no network. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";

const REAL_VCF = join(import.meta.dirname, "../fixtures/1000g-chr2-629.vcf.gz");
const ROOT = join(import.meta.dirname, "../..");
/** How long a whole start with a demonstration may take on a busy machine, ms. */
const PATIENCE = 600_000;

interface Started {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  readonly said: () => string;
  /** Waits until it has said something that matches. */
  readonly says: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
}

const begin = (
  home: string,
  args: readonly string[],
  { wrapper = [], environment = {} }: { wrapper?: readonly string[]; environment?: NodeJS.ProcessEnv } = {},
): Started => {
  const [command = process.execPath, ...rest] = [
    ...wrapper,
    process.execPath,
    join(ROOT, "scripts/start.ts"),
    ...args,
  ];
  const child = spawn(command, rest, {
    cwd: ROOT,
    env: { ...process.env, KEYSTRAND_HOME: home, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      for (const look of waiting) look();
    });
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    ended,
    said: () => text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void ended.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)));
        look();
      }),
  };
};

const newHome = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "keystrand-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "home");
};

const addressSchema = z.object({ url: z.string(), pid: z.int() });
/** The processes of the services that run in a home folder, by name. */
const services = (home: string) =>
  new Map(
    readdirSync(home)
      .filter((name) => existsSync(join(home, name, "address.json")))
      .map((name) => [
        name,
        addressSchema.parse(JSON.parse(readFileSync(join(home, name, "address.json"), "utf8"))),
      ]),
  );

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("npm start", () => {
  test(
    "run twice says where it runs already; with another home, two systems run side by side",
    async () => {
      const home = newHome();
      const first = begin(home, ["--no-demo"]);
      await first.says(/Try next/);
      const second = begin(home, ["--no-demo"]);
      expect(await second.ended).toBe(1);
      expect(second.said()).toMatch(/already runs from this folder \(process \d+.*KEYSTRAND_HOME/s);

      const other = begin(newHome(), ["--samples", "6", "--exit"]);
      expect(await other.ended, other.said()).toBe(0);
      expect(other.said()).toContain("Port 9944 is taken");
      expect(other.said()).toContain("receipt of the enclave accepted -> Settled");

      // The first was not disturbed: every service still answers.
      for (const [name, { url }] of services(home))
        expect([name, (await fetch(`${url}/health`)).status]).toEqual([name, 200]);
      first.child.kill("SIGINT");
      expect(await first.ended).toBe(0);
    },
    PATIENCE,
  );

  test(
    "stopped by Ctrl-C in the middle of the demonstration leaves nothing running, and resumes",
    async () => {
      const home = newHome();
      const first = begin(home, ["--samples", "12"]);
      await first.says(/datasets encrypted, stored and registered|registered dataset 1/);
      const pids = [...services(home).values()].map(({ pid }) => pid);
      expect(pids.length).toBeGreaterThanOrEqual(7);
      first.child.kill("SIGINT");
      expect(await first.ended).toBe(0);
      expect(first.said()).toContain("npm start resumes from here");
      expect(first.said()).not.toMatch(/\n\s+at /);
      expect(pids.filter(runs)).toEqual([]);

      const again = begin(home, ["--samples", "6", "--exit"]);
      expect(await again.ended, again.said()).toBe(0);
      expect(again.said()).toContain("as recorded");
      expect(again.said()).toContain("receipt of the enclave accepted -> Settled");
    },
    PATIENCE,
  );

  test(
    "killed leaves nothing running; killed while it deploys, it goes on from there",
    async () => {
      const home = newHome();
      const first = begin(home, ["--no-demo"]);
      await first.says(/contract {5}consents/);
      first.child.kill("SIGKILL");
      await first.ended;
      const again = begin(home, ["--no-demo"]);
      await again.says(/Try next/);
      expect(again.said()).toMatch(/contract {5}identity .* was there/);
      const pids = [...services(home).values()].map(({ pid }) => pid);
      again.child.kill("SIGKILL");
      await again.ended;
      await expect.poll(() => pids.filter(runs), { timeout: PATIENCE }).toEqual([]);
    },
    PATIENCE,
  );

  test(
    "brings a service back that ends by itself",
    async () => {
      const home = newHome();
      const started = begin(home, ["--no-demo"]);
      await started.says(/Try next/);
      const { pid, url } = services(home).get("custodian")!;
      process.kill(pid, "SIGKILL");
      await started.says(/custodian was started again/);
      const after = services(home).get("custodian")!;
      expect(after.url).toBe(url);
      expect(after.pid).not.toBe(pid);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      started.child.kill("SIGINT");
      expect(await started.ended).toBe(0);
    },
    PATIENCE,
  );

  test(
    "on a port that is taken says so and changes nothing",
    async () => {
      const holder = createServer().listen(0, "127.0.0.1");
      await once(holder, "listening");
      onTestFinished(() => void holder.close());
      const address = holder.address();
      const port = typeof address === "object" && address !== null ? String(address.port) : "";
      const started = begin(newHome(), ["--port", port, "--no-demo"]);
      expect(await started.ended).toBe(1);
      expect(started.said()).toMatch(new RegExp(`port is taken.*--port.*${port}`));
      expect(started.said()).not.toMatch(/\n\s+at /);
    },
    PATIENCE,
  );

  test(
    "without the right to write says which folder and what to do",
    async () => {
      // Nobody, not even root, can make a folder here.
      const started = begin("/proc/keystrand", ["--no-demo"]);
      expect(await started.ended).toBe(1);
      expect(started.said()).toMatch(/No permission to write to \/proc\/keystrand.*KEYSTRAND_HOME/s);
    },
    PATIENCE,
  );

  /** Whether this user may have a mount and network namespace of its own. */
  const unshares = spawnSync("unshare", ["--mount", "--net", "--map-root-user", "true"]).status === 0;

  test.runIf(unshares)(
    "on a full disk says how much is missing, before anything is written (needs unshare)",
    async () => {
      const home = newHome();
      mkdirSync(home, { recursive: true });
      const small = `mount -t tmpfs -o size=20m none ${home} && exec "$@"`;
      const wrapper = ["unshare", "--mount", "--map-root-user", "sh", "-c", small, "sh"];
      const started = begin(home, ["--no-demo"], { wrapper });
      expect(await started.ended).toBe(1);
      expect(started.said()).toMatch(/Only \d+ MB are free where .* needs 200 MB/);
      expect(readdirSync(home)).toEqual([]);
    },
    PATIENCE,
  );

  test.runIf(unshares && spawnSync("nsenter", ["--version"]).status === 0)(
    "on a disk that becomes full ends or goes on in words, and loses nothing (needs unshare, nsenter)",
    async () => {
      const home = newHome();
      mkdirSync(home, { recursive: true });
      const small = `mount -t tmpfs -o size=300m none ${home} && exec "$@"`;
      const started = begin(home, ["--no-demo"], {
        wrapper: ["unshare", "--mount", "--map-root-user", "sh", "-c", small, "sh"],
      });
      await started.says(/Try next/);
      // The disk is in the started process's mount namespace: others look and write through it.
      const inside = (...command: string[]) =>
        spawnSync("nsenter", ["--target", String(started.child.pid), "--mount", ...command], {
          encoding: "utf8",
          env: { ...process.env, KEYSTRAND_HOME: home },
        });
      inside("dd", "if=/dev/zero", `of=${home}/filler`, "bs=64k");
      const demo = [
        process.execPath,
        join(ROOT, "cli/src/main.ts"),
        "demo",
        "--vcf",
        REAL_VCF,
        "--samples",
        "6",
      ];
      const full = inside("timeout", "60", ...demo);
      expect(full.status, full.stdout).not.toBe(0);
      await started.says(/The disk is full where .*Free some space/);

      inside("rm", `${home}/filler`);
      const freed = inside("sh", "-c", `rm -rf ${home}.kept && cp -a ${home} ${home}.kept`);
      expect(freed.status, freed.stderr).toBe(0);
      started.child.kill("SIGINT");
      await started.ended;
      const again = begin(`${home}.kept`, ["--samples", "6", "--exit"], {
        wrapper: ["sh", "-c", `rm -f ${home}.kept/running.pid && exec "$@"`, "sh"],
      });
      expect(await again.ended, again.said()).toBe(0);
      expect(again.said()).toContain("as recorded");
      expect(again.said()).toContain("receipt of the enclave accepted -> Settled");
    },
    PATIENCE,
  );

  test.runIf(unshares && spawnSync("ip", ["-V"]).status === 0)(
    "needs no network once it is installed: the whole demonstration in a namespace that has none (needs unshare, ip)",
    async () => {
      const alone = 'ip link set lo up && exec "$@"';
      const wrapper = ["unshare", "--net", "--map-root-user", "sh", "-c", alone, "sh"];
      const started = begin(newHome(), ["--samples", "6", "--exit"], { wrapper });
      expect(await started.ended, started.said()).toBe(0);
      expect(started.said()).toContain("receipt of the enclave accepted -> Settled");
    },
    PATIENCE,
  );
});
