/** Typed synchronous events. `Events` maps a name to its payload. */
export class Listeners<Events> {
  readonly #byName = new Map<keyof Events, Set<(event: never) => void>>();

  /** @returns a function that stops listening */
  add<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls every listener, also after one has thrown; then throws what they threw. */
  tell<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const faults: unknown[] = [];
    for (const listener of [...(this.#byName.get(name) ?? [])]) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, `Listeners of ${String(name)} failed`);
  }
}
