/** What one caller sees of a node over its WebSocket. */
import { percentile } from "../table.ts";
import { type NodeKind, NodeProcess } from "./node-process.ts";
import { RpcClient } from "./rpc.ts";
import type { Work } from "./work.ts";

export interface ServerFigures {
  readonly bootMilliseconds: number;
  readonly transferP50: number;
  readonly transferP99: number;
  readonly callP50: number;
  readonly callP99: number;
  readonly burstSeconds: number;
  readonly dryRunsPerSecond: number;
  readonly megabytes: number | undefined;
}

async function latencies(client: RpcClient, extrinsics: readonly string[]): Promise<number[]> {
  const samples: number[] = [];
  for (const extrinsic of extrinsics) {
    const began = performance.now();
    await client.submit(extrinsic);
    samples.push(performance.now() - began);
  }
  return samples;
}

export async function measureServer(kind: NodeKind, work: Work, dryRuns: number): Promise<ServerFigures> {
  const node = await NodeProcess.start(kind);
  try {
    const client = await RpcClient.connect(node.url);
    await client.submit(work.deploy);
    const transfers = await latencies(client, work.transfers);
    let began = performance.now();
    await Promise.all(work.batch.map((extrinsic) => client.submit(extrinsic)));
    const burst = performance.now() - began;
    const calls = await latencies(client, work.calls);
    const { method, args } = work.dryRun;
    began = performance.now();
    for (let i = 0; i < dryRuns; i++) await client.call("state_call", [method, args]);
    const dry = performance.now() - began;
    client.close();
    return {
      bootMilliseconds: node.bootMilliseconds,
      transferP50: percentile(transfers, 0.5),
      transferP99: percentile(transfers, 0.99),
      callP50: percentile(calls, 0.5),
      callP99: percentile(calls, 0.99),
      burstSeconds: burst / 1000,
      dryRunsPerSecond: (dryRuns * 1000) / dry,
      megabytes: node.megabytes,
    };
  } finally {
    await node.stop();
  }
}

/** Median submit to in-block of the work's transfers, and boot, from a given genesis. */
export async function measureGrowthOfNode(
  kind: NodeKind,
  transfers: readonly string[],
): Promise<{ bootMilliseconds: number; transferP50: number }> {
  const node = await NodeProcess.start(kind);
  try {
    const client = await RpcClient.connect(node.url);
    const samples = await latencies(client, transfers);
    client.close();
    return { bootMilliseconds: node.bootMilliseconds, transferP50: percentile(samples, 0.5) };
  } finally {
    await node.stop();
  }
}
