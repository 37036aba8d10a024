/** `keystrand proposal`: the whole life of a decision of the members. */
import { Command } from "commander";
import { draftCommand } from "./draft.ts";
import { listCommand, showCommand } from "./read.ts";
import { cancelCommand, executeCommand, expireCommand, queueCommand, settleCommand } from "./steps.ts";
import { submitCommand } from "./submit.ts";
import { recuseCommand, signCommand, voteCommand } from "./vote.ts";

export const proposalCommand = (): Command =>
  new Command("proposal")
    .description("Decisions of the members: draft, submit, read, vote, queue, execute.")
    .addCommand(draftCommand())
    .addCommand(submitCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(voteCommand())
    .addCommand(signCommand())
    .addCommand(recuseCommand())
    .addCommand(queueCommand())
    .addCommand(executeCommand())
    .addCommand(cancelCommand())
    .addCommand(expireCommand())
    .addCommand(settleCommand());
