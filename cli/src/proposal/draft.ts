import { readFileSync, writeFileSync } from "node:fs";
import { TOKEN } from "@keystrand/sdk/deploy";
import { BaseError } from "@keystrand/sdk/errors";
import type { TrackId } from "@keystrand/sdk/generated/governor";
import { draftProposal, type IntentInput, intentsFileSchema } from "@keystrand/sdk/governance";
import { Command, InvalidArgumentError, Option } from "commander";
import { withSystem } from "./session.ts";

/** Options or a file say nothing that could be drafted. */
class DraftInputError extends BaseError {
  override readonly name = "DraftInputError";
}

const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
};
const positive = (text: string): number => {
  const number = wholeNumber(text);
  if (number < 1) throw new InvalidArgumentError("It is a whole number from 1.");
  return number;
};
/** commander takes `null` for no value at all, so `none` stays a word until the intents are made. */
const noneOr =
  (read: (text: string) => number) =>
  (text: string): number | "none" =>
    text === "none" ? text : read(text);
const integerText = (text: string): string => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return text;
};
const tokenAmount = (text: string): string => {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError("It is an amount of tokens, at most 12 decimals.");
  return (BigInt(match[1]!) * TOKEN + BigInt((match[2] ?? "").padEnd(12, "0"))).toString();
};
interface DraftOptions {
  readonly description?: string;
  readonly from?: string;
  readonly track?: TrackId;
  readonly out: string;
  readonly collection?: number;
  readonly permission?: string;
  readonly disease?: string[];
  readonly add?: string[];
  readonly remove?: string[];
  readonly region?: string;
  readonly months?: number | "none";
  readonly publishFrom?: string;
  readonly minCohort?: number;
  readonly verifiers?: number;
  readonly close?: number;
  readonly pay?: string;
  readonly tokens?: string;
  readonly mint?: string;
  readonly burn?: string;
  readonly voice?: string;
  readonly guardians?: string[];
  readonly quorum?: number;
}

const given = (options: Readonly<Record<string, unknown>>): boolean =>
  Object.values(options).some((value) => value !== undefined);

const together = (first: string, second: string): never => {
  throw new DraftInputError(`${first} goes with ${second}.`, { remedy: `Give both ${first} and ${second}.` });
};

const termsOf = (options: DraftOptions) => {
  const { permission, add, remove, region, months, publishFrom } = options;
  const terms = { permission, diseases: options.disease, add, remove, region, months, publishFrom };
  if (!given(terms)) return undefined;
  const named = Object.entries(terms).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named.map(([key, value]) => [key, value === "none" ? null : value]));
};

const policyOf = ({ minCohort, verifiers }: DraftOptions) => {
  if (minCohort === undefined && verifiers === undefined) return undefined;
  return {
    ...(minCohort === undefined ? {} : { minCohort }),
    ...(verifiers === undefined ? {} : { attestation: { quorum: verifiers } }),
  };
};

/** What the options ask for, as intents. */
const intentsOf = (options: DraftOptions): IntentInput[] => {
  const intents: IntentInput[] = [];
  const [terms, policy] = [termsOf(options), policyOf(options)];
  const { collection, close, pay, mint, burn, voice, guardians, quorum } = options;
  if (terms || policy) {
    if (collection === undefined) return together("A change of terms", "--collection");
    intents.push({
      do: "change-policy",
      collection,
      ...(terms ? { terms } : {}),
      ...(policy ? { policy } : {}),
    });
  } else if (collection !== undefined)
    return together("--collection", "a change of terms, such as --add IRB");
  if (close !== undefined) intents.push({ do: "close-collection", collection: close });
  if (pay !== undefined)
    intents.push({ do: "pay", to: pay, amount: options.tokens ?? together("--pay", "--tokens") });
  if (mint !== undefined)
    intents.push({ do: "mint", to: mint, amount: voice ?? together("--mint", "--voice") });
  if (burn !== undefined)
    intents.push({ do: "burn", from: burn, amount: voice ?? together("--burn", "--voice") });
  if (guardians !== undefined)
    intents.push({
      do: "set-guardians",
      members: guardians,
      quorum: quorum ?? together("--guardians", "--quorum"),
    });
  return intents;
};

const fromFile = (file: string) => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new DraftInputError(`${file} cannot be read as JSON.`, { cause });
  }
  const parsed = intentsFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DraftInputError(`${file} holds no intents.`, {
    happened: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`),
    remedy: "See the examples in docs/guide/member.md.",
  });
};

export const draftCommand = (): Command =>
  new Command("draft")
    .description("Writes a draft: what is wanted, with the exact calls that it comes to. Sends nothing.")
    .option("-d, --description <text>", "what the members will read")
    .option("-o, --out <file>", "file to write", "proposal.json")
    .option("-f, --from <file>", "intents as JSON, instead of the options below (docs/guide/member.md)")
    .addOption(
      new Option(
        "-t, --track <track>",
        "a stronger track than the right one, which is chosen otherwise",
      ).choices(["Narrow", "Widen", "Treasury", "Members", "Parameters", "Code"]),
    )
    .optionsGroup("A collection's policy:")
    .option("-c, --collection <number>", "collection whose policy is to change", positive)
    .option("--permission <term>", "DUO permission: code or shorthand, such as GRU or DUO:0000042")
    .option("--disease <id...>", "diseases of the permission DS, such as MONDO:0005148")
    .option("--add <term...>", "DUO modifiers to add, such as IRB or DUO:0000021")
    .option("--remove <term...>", "DUO modifiers to remove")
    .option("--region <country>", "only processing there: two letters, or none")
    .option("--months <number>", "time limit on use, or none", noneOr(positive))
    .option("--publish-from <date>", "no publication before this day, or none")
    .option("--min-cohort <number>", "smallest cohort", positive)
    .option("--verifiers <number>", "verifiers that must agree", positive)
    .option("--close <number>", "collection to close", positive)
    .optionsGroup("Money, members and guardians:")
    .option("--pay <address>", "pay from the treasury")
    .option("--tokens <amount>", "how much to pay", tokenAmount)
    .option("--mint <address>", "give voice")
    .option("--burn <address>", "take voice")
    .option("--voice <amount>", "how much voice to mint or burn", integerText)
    .option("--guardians <address...>", "new guardians")
    .option("--quorum <number>", "how many of the guardians must sign", wholeNumber)
    .action((options: DraftOptions) =>
      withSystem(async ({ contracts }) => {
        const file = options.from === undefined ? undefined : fromFile(options.from);
        const description = options.description ?? file?.description;
        const intents = file?.intents ?? intentsOf(options);
        if (intents.length === 0)
          throw new DraftInputError("Nothing is to be decided.", {
            remedy: "Say what is wanted, for example --collection 1 --add IRB; --help shows all options.",
          });
        if (description === undefined)
          throw new DraftInputError("The members need to read what it is about.", {
            remedy: "Give --description TEXT.",
          });
        const draft = await draftProposal(contracts, description, intents, options.track);
        writeFileSync(options.out, `${JSON.stringify(draft.file, null, 2)}\n`);
        console.log(
          `${options.out}: ${draft.actions.length === 1 ? "1 action" : `${draft.actions.length} actions`} on track ${draft.track}. Next: keystrand proposal submit ${options.out} --account NAME`,
        );
      }),
    );
