import { chainTime, type Inclusion } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import {
  cancelProposal,
  executeProposal,
  expireProposal,
  queueProposal,
  readProposal,
  settleAct,
  settleDeposit,
  signVeto,
  veto,
  whenAllowed,
} from "@keystrand/sdk/governance";
import type { KeyringPair } from "@polkadot/keyring/types";
import { Command } from "commander";
import { signingAccount } from "../system.ts";
import { accountOption, placed, proposalNumber, waitOption, withSystem } from "./session.ts";

type Step = (contracts: Contracts, proposal: number, account: KeyringPair) => Promise<Inclusion>;

const stepCommand = (name: string, description: string, done: string, step: Step, waits = false): Command => {
  const command = new Command(name)
    .description(description)
    .argument("<proposal>", "its number", proposalNumber)
    .addOption(accountOption());
  if (waits) command.addOption(waitOption());
  return command.action((proposal: number, options: { account: string; wait?: true }) =>
    withSystem(async ({ contracts }) => {
      const account = await signingAccount(options.account);
      const send = () => step(contracts, proposal, account);
      placed(`${done} ${proposal}`, options.wait ? await whenAllowed(contracts, send) : await send());
    }),
  );
};

export const queueCommand = (): Command =>
  stepCommand(
    "queue",
    "Starts the delay of a proposal whose result has held. Anyone may.",
    "queued proposal",
    queueProposal,
    true,
  );

export const executeCommand = (): Command =>
  stepCommand(
    "execute",
    "Does what was decided, after the delay. Anyone may.",
    "executed proposal",
    executeProposal,
    true,
  );

export const expireCommand = (): Command =>
  stepCommand(
    "expire",
    "Ends a proposal that can no longer be executed, and takes back what it announced. Anyone may.",
    "ended proposal",
    expireProposal,
  );

export const settleCommand = (): Command =>
  stepCommand(
    "settle",
    "Settles what is over: a proposal's deposit, or the members' vote on an act of the guardians. Anyone may.",
    "settled proposal",
    async (contracts, proposal, account) => {
      const { act } = await readProposal(contracts, proposal);
      if (!act) return settleDeposit(contracts, proposal, account);
      const settled = await settleAct(contracts, proposal, account);
      console.log(`the act is ${settled.returned.toLowerCase()}`);
      return settled;
    },
  );

/** How long guardians' signatures count that are handed in at once, ms. */
const AT_ONCE = 600_000n;

export const cancelCommand = (): Command =>
  new Command("cancel")
    .description(
      "Cancels a proposal: its proposer a narrowing; guardians, with a quorum of signatures, what they may; members overturn an act of the guardians.",
    )
    .argument("<proposal>", "its number", proposalNumber)
    .addOption(accountOption())
    .option(
      "-g, --guardian <name...>",
      "guardians whose secrets are at hand, as in --account; the account pays",
    )
    .action((proposal: number, options: { account: string; guardian?: string[] }) =>
      withSystem(async ({ contracts }) => {
        const account = await signingAccount(options.account);
        const { act } = await readProposal(contracts, proposal);
        if (act) {
          const settled = await settleAct(contracts, proposal, account);
          return placed(`the act of proposal ${proposal} is ${settled.returned.toLowerCase()}`, settled);
        }
        if (!options.guardian)
          return placed(`cancelled proposal ${proposal}`, await cancelProposal(contracts, proposal, account));
        const guardians = await Promise.all(options.guardian.map(signingAccount));
        const deadline = (await chainTime(contracts)) + AT_ONCE;
        const signatures = await signVeto(contracts, proposal, deadline, guardians);
        placed(
          `the guardians cancelled proposal ${proposal}`,
          await veto(contracts, proposal, deadline, signatures, account),
        );
      }),
    );
