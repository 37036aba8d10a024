import { z } from "zod";

/**
 * What a service answers when it cannot do what was asked: problem details (RFC 9457) with a code that
 * programs can rely on and a sentence that tells a person what to do.
 */
export const problemSchema = z
  .object({
    /** HTTP status, repeated so that the body stands alone in a log. */
    status: z.int(),
    /** Stable, machine-readable, for example `block-missing`. */
    code: z.string(),
    /** What happened, in one sentence. */
    title: z.string(),
    /** What to do about it. */
    remedy: z.string().optional(),
    /** Fields that were wrong, where the request was. */
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export type Problem = z.infer<typeof problemSchema>;

/** Media type of a problem. */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";
