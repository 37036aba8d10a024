import type { Session } from "../session.svelte.ts";
import { type Failure, failureOf } from "../transaction/failure.ts";
import type { Chain } from "./node.svelte.ts";

/** What the chain itself says, read anew at each block; the last good answer stays while a newer one fails. */
export class ChainReading<T> {
  answer = $state.raw<{ readonly value: T } | null>(null);
  failure = $state.raw<Failure | null>(null);

  /** Reads now, at each new block, and whenever what `read` depends on changes. Call while a component is made. */
  constructor(
    session: Session,
    read: (chain: Chain) => () => Promise<T>,
    /** Whether there is something to ask yet: until then, nothing is connected to and no library is loaded. */
    wanted: () => boolean = () => true,
  ) {
    let chain = $state.raw<Chain | null>(null);
    $effect(() => {
      void session.indexed?.head.hash;
      if (!wanted()) return;
      if (chain === null) {
        session.node.chain().then(
          (connected) => {
            chain = connected;
          },
          (error: unknown) => {
            this.failure = failureOf(error);
          },
        );
        return;
      }
      let current = true;
      read(chain)().then(
        (value) => {
          if (!current) return;
          this.answer = { value };
          this.failure = null;
        },
        (error: unknown) => {
          if (current) this.failure = failureOf(error);
        },
      );
      return () => {
        current = false;
      };
    });
  }
}
