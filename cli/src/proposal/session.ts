/** What every command of the members shares: the system, the account, refusals in words. */
import type { Inclusion } from "@keystrand/sdk/chain";
import { explainedRefusal } from "@keystrand/sdk/governance";
import { InvalidArgumentError, Option } from "commander";
import { type GovernedSystem, governedSystem } from "../system.ts";

/** Runs with a connection, says refusals in words, and disconnects. */
export const withSystem = async (work: (system: GovernedSystem) => Promise<void>): Promise<void> => {
  const system = await governedSystem();
  try {
    await work(system);
  } catch (error) {
    throw explainedRefusal(error);
  } finally {
    await system.disconnect();
  }
};

/** Who signs and pays the fee. */
export const accountOption = (): Option =>
  new Option(
    "-a, --account <name>",
    "who signs: a file with a secret, or an account of the home folder such as member/1",
  ).makeOptionMandatory();

export const waitOption = (): Option =>
  new Option("-w, --wait", "wait until time allows it, instead of being refused");

export const proposalNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("It is the number of a proposal, from 1.");
  return number;
};

/** Where a transaction stands, as every command prints it. */
export const placed = (what: string, { blockNumber, extrinsicHash }: Inclusion): void =>
  console.log(`${what}: block ${blockNumber}, ${extrinsicHash}`);

/** JSON with 64-bit numbers as decimal text. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part), 2);
