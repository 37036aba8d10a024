/** Numbers that a seed decides: the same seed, the same run. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** In [0, 1). mulberry32: small, and good enough to choose with. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In 0..below. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }

  /** `length` bytes as 0x hex. */
  bytes(length: number): string {
    let text = "0x";
    for (let index = 0; index < length; index++) text += this.below(256).toString(16).padStart(2, "0");
    return text;
  }

  /** Up to `most`, small ones and the extremes more often than others. */
  amount(most: bigint): bigint {
    if (this.chance(0.02)) return most;
    if (this.chance(0.05)) return 0n;
    return BigInt(this.below(2 ** 31)) % (most + 1n);
  }
}
