/** The command as a whole: what its words do, and what a person is told when they cannot be done. */
import { BaseError } from "@keystrand/sdk/errors";
import { Command, CommanderError } from "commander";
import { delegateCommand } from "./delegate/command.ts";
import { demoCommand } from "./demo/command.ts";
import { faucetCommand } from "./faucet.ts";
import { guardianCommand } from "./guardian/command.ts";
import { endCommand } from "./order/end.ts";
import { quoteCommand } from "./order/quote.ts";
import { proposalCommand } from "./proposal/command.ts";

const program = (): Command =>
  new Command("keystrand")
    .description("Trust layer for bio-data: consent, policy and escrow for encrypted genomes.")
    .showHelpAfterError("(--help shows all options)")
    .addCommand(demoCommand())
    .addCommand(
      new Command("order").description("Orders").addCommand(quoteCommand()).addCommand(endCommand()),
    )
    .addCommand(proposalCommand())
    .addCommand(delegateCommand())
    .addCommand(guardianCommand())
    .addCommand(faucetCommand());

/** Causes are for logs; a person gets the sentence and what to do. `KEYSTRAND_TRACE=1` shows the rest. */
const explain = (error: unknown): string => {
  if (process.env["KEYSTRAND_TRACE"])
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof BaseError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
};

const throwing = (command: Command): Command => {
  command.exitOverride();
  for (const below of command.commands) throwing(below);
  return command;
};

/**
 * Does what the words say.
 *
 * @param words - what stands after `keystrand`
 * @returns the exit code: 0, or 1 when it could not be done and standard error says why
 */
export const run = async (words: readonly string[]): Promise<number> => {
  try {
    await throwing(program()).parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    // It has told what is wrong with the words, or what was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    console.error(explain(error));
    return 1;
  }
};
