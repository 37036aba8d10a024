import { execFileSync, spawnSync } from "node:child_process";

/** Whether Debian's bcftools (or any) is on PATH. */
export const hasBcftools = spawnSync("bcftools", ["--version"]).status === 0;

/**
 * AC and AN as bcftools computes them for some samples of a VCF: one line a row, `POS REF ALT AC AN` with tabs.
 *
 * `view -s`, not `+fill-tags`: version 1.16 of that plugin miscounts genotypes of more than two alleles.
 */
export function bcftoolsCounts(vcf: string, samples: readonly string[]): string {
  const run = (args: readonly string[], input: string) =>
    execFileSync("bcftools", args, {
      input,
      encoding: "utf8",
      maxBuffer: 2 ** 30,
      stdio: ["pipe", "pipe", "ignore"],
    });
  // bcftools asks for each contig in the header; VCF does not.
  const contigs = new Set([...vcf.matchAll(/^([^#\t\n]+)\t/gm)].map((match) => match[1]));
  const declared = [...contigs]
    .filter((id) => !vcf.includes(`##contig=<ID=${id}`))
    .map((id) => `##contig=<ID=${id}>\n`);
  const complete = vcf.replace(/^#CHROM/m, `${declared.join("")}#CHROM`);
  return run(
    ["query", "-f", "%POS\t%REF\t%ALT\t%AC\t%AN\n", "-"],
    run(["view", "-s", samples.join(","), "-"], complete),
  );
}
