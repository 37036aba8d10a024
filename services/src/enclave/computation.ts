import { type CohortFrequencies, CohortTooSmallError, cohortFrequencies, VcfError } from "@keystrand/sdk/vcf";

/** Name and version of the computation; a change of what it gives is a new version. */
export const COMPUTATION = "keystrand/allele-frequencies/1";

/** One dataset of a cohort, decrypted as it is read. */
export interface CohortMember {
  /** Id of the dataset, hex. */
  readonly dataset: string;
  /** The plain VCF. May be called again. */
  read(): AsyncIterable<Uint8Array>;
  /** Whether an error of `read` says that the content itself is wrong, and not that it cannot be had now. */
  isUnusable(error: unknown): boolean;
}

/** A dataset that is not what it should be. */
export interface UnusableDataset {
  readonly dataset: string;
  /** Name of the error's class: says what is wrong and nothing of the content. */
  readonly reason: string;
}

/** What was computed. */
export interface CohortResult {
  /** Null when fewer datasets than the smallest cohort can be used. */
  readonly frequencies: CohortFrequencies | null;
  readonly unusable: readonly UnusableDataset[];
}

/**
 * Allele frequencies of a cohort of one person a dataset, over called alleles only. A dataset that turns out to be
 * unusable adds nothing: the sums are made again without it, since half of its alleles may be in them by then.
 */
export async function computeFrequencies(
  members: readonly CohortMember[],
  minCohort: number,
): Promise<CohortResult> {
  const unusable: UnusableDataset[] = [];
  let usable = members;
  for (;;) {
    let reading: CohortMember | undefined;
    try {
      const people = usable.map((member) => () => {
        reading = member;
        return member.read();
      });
      return { frequencies: await cohortFrequencies(people, minCohort), unusable };
    } catch (error) {
      if (error instanceof CohortTooSmallError) return { frequencies: null, unusable };
      const broken = reading;
      if (broken === undefined || !(error instanceof VcfError || broken.isUnusable(error))) throw error;
      unusable.push({ dataset: broken.dataset, reason: error instanceof Error ? error.name : "Error" });
      usable = usable.filter((member) => member !== broken);
    }
  }
}
