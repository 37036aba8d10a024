#!/usr/bin/env node
import { BaseError } from "@keystrand/sdk/errors";
import { Command } from "commander";
import { demoCommand } from "./demo/command.ts";
import { faucetCommand } from "./faucet.ts";
import { quoteCommand } from "./order/quote.ts";

const program = new Command("keystrand")
  .description("Trust layer for bio-data: consent, policy and escrow for encrypted genomes.")
  .showHelpAfterError("(--help shows all options)")
  .addCommand(demoCommand())
  .addCommand(new Command("order").description("Orders").addCommand(quoteCommand()))
  .addCommand(faucetCommand());

/** Causes are for logs; a person gets the sentence and what to do. `KEYSTRAND_TRACE=1` shows the rest. */
const explain = (error: unknown): string => {
  if (process.env["KEYSTRAND_TRACE"])
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof BaseError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
};

try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
