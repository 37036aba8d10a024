/** `keystrand delegate`: voice in others' hands, under mandates that end by themselves. */
import { BaseError } from "@keystrand/sdk/errors";
import type { TrackId } from "@keystrand/sdk/generated/governor";
import type { Delegation } from "@keystrand/sdk/generated/voice";
import { delegate, monthText, parseMonth, readVoice } from "@keystrand/sdk/governance";
import { Command, Option } from "commander";
import { accountOption, jsonText, placed, withSystem } from "../proposal/session.ts";
import { signingAccount } from "../system.ts";

/** A delegate is not written as one. */
class DelegateInputError extends BaseError {
  override readonly name = "DelegateInputError";
}

const trackOption = (): Option =>
  new Option("-t, --track <track>", "for this track alone, in place of the list for all tracks").choices([
    "Narrow",
    "Widen",
    "Treasury",
    "Members",
    "Parameters",
    "Code",
    "Emergency",
  ]);

/** `ADDRESS=SHARE`, percent with at most two decimals. */
const shareOf = (text: string): { delegate: string; share: number } => {
  const match = /^(\w{46,50})=(\d+(?:\.\d{1,2})?)$/.exec(text);
  if (!match)
    throw new DelegateInputError(`${text} is no delegate with a share.`, {
      remedy: "Write ADDRESS=PERCENT, such as 5F…=50.",
    });
  return { delegate: match[1]!, share: Math.round(Number(match[2]) * 100) };
};

interface SetOptions {
  readonly account: string;
  readonly track?: TrackId;
  readonly until: string;
  readonly narrowOnly?: true;
}

const setCommand = (): Command =>
  new Command("set")
    .description(
      "Puts parts of your voice into delegates' hands, in place of that list. When you vote, yours counts.",
    )
    .argument("<delegate...>", "ADDRESS=PERCENT, at most four; you keep the rest")
    .addOption(accountOption())
    .requiredOption(
      "-u, --until <month>",
      "first month without the mandate, such as 2027-06; at most 24 ahead",
    )
    .option("--narrow-only", "in a widening, for counts as abstain")
    .addOption(trackOption())
    .action((delegates: string[], options: SetOptions) =>
      withSystem(async ({ contracts }) => {
        const ends = parseMonth(options.until);
        const narrowOnly = options.narrowOnly ?? false;
        const delegations: Delegation[] = delegates.map((text) => ({ ...shareOf(text), narrowOnly, ends }));
        const owner = await signingAccount(options.account);
        const sent = await delegate(contracts, options.track ?? null, delegations, owner);
        placed(`delegated to ${delegations.length} for ${options.track ?? "all tracks"}`, sent);
      }),
    );

const clearCommand = (): Command =>
  new Command("clear")
    .description("Takes your voice back.")
    .addOption(accountOption())
    .addOption(trackOption())
    .action((options: { account: string; track?: TrackId }) =>
      withSystem(async ({ contracts }) => {
        const owner = await signingAccount(options.account);
        const sent = await delegate(contracts, options.track ?? null, [], owner);
        placed(`cleared the delegates for ${options.track ?? "all tracks"}`, sent);
      }),
    );

const listCommand = (): Command =>
  new Command("list")
    .description("An account's voice, its delegates and their mandates.")
    .argument("[address]", "whose; --account otherwise")
    .option("-a, --account <name>", "a file with a secret, or an account of the home folder such as member/1")
    .option("--json", "as JSON")
    .action((given: string | undefined, options: { account?: string; json?: true }) =>
      withSystem(async ({ contracts }) => {
        const address =
          given ??
          (options.account === undefined ? undefined : (await signingAccount(options.account)).address);
        if (address === undefined)
          throw new DelegateInputError("Whose delegates?", { remedy: "Give an address, or --account NAME." });
        const { voice, total, month, lists } = await readVoice(contracts, address);
        if (options.json) return console.log(jsonText({ address, voice, total, lists }));
        console.log(`${address} has ${voice} of ${total} voice.`);
        for (const { track, delegations } of lists) {
          console.log(`  for ${track ?? "all tracks"}`);
          for (const { delegate: to, share, narrowOnly, ends } of delegations)
            console.log(
              `    ${to}  ${share / 100} %  ${ends <= month ? "ended with" : "until"} ${monthText(ends)}${narrowOnly ? ", narrowing only" : ""}`,
            );
        }
        if (lists.length === 0) console.log("  It delegates nothing.");
      }),
    );

export const delegateCommand = (): Command =>
  new Command("delegate")
    .description("Delegation: who decides for whom, on what, until when.")
    .addCommand(setCommand())
    .addCommand(listCommand())
    .addCommand(clearCommand());
