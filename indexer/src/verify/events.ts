import { Abi } from "@polkadot/api-contract";
import type pg from "pg";
import { z } from "zod";
import { hex, type Json } from "../chain/scale.ts";
import { join } from "../chain/scale-write.ts";
import type { BundleFile } from "../files.ts";

/** A stored event whose fields do not say what its bytes say. */
export interface WrongEvent {
  position: string;
  contract: string;
  name: string | null;
  why: string;
}

const rowSchema = z.object({
  position: z.string(),
  contract: z.string(),
  code_hash: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
  name: z.string().nullable(),
  fields: z.record(z.string(), z.custom<Json>()).nullable(),
  problem: z.string().nullable(),
});

/** Rows that are read at a time. */
const ROWS = 1_000;

/**
 * Checks that each stored event's fields, encoded by @polkadot/api-contract, give the stored bytes: another
 * codec than the one that decoded them.
 */
export async function wrongEvents(
  client: Pick<pg.ClientBase, "query">,
  bundles: readonly BundleFile[],
): Promise<WrongEvent[]> {
  const abis = new Map(bundles.map(({ bundle, content }) => [bundle.source.hash, new Abi(content)]));
  const wrong: WrongEvent[] = [];
  for (let after = "-1"; ; ) {
    const { rows } = await client.query(
      `SELECT position::text, contract, code_hash, topics, data, name, fields, problem FROM contract_events
       WHERE contract_events.position > $1 ORDER BY contract_events.position LIMIT ${ROWS}`,
      [after],
    );
    for (const row of rows) {
      const event = rowSchema.parse(row);
      after = event.position;
      const why = wrongness(abis.get(event.code_hash), event);
      if (why !== undefined)
        wrong.push({ position: event.position, contract: event.contract, name: event.name, why });
    }
    if (rows.length < ROWS) return wrong;
  }
}

function wrongness(abi: Abi | undefined, event: z.infer<typeof rowSchema>): string | undefined {
  const { topics, name, fields, data, problem } = event;
  if (name === null || fields === null) {
    return problem === null ? "it has neither fields nor a problem" : undefined;
  }
  if (!abi) return "its code's metadata is missing";
  const definition = abi.events.find(({ identifier }) => identifier.split("::").at(-1) === name);
  if (!definition) return "its code has no such event";
  if (definition.signatureTopic && String(definition.signatureTopic) !== topics[0])
    return "its topic is of another event";
  const encoded = definition.args.map((argument) => {
    const given = fields[argument.name] ?? fields[snakeCase(argument.name)] ?? null;
    return abi.registry
      .createTypeUnsafe(argument.type.lookupName ?? argument.type.type, [camelCased(given)])
      .toU8a();
  });
  // Decoding replaced what PostgreSQL cannot hold: such text does not encode to its bytes again.
  if (JSON.stringify(fields).includes("\u{FFFD}")) return undefined;
  return hex(join(encoded)) === data ? undefined : "its fields do not encode to its bytes";
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string) =>
  name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());

/** @polkadot/types names struct fields in camel case, and enum variants as they are. */
function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [camelCase(name), camelCased(part)]));
}
