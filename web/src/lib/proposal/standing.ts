import type { Parts } from "@keystrand/sdk/generated/governor";
import type { Chain } from "../chain/node.svelte.ts";

/** What one account has to do with one vote, at the proposal's snapshot. */
export interface StandingInVote {
  /** All voice of the account, kept and delegated away. */
  readonly voice: bigint;
  /** What it did not delegate away. */
  readonly kept: bigint;
  readonly delegatedToMe: bigint;
  readonly voted: boolean;
  readonly struck: boolean;
  readonly delegates: readonly {
    readonly delegate: string;
    readonly amount: bigint;
    readonly narrowOnly: boolean;
    /** How the delegate voted with it; null: not yet. */
    readonly parts: Parts | null;
  }[];
}

/** Asks the chain what an account has to do with a vote; null in the proposal's own block, whose voice is not final. */
export async function standingOf(
  { contracts }: Chain,
  proposal: number,
  account: string,
): Promise<StandingInVote | null> {
  const { governor, voice } = contracts;
  const head = await governor.query("proposal", { proposal });
  if (head === null) return null;
  const { number } = await contracts.api.rpc.chain.getHeader();
  if (number.toNumber() <= head.at.block) return null;
  const [snapshot, seat] = await Promise.all([
    voice.query("delegatedAt", { account, track: head.track, at: head.at }),
    governor.query("seat", { proposal, account }),
  ]);
  const delegates = await Promise.all(
    snapshot.entrusted.map(async ({ delegate, amount, narrowOnly }) => {
      const theirs = await governor.query("seat", { proposal, account: delegate });
      return { delegate, amount, narrowOnly, parts: theirs.delegated?.parts ?? null };
    }),
  );
  const away = snapshot.entrusted.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    voice: snapshot.voice,
    kept: snapshot.voice - away,
    delegatedToMe: snapshot.pool.free + snapshot.pool.narrowOnly,
    voted: seat.own !== null || seat.delegated !== null,
    struck: seat.struck,
    delegates,
  };
}
