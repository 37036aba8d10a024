import type pg from "pg";
import { FreshReads, SnapshotReads } from "../database/reads.ts";
import type { Progress } from "../indexing/progress.ts";
import { type GraphContext, Loaders } from "./builder.ts";

/** A context whose queries all see one height, and what ends it. */
export function snapshotContext(
  pool: pg.Pool,
  progress: Progress,
): { context: GraphContext; end: () => Promise<void> } {
  const reads = new SnapshotReads(pool);
  return { context: { reads, progress, loaders: new Loaders(reads, true) }, end: () => reads.end() };
}

/** A context for a subscription: it outlives heights, so each query sees the newest one. */
export function liveContext(pool: pg.Pool, progress: Progress): GraphContext {
  const reads = new FreshReads(pool);
  return { reads, progress, loaders: new Loaders(reads, false) };
}
