import type { Scheduler } from "./scheduler.ts";

/** Timers that fire when the test says so, in the order they are due. */
export class VirtualTime implements Scheduler {
  /** Milliseconds. */
  now = 0;
  private order = 0;
  private readonly waiting = new Set<{ due: number; order: number; work: () => void }>();

  after(milliseconds: number, work: () => void): () => void {
    this.order += 1;
    const timer = { due: this.now + milliseconds, order: this.order, work };
    this.waiting.add(timer);
    return () => this.waiting.delete(timer);
  }

  /** Lets time pass, with all that becomes due. 0: only what is due already. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const [next] = [...this.waiting]
        .filter(({ due }) => due <= end)
        .sort((a, b) => a.due - b.due || a.order - b.order);
      if (!next) break;
      this.waiting.delete(next);
      this.now = Math.max(this.now, next.due);
      next.work();
    }
    this.now = end;
  }

  get pending(): number {
    return this.waiting.size;
  }
}
