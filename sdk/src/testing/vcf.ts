/** A VCF from rows of `CHROM POS REF ALT FORMAT sample...`, separated by blanks. */
export function vcfOf(
  samples: readonly string[],
  rows: readonly string[],
  { meta = [] as readonly string[], end = "\n" } = {},
): string {
  const header = [
    "##fileformat=VCFv4.2",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">',
    ...meta,
    ["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT", ...samples].join(" "),
  ];
  const body = rows.map((row) => {
    const [chrom, pos, ref, alt, format, ...columns] = row.split(" ");
    return [chrom, pos, ".", ref, alt, ".", ".", ".", format, ...columns].join(" ");
  });
  return [...header, ...body]
    .map((line) => (line.startsWith("##") ? line : line.replaceAll(" ", "\t")) + end)
    .join("");
}
