/** `keystrand guardian`: acts in an emergency, which members confirm, overturn or let lapse. */

import { chainTime } from "@keystrand/sdk/chain";
import { BaseError } from "@keystrand/sdk/errors";
import type { EmergencyAct } from "@keystrand/sdk/generated/governor";
import { emergencyAct, signAct } from "@keystrand/sdk/governance";
import { Command, InvalidArgumentError } from "commander";
import { accountOption, jsonText, placed, withSystem } from "../proposal/session.ts";
import { signingAccount } from "../system.ts";

/** An act is not said whole. */
class ActInputError extends BaseError {
  override readonly name = "ActInputError";
}

const KINDS = {
  suspend: "Suspend",
  pause: "Pause",
  "withhold-verifier": "WithholdVerifier",
  "withhold-issuer": "WithholdIssuer",
  "withhold-measurement": "WithholdMeasurement",
} as const satisfies Readonly<Record<string, EmergencyAct["type"]>>;

const kindOf = (text: string): EmergencyAct["type"] => {
  if (text in KINDS) return KINDS[text as keyof typeof KINDS];
  throw new InvalidArgumentError(`It is one of ${Object.keys(KINDS).join(", ")}.`);
};

const actOf = (type: EmergencyAct["type"], subject: string | undefined): EmergencyAct => {
  if (type === "Pause") return { type, value: null };
  if (subject === undefined)
    throw new ActInputError("Against whom, or what?", { remedy: "Name an address or a measurement." });
  return { type, value: subject };
};

/** How long signatures count that are handed in at once, ms. */
const AT_ONCE = 600_000n;

const actCommand = (): Command =>
  new Command("act")
    .description("Acts at once, with a quorum of guardians' signatures; opens the members' vote on it.")
    .argument("<kind>", Object.keys(KINDS).join(", "), kindOf)
    .argument("[subject]", "address or measurement; none for pause")
    .requiredOption("-g, --guardian <name...>", "guardians whose secrets are at hand, as in --account")
    .addOption(accountOption())
    .action(
      (
        type: EmergencyAct["type"],
        subject: string | undefined,
        options: { guardian: string[]; account: string },
      ) =>
        withSystem(async ({ contracts }) => {
          const account = await signingAccount(options.account);
          const guardians = await Promise.all(options.guardian.map(signingAccount));
          const act = actOf(type, subject);
          const deadline = (await chainTime(contracts)) + AT_ONCE;
          const signatures = await signAct(contracts, act, deadline, guardians);
          const sent = await emergencyAct(contracts, act, deadline, signatures, account);
          placed(`in effect; the members vote on it as proposal ${sent.returned}`, sent);
        }),
    );

const listCommand = (): Command =>
  new Command("list")
    .description("The guardians, their quorum and the end of their term.")
    .option("--json", "as JSON")
    .action((options: { json?: true }) =>
      withSystem(async ({ contracts }) => {
        const guardians = await contracts.governor.query("guardians", {});
        if (options.json) return console.log(jsonText(guardians));
        if (guardians.members.length === 0) return console.log("There are no guardians.");
        console.log(
          `Any ${guardians.quorum} of these act, until ${new Date(Number(guardians.until)).toISOString()}:`,
        );
        for (const address of guardians.members) console.log(`  ${address}`);
      }),
    );

export const guardianCommand = (): Command =>
  new Command("guardian")
    .description("Acts of guardians in an emergency; proposal cancel --guardian is their veto.")
    .addCommand(actCommand())
    .addCommand(listCommand());
