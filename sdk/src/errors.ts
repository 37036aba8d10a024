/** What an error tells besides its first sentence. */
export interface BaseErrorOptions {
  /** What happened, in facts: a line number, a length, a name that is not secret. */
  readonly happened?: readonly string[] | undefined;
  /** What the reader can do about it, as an instruction. */
  readonly remedy?: string | undefined;
  /** The error below this one. */
  readonly cause?: unknown;
}

/**
 * Base of every error that this package throws on purpose.
 *
 * `message` is for people and has three parts: one short sentence, what happened, what to do. Programs ask for the
 * class (`instanceof`) or for `code`; they do not read the message. Each class names itself in `name`, because a
 * bundler renames classes.
 *
 * Nothing secret and nothing that names a person goes into an error: errors end in logs.
 *
 * @example
 * ```ts
 * class LineRefusedError extends BaseError {
 *   override readonly name = "LineRefusedError";
 *   constructor(line: number) {
 *     super(`Line ${line} was refused.`, {
 *       happened: ["The consent does not admit commercial use."],
 *       remedy: "Leave the line out, or declare a non-commercial use.",
 *     });
 *   }
 * }
 * ```
 */
export class BaseError extends Error {
  override readonly name: string = "BaseError";
  /** The first sentence of the message. */
  readonly summary: string;
  /** What happened, in facts. */
  readonly happened: readonly string[];
  /** What to do, where something can be done. */
  readonly remedy: string | undefined;

  /** @param summary - one short sentence, with its full stop */
  constructor(summary: string, options: BaseErrorOptions = {}) {
    const happened = options.happened ?? [];
    const parts = [summary];
    if (happened.length > 0) parts.push(`What happened: ${happened.join(" ")}`);
    if (options.remedy !== undefined) parts.push(`What to do: ${options.remedy}`);
    super(parts.join("\n"), options.cause === undefined ? undefined : { cause: options.cause });
    this.summary = summary;
    this.happened = happened;
    this.remedy = options.remedy;
  }

  /** Stable name for programs, from the class's name: `LineRefusedError` is `line-refused`. */
  get code(): string {
    return this.name
      .replace(/Error$/, "")
      .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
      .toLowerCase();
  }

  /** The error at the bottom of the chain of causes. */
  walk(): unknown;
  /** The first error of the chain, this one included, that the predicate accepts; `undefined` if none is. */
  walk(accepts: (error: unknown) => boolean): unknown;
  walk(accepts?: (error: unknown) => boolean): unknown {
    const seen = new Set<unknown>();
    let current: unknown = this;
    while (!seen.has(current)) {
      if (accepts?.(current)) return current;
      seen.add(current);
      const below = current instanceof Error ? current.cause : undefined;
      if (below === undefined) break;
      current = below;
    }
    return accepts === undefined ? current : undefined;
  }
}
