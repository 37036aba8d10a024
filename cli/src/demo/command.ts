import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { homeFolder, runningSystem } from "../system.ts";
import { streamOutput } from "../timeline.ts";
import { runMainJob } from "./main-job.ts";
import { readPeople } from "./split.ts";

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 2_500)
    throw new InvalidArgumentError("It is a number from 1 to 2500.");
  return value;
};

export const demoCommand = (): Command =>
  new Command("demo")
    .description(
      "The main job on a VCF: datasets, consents, policy, order, result, money, withdrawal, refusals.",
    )
    .requiredOption("--vcf <file>", "plain, gzip or bgzip VCF with 1 to 2500 samples")
    .option("--samples <number>", "use the first so many people only", count)
    .option("--json <file>", "write what happened to a file")
    .option("--no-decisions", "leave out what the members decide after the job")
    .action(async (options: { vcf: string; samples?: number; json?: string; decisions: boolean }) => {
      const output = streamOutput(process.stdout);
      const system = await runningSystem();
      const split = await readPeople(options.vcf, options.samples, output).catch(async (error: unknown) => {
        await system.disconnect();
        throw error;
      });
      try {
        mkdirSync(join(homeFolder(), "results"), { recursive: true });
        const outcome = await runMainJob({
          contracts: system.contracts,
          services: system.endpoints,
          secret: system.secret,
          people: split.people,
          output,
          decisions: options.decisions,
          resultFile: join(homeFolder(), "results", "allele-frequencies.vcf"),
        });
        if (options.json) writeFileSync(options.json, `${JSON.stringify(outcome, null, 2)}\n`);
      } finally {
        split.remove();
        await system.disconnect();
      }
    });
