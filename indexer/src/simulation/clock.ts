import type { Clock } from "../clock.ts";

/**
 * Time that passes only when nothing else happens: no statement runs and no answer is under way. So a seed
 * decides everything, and pauses of seconds cost nothing.
 */
export class SimulatedClock implements Clock {
  #now = 1_700_000_000_000;
  #sleepers: { at: number; order: number; wake: () => void }[] = [];
  #order = 0;
  #stopped = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#now + ms, order: this.#order++, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        resolve();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Lets time pass until `stop`.
   *
   * @param busy resolves when no statement is under way
   * @param idle is told each time before the clock moves
   */
  async run(busy: () => Promise<void> | undefined, idle: () => void): Promise<void> {
    let quiet = 0;
    while (!this.#stopped) {
      const work = busy();
      if (work) {
        await work;
        quiet = 0;
      }
      await new Promise((resolve) => setImmediate(resolve));
      // What a statement's end or an answer sets off needs a few turns of the event loop.
      if (busy() || ++quiet < 4) continue;
      quiet = 0;
      idle();
      this.#sleepers.sort((left, right) => left.at - right.at || left.order - right.order);
      const next = this.#sleepers.shift();
      if (!next) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    for (const { wake } of this.#sleepers) wake();
  }
}
