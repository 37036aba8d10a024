import { getContext, setContext } from "svelte";
import { z } from "zod";
import { ChainNode } from "./chain/node.svelte.ts";
import type { Configuration } from "./configuration.ts";
import { IndexerUnavailable, streamAddress } from "./indexer/ask.ts";
import { INDEXED, type Indexed, indexed } from "./indexer/values.ts";
import { Wallet } from "./wallet/wallet.svelte.ts";

/** How often the indexer is asked how far behind the node it is, ms. */
const ASK_STATUS = 10_000;
/** Blocks behind the node from which a person is told: fewer are normal between two blocks. */
const BEHIND = 5;

const streamed = z.object({ data: z.object({ indexed }) });
const status = z.object({ lagBlocks: z.number().nullable() });

/** What all pages share: where the system is, the newest block that the indexer shows, who signs. */
export class Session {
  readonly configuration: Configuration;
  readonly node: ChainNode;
  readonly wallet: Wallet;
  /** Changes with each indexed block; pages read anew when it does. */
  indexed = $state<Indexed | null>(null);
  connected = $state<boolean | null>(null);
  lagBlocks = $state<number | null>(null);
  now = $state(Date.now());

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.node = new ChainNode(configuration);
    this.wallet = new Wallet(configuration.genesis);
  }

  get behind(): number | null {
    return this.lagBlocks !== null && this.lagBlocks > BEHIND ? this.lagBlocks : null;
  }

  get wrongChain(): boolean {
    const { genesis } = this.configuration;
    return genesis !== null && this.indexed !== null && this.indexed.genesis !== genesis;
  }

  /** Follows the indexer until the returned function is called. */
  follow(): () => void {
    const stream = new EventSource(streamAddress(this.configuration.indexer, `subscription { ${INDEXED} }`));
    stream.addEventListener("open", () => {
      this.connected = true;
    });
    stream.addEventListener("next", ({ data }: MessageEvent<string>) => {
      const told = streamed.safeParse(JSON.parse(data));
      if (told.success) this.indexed = told.data.data.indexed;
    });
    // The browser connects again by itself.
    stream.addEventListener("error", () => {
      this.connected = false;
    });
    const askStatus = async () => {
      try {
        const response = await fetch(new URL("/status", this.configuration.indexer));
        this.lagBlocks = response.ok ? status.parse(await response.json()).lagBlocks : null;
      } catch {
        // The stream's state already says that the indexer is gone; an old lag would be a wrong one.
        this.lagBlocks = null;
      }
    };
    void askStatus();
    const asking = setInterval(askStatus, ASK_STATUS);
    const ticking = setInterval(() => {
      this.now = Date.now();
    }, 1_000);
    return () => {
      stream.close();
      clearInterval(asking);
      clearInterval(ticking);
    };
  }
}

const KEY = Symbol("session");
export const provideSession = (session: Session): Session => setContext(KEY, session);
export const useSession = (): Session => getContext<Session>(KEY);

/** What a page shows: nothing yet, an answer (the last good one stays while a newer fails), or a failure. */
export class Reading<T> {
  answer = $state.raw<{ readonly value: T } | null>(null);
  failure = $state.raw<IndexerUnavailable | null>(null);
  #again = $state(0);

  /** Reads now, at each new block, and whenever what `read` depends on changes. Call while a component is made. */
  constructor(session: Session, read: (indexer: string) => Promise<T>) {
    $effect(() => {
      void session.indexed?.head.hash;
      void this.#again;
      let current = true;
      read(session.configuration.indexer).then(
        (value) => {
          if (!current) return;
          this.answer = { value };
          this.failure = null;
        },
        (error: unknown) => {
          if (!current) return;
          if (!(error instanceof IndexerUnavailable)) throw error;
          this.failure = error;
        },
      );
      return () => {
        current = false;
      };
    });
  }

  retry(): void {
    this.#again++;
  }
}
