/** Runs work later. Passed in so that tests hold the time. */
export interface Scheduler {
  /** Runs `work` once, `milliseconds` from now (0: after what is already queued). Returns a function that cancels it. */
  after(milliseconds: number, work: () => void): () => void;
}

/** The platform's timers. */
export const systemScheduler: Scheduler = {
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};
