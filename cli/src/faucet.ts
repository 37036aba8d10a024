import { faucet } from "@keystrand/sdk/chain";
import { TOKEN } from "@keystrand/sdk/deploy";
import { Command, InvalidArgumentError } from "commander";
import { runningSystem } from "./system.ts";

const amount = (text: string): bigint => {
  if (!/^\d{1,7}$/.test(text))
    throw new InvalidArgumentError("It is a whole number of tokens, at most 9999999.");
  return BigInt(text) * TOKEN;
};

export const faucetCommand = (): Command =>
  new Command("faucet")
    .description("Funds an address on a development chain.")
    .argument("<address>", "SS58 address")
    .option("-a, --amount <tokens>", "whole tokens", amount, 100n * TOKEN)
    .action(async (address: string, options: { amount: bigint }) => {
      const system = await runningSystem();
      try {
        const [inclusion] = await faucet(system.contracts.api, [address], options.amount);
        console.log(
          `${address} has ${options.amount / TOKEN} tokens more: block ${inclusion!.blockNumber}, ${inclusion!.extrinsicHash}`,
        );
      } finally {
        await system.disconnect();
      }
    });
