import { writeFileSync } from "node:fs";
import { z } from "zod";
import type { Hex } from "../chain/types.ts";
import { ascii, toHex } from "../codec/bytes.ts";
import { beginAgain, type RawChainSpec } from "../genesis/chain-spec.ts";
import { NodeClient } from "./client.ts";

const hex = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/)
  .transform((text) => text as Hex);
const changeSets = z.array(z.object({ changes: z.array(z.tuple([hex, hex.nullable()])) }));

const CHILD_PREFIX = toHex(ascii(":child_storage:default:"));
/** What the node answers at most for one page of keys. */
const PAGE = 1000;
/** Values asked for at once: `:code` is megabytes in hexadecimal, and answers have 15 MB at most. */
const VALUES = 100;

/**
 * Writes the state of a node, any node, as a raw chain spec, from which this chain and the real node start.
 * @param at default: the last final block
 * @returns number of keys, child tries' included
 * @throws NodeError, and the system's errors of writing a file
 */
export async function exportState(url: string, file: string, at?: string): Promise<number> {
  const node = await NodeClient.connect(url);
  try {
    const block = at ?? (await node.call("chain_getFinalizedHead", [], hex));
    const name = await node.call("system_chain", [], z.string());
    const properties = await node.call("system_properties", [], z.record(z.string(), z.json()));
    const chainType = await node.call("system_chainType", [], z.json());
    const top: Record<string, string> = {};
    const childrenDefault: Record<string, Record<string, string>> = {};
    for (const key of await keysOf(node, "state_getKeysPaged", ["0x"], block))
      if (key.startsWith(CHILD_PREFIX)) childrenDefault[`0x${key.slice(CHILD_PREFIX.length)}`] = {};
      else top[key] = "";
    await readTop(node, top, block);
    for (const [child, entries] of Object.entries(childrenDefault))
      await readChild(node, `${CHILD_PREFIX}${child.slice(2)}` as Hex, entries, block);
    beginAgain(top);
    const spec = {
      name,
      id: "exported",
      chainType: typeof chainType === "string" ? chainType : { Custom: name },
      bootNodes: [],
      telemetryEndpoints: null,
      protocolId: null,
      properties,
      codeSubstitutes: {},
      genesis: { raw: { top, childrenDefault } },
    } satisfies RawChainSpec;
    writeFileSync(file, `${JSON.stringify(spec, null, 1)}\n`);
    return [top, ...Object.values(childrenDefault)].reduce((sum, keys) => sum + Object.keys(keys).length, 0);
  } finally {
    node.close();
  }
}

async function keysOf(
  node: NodeClient,
  method: string,
  before: readonly string[],
  block: string,
): Promise<Hex[]> {
  const keys: Hex[] = [];
  for (;;) {
    const page = await node.call(method, [...before, PAGE, keys.at(-1) ?? null, block], z.array(hex));
    keys.push(...page);
    if (page.length < PAGE) return keys;
  }
}

async function readTop(node: NodeClient, top: Record<string, string>, block: string): Promise<void> {
  const keys = Object.keys(top);
  for (let from = 0; from < keys.length; from += VALUES) {
    const some = keys.slice(from, from + VALUES);
    for (const { changes } of await node.call("state_queryStorageAt", [some, block], changeSets))
      for (const [key, value] of changes) if (value !== null) top[key] = value;
  }
}

async function readChild(
  node: NodeClient,
  child: Hex,
  entries: Record<string, string>,
  block: string,
): Promise<void> {
  const keys = await keysOf(node, "childstate_getKeysPaged", [child, "0x"], block);
  for (let from = 0; from < keys.length; from += VALUES) {
    const some = keys.slice(from, from + VALUES);
    const values = await node.call(
      "childstate_getStorageEntries",
      [child, some, block],
      z.array(hex.nullable()),
    );
    for (const [index, key] of some.entries()) {
      const value = values[index];
      if (value) entries[key] = value;
    }
  }
}
