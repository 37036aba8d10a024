import { readFileSync } from "node:fs";
import { BaseError } from "@keystrand/sdk/errors";
import { draftSchema, propose, rebuildDraft, storeDescription } from "@keystrand/sdk/governance";
import { Command } from "commander";
import { signingAccount } from "../system.ts";
import { accountOption, placed, withSystem } from "./session.ts";

/** The file is no draft. */
class DraftFileError extends BaseError {
  override readonly name = "DraftFileError";
}

const readDraft = (file: string) => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new DraftFileError(`${file} cannot be read as JSON.`, { cause });
  }
  const parsed = draftSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DraftFileError(`${file} is no draft.`, {
    happened: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`),
    remedy: "Make one: keystrand proposal draft --help.",
  });
};

export const submitCommand = (): Command =>
  new Command("submit")
    .description("Proposes a draft, and pays the track's deposit.")
    .argument("[file]", "what keystrand proposal draft wrote", "proposal.json")
    .addOption(accountOption())
    .action((file: string, options: { account: string }) =>
      withSystem(async ({ contracts, endpoints }) => {
        const account = await signingAccount(options.account);
        const draft = await rebuildDraft(contracts, readDraft(file));
        // Before it is on-chain: what is proposed can be read from the first moment.
        if (endpoints.blockStore) await storeDescription(endpoints.blockStore, draft.file.description);
        const sent = await propose(contracts, draft.track, draft.actions, draft.description, account);
        placed(`proposal ${sent.returned} on track ${draft.track}`, sent);
      }),
    );
