import { readFileSync, writeFileSync } from "node:fs";
import { chainTime } from "@keystrand/sdk/chain";
import { BaseError } from "@keystrand/sdk/errors";
import type { Ballot, Parts } from "@keystrand/sdk/generated/governor";
import {
  castBallot,
  castSignedBallot,
  partsOf,
  recuse,
  SIDES,
  signBallot,
  signedBallotSchema,
  whenAllowed,
} from "@keystrand/sdk/governance";
import { Command, InvalidArgumentError, Option } from "commander";
import { signingAccount } from "../system.ts";
import { accountOption, placed, proposalNumber, waitOption, withSystem } from "./session.ts";

/** Options or a file give no ballot. */
class BallotInputError extends BaseError {
  override readonly name = "BallotInputError";
}

/** `for`, `against`, `abstain`, or `for=60,against=40`. */
const parts = (text: string): Parts => {
  if (text in SIDES) return SIDES[text as keyof typeof SIDES];
  const shares: Record<string, number> = {};
  for (const piece of text.split(",")) {
    const match = /^(for|against|abstain)=(\d+(?:\.\d{1,2})?)$/.exec(piece);
    if (!match)
      throw new InvalidArgumentError("It is for, against, abstain, or shares such as for=60,against=40.");
    shares[match[1]!] = Number(match[2]);
  }
  try {
    return partsOf(shares);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof BaseError ? error.summary : String(error));
  }
};

interface BallotOptions {
  readonly account: string;
  readonly own?: Parts;
  readonly delegated?: Parts;
  readonly reason: string;
}

const ballotOf = ({ own, delegated }: BallotOptions): Ballot => {
  if (!own && !delegated)
    throw new BallotInputError("The ballot says nothing.", {
      remedy: "Give --own for your own voice, --delegated for voice that others gave you, or both.",
    });
  return { own: own ?? null, delegated: delegated ?? null };
};

const withBallot = (command: Command): Command =>
  command
    .argument("<proposal>", "its number", proposalNumber)
    .addOption(accountOption())
    .option("--own <side>", "your own voice: for, against, abstain, or for=60,against=40", parts)
    .option("--delegated <side>", "voice that others delegated to you, likewise", parts)
    .option("-r, --reason <text>", "public, kept in the event", "");

export const voteCommand = (): Command =>
  withBallot(new Command("vote"))
    .description("Casts a ballot, or replaces the one that was cast.")
    .option("--signed <file>", "hand in a ballot that its voter signed; the account pays the fee")
    .addOption(waitOption())
    .action((proposal: number, options: BallotOptions & { signed?: string; wait?: true }) =>
      withSystem(async ({ contracts }) => {
        const account = await signingAccount(options.account);
        const send = async () => {
          if (options.signed === undefined)
            return castBallot(contracts, proposal, ballotOf(options), account, options.reason);
          const signed = readSigned(options.signed);
          if (signed.proposal !== proposal)
            throw new BallotInputError(`${options.signed} is a ballot for proposal ${signed.proposal}.`);
          return castSignedBallot(contracts, signed, account);
        };
        const sent = options.wait ? await whenAllowed(contracts, send) : await send();
        placed(`voted on proposal ${proposal}`, sent);
      }),
    );

const readSigned = (file: string) => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new BallotInputError(`${file} cannot be read as JSON.`, { cause });
  }
  const parsed = signedBallotSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new BallotInputError(`${file} holds no signed ballot.`, {
    happened: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`),
    remedy: "Make one: keystrand proposal sign --help.",
  });
};

const hours = (text: string): number => {
  const number = Number(text);
  if (!(number > 0 && number <= 24 * 366)) throw new InvalidArgumentError("It is a number of hours.");
  return number;
};

export const signCommand = (): Command =>
  withBallot(new Command("sign"))
    .description("Signs a ballot into a file, for anyone to hand in. Sends nothing.")
    .option("-o, --out <file>", "file to write", "ballot.json")
    .addOption(new Option("--hours <number>", "how long it can be handed in").argParser(hours).default(24))
    .action((proposal: number, options: BallotOptions & { out: string; hours: number }) =>
      withSystem(async ({ contracts }) => {
        const voter = await signingAccount(options.account);
        const deadline = (await chainTime(contracts)) + BigInt(Math.round(options.hours * 3_600_000));
        const wanted = { proposal, ballot: ballotOf(options), reason: options.reason, deadline };
        const signed = await signBallot(contracts, voter, wanted);
        writeFileSync(options.out, `${JSON.stringify(signed, null, 2)}\n`);
        console.log(
          `${options.out}: ballot number ${signed.nonce} of ${signed.voter} on proposal ${proposal}. Next: keystrand proposal vote ${proposal} --signed ${options.out} --account NAME`,
        );
      }),
    );

export const recuseCommand = (): Command =>
  new Command("recuse")
    .description("Strikes an account with a live order in the collection from the vote. Anyone may.")
    .argument("<proposal>", "its number", proposalNumber)
    .argument("<address>", "the conflicted account")
    .addOption(accountOption())
    .action((proposal: number, address: string, options: { account: string }) =>
      withSystem(async ({ contracts }) => {
        const account = await signingAccount(options.account);
        placed(
          `recused ${address} from proposal ${proposal}`,
          await recuse(contracts, proposal, address, account),
        );
      }),
    );
