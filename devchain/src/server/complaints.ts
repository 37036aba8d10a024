/** How long lines of one kind stay away after the first, ms. */
const QUIET = 10_000;

/** Log lines about clients that misbehave: one for many of a kind, so that they cannot fill the log either. */
export class Complaints {
  readonly #tell: (line: string) => void;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { since: number; unsaid: number }>();

  /** @param now milliseconds; only differences matter */
  constructor(tell: (line: string) => void, now: () => number = Date.now) {
    this.#tell = tell;
    this.#now = now;
  }

  /** @param line the kind of misbehaviour, and its key */
  add(line: string): void {
    const now = this.#now();
    const known = this.#kinds.get(line);
    if (known !== undefined && now - known.since < QUIET) {
      known.unsaid++;
      return;
    }
    const more = known === undefined || known.unsaid === 0 ? "" : ` (and ${known.unsaid} times before)`;
    this.#kinds.set(line, { since: now, unsaid: 0 });
    this.#tell(`${line}${more}`);
  }
}
