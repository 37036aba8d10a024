import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Progress } from "../indexing/progress.ts";

/** Figures for Prometheus, read from where the indexer is. */
export function indexerMetrics(progress: Progress): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: "indexer" });
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name: `keystrand_indexer_${name}`,
      help,
      registers: [registry],
      collect() {
        const value = read();
        if (value !== undefined) this.set(value);
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `keystrand_indexer_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  gauge("height", "Height of the newest indexed block", () => progress.head?.height);
  gauge("finalized_height", "Height up to which nothing will be undone", () => progress.finalized?.height);
  gauge("node_height", "Height of the node's best block", () => progress.tip?.best.height);
  gauge("lag_blocks", "Blocks between the indexed head and the node's", () => progress.lagBlocks);
  gauge("lag_seconds", "Seconds since the indexed head was the node's", () => progress.lagSeconds);
  gauge("deepest_rollback", "Most blocks undone at once since the start", () => progress.deepestRollback);
  counter("blocks", "Blocks written since the start", () => progress.blocks);
  counter("events", "Contract events written since the start", () => progress.events);
  counter("problems", "Events that could not be decoded or applied since the start", () => progress.problems);
  counter("rollbacks", "Reorganisations since the start", () => progress.rollbacks);
  return registry;
}
