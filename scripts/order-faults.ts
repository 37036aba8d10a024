/**
 * Seeded faults: each is put into a copy of the order rules, and the random histories must find it within their
 * usual steps. `node scripts/order-faults.ts`; needs cargo.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WORKSPACE = join(import.meta.dirname, "../contracts-ink");
const RULES = "commons/src/order";

interface Fault {
  readonly what: string;
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
}

const FAULTS: readonly Fault[] = [
  {
    what: "the buyer can cancel after the custodian's release",
    file: "closing.rs",
    was: "must(head.state.is_before_release(), &head)?;\n    if head.state == State::Qualified",
    becomes:
      "must(head.state.is_before_release() || head.state == State::Releasing, &head)?;\n    if head.state == State::Qualified",
  },
  {
    what: "dust is lost instead of going to the treasury",
    file: "money.rs",
    was: "let treasury = amount.saturating_sub(contributor).saturating_sub(custodian);",
    becomes: "let treasury = portion(amount, split.treasury);",
  },
  {
    what: "a release may lock a smaller cohort than the policy admits",
    file: "release.rs",
    was: "enough(u8::try_from(locked.len()).unwrap_or(u8::MAX), judged.view.min_cohort)?;",
    becomes: "enough(u8::try_from(locked.len()).unwrap_or(u8::MAX), 1)?;",
  },
  {
    what: "an undecided line stays although nobody cleared it under this policy",
    file: "judge.rs",
    was: "let cleared = head.cleared_version == judged.view.version;",
    becomes: "let cleared = head.cleared_version > 0;",
  },
  {
    what: "a withdrawal is not marked",
    file: "payout.rs",
    was: "line.withdrawn |= role.bit();",
    becomes: "line.withdrawn |= 0;",
  },
  {
    what: "at one half the buyer takes both bonds",
    file: "dispute.rs",
    was: "} else if ruled.share < HALF {",
    becomes: "} else if ruled.share <= HALF {",
  },
  {
    what: "the release window is not asked at deliver",
    file: "release.rs",
    was: "must(head.state == State::Releasing, &head)?;\n    before(world, head.deadline)?;",
    becomes: "must(head.state == State::Releasing, &head)?;",
  },
  {
    what: "a running pause does not stop the clock",
    file: "clock.rs",
    was: "now.saturating_sub(self.paused_before).saturating_sub(newest)",
    becomes: "now.saturating_sub(self.paused_before)",
  },
  {
    what: "a settlement needs no custodian's signature",
    file: "agreement.rs",
    was: "Vec::from([head.buyer, head.custodian])",
    becomes: "Vec::from([head.buyer])",
  },
  {
    what: "a conceded line is paid",
    file: "dispute.rs",
    was: "line.refund(Ending::Conceded);",
    becomes: "line.pay(Ending::Conceded);",
  },
];

const histories = (workspace: string) =>
  spawnSync("cargo", ["test", "-p", "keystrand-commons", "--test", "order", "rules_and_model_agree"], {
    cwd: workspace,
    encoding: "utf8",
    env: { ...process.env, CARGO_TARGET_DIR: join(WORKSPACE, "target/faults"), RUST_BACKTRACE: "0" },
  });

const main = (): void => {
  const copy = mkdtempSync(join(tmpdir(), "keystrand-faults-"));
  try {
    cpSync(WORKSPACE, copy, {
      recursive: true,
      filter: (path) => path !== join(WORKSPACE, "target") && path !== join(WORKSPACE, "artifacts"),
    });
    const sound = histories(copy);
    if (sound.status !== 0) throw new Error(`The rules as they are fail:\n${sound.stdout}${sound.stderr}`);
    const missed: string[] = [];
    for (const { what, file, was, becomes } of FAULTS) {
      const path = join(copy, RULES, file);
      const text = readFileSync(path, "utf8");
      if (text.split(was).length !== 2)
        throw new Error(`${file} does not have exactly one place for: ${what}`);
      writeFileSync(path, text.replace(was, becomes));
      const run = histories(copy);
      writeFileSync(path, text);
      if (/error(\[E\d+\])?:.*could not compile|error\[E/.test(run.stderr))
        throw new Error(`The fault does not compile: ${what}\n${run.stderr}`);
      const found = run.status !== 0;
      console.log(`${found ? "found " : "MISSED"}  ${what}`);
      if (!found) missed.push(what);
    }
    if (missed.length > 0) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

main();
