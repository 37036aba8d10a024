import { readFileSync } from "node:fs";
import { BaseError } from "@keystrand/sdk/errors";
import type { Purpose } from "@keystrand/sdk/generated/escrow";
import { decisionSentence, escrowSentence, quoteOrder, requestsFor } from "@keystrand/sdk/orders";
import { Command } from "commander";
import { z } from "zod";
import { tokens } from "../demo/order-life.ts";
import { runningSystem } from "../system.ts";

/** The file with a purpose is not one. */
class PurposeFileError extends BaseError {
  override readonly name = "PurposeFileError";
}

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/);
/** A purpose as a buyer writes it; region as two letters. */
const purposeSchema = z.object({
  kind: z.enum(["Disease", "Health", "Ancestry", "General", "Methods", "ClinicalCare"]),
  diseases: z.array(z.int().positive()).default([]),
  geneticStudy: z.boolean(),
  nonProfit: z.boolean(),
  commercialUse: z.boolean(),
  region: z.string().regex(/^[A-Z]{2}$/),
  months: z.int().positive(),
  publishAt: z.int().nullable().default(null),
  project: bytes32,
  populations: z.int().min(0).max(15).default(0),
});

const readPurpose = (file: string): Purpose => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new PurposeFileError(`${file} cannot be read as JSON.`, { cause });
  }
  const parsed = purposeSchema.safeParse(json);
  if (!parsed.success)
    throw new PurposeFileError(`${file} does not hold a purpose.`, {
      happened: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`),
      remedy: "See the example in docs/guide/buyer.md.",
    });
  const { publishAt, region, ...rest } = parsed.data;
  return {
    ...rest,
    region: `0x${Buffer.from(region).toString("hex")}`,
    publishAt: publishAt === null ? null : BigInt(publishAt),
  };
};

interface QuoteOptions {
  readonly collection: string;
  readonly dataset: string[];
  readonly purpose: string;
  readonly buyer: string;
}

/** A reader key for a quote only: nothing is sealed to it. */
const NO_READER = `0x09${"00".repeat(31)}`;

export const quoteCommand = (): Command =>
  new Command("quote")
    .description(
      "Says line by line what would be approved or refused, by whose rule, at what cost. Sends nothing.",
    )
    .requiredOption("-c, --collection <number>", "collection")
    .requiredOption("-d, --dataset <id...>", "dataset ids")
    .requiredOption("-p, --purpose <file>", "JSON file with the purpose")
    .requiredOption("-b, --buyer <address>", "the account that would pay")
    .action(async (options: QuoteOptions) => {
      const system = await runningSystem();
      try {
        const requests = await requestsFor(system.contracts, {
          collection: Number(options.collection),
          datasets: options.dataset,
          purpose: readPurpose(options.purpose),
          readerKey: NO_READER,
        });
        for (const request of requests) {
          const quote = await quoteOrder(system.contracts, options.buyer, request);
          for (const line of quote.lines)
            console.log(
              `${line.dataset}  ${tokens(line.price).padStart(8)}  ${decisionSentence(line.decision)}`,
            );
          console.log(
            quote.refusal
              ? `The order would be refused. ${escrowSentence(quote.refusal)}`
              : `The order would be ${quote.state}: ${quote.live} datasets for ${tokens(quote.total)} tokens, policy version ${quote.policyVersion}.`,
          );
        }
      } finally {
        await system.disconnect();
      }
    });
