import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { SeededRandom } from "./random.ts";

/** Values that break careless code: extremes, wrong types, text that a database or a decoder may refuse. */
const HOSTILE: readonly unknown[] = [
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  "",
  "\0",
  "\ud800",
  "'; DROP TABLE orders; --",
  "0x",
  `0x${"ff".repeat(32)}`,
  "9".repeat(40),
  "340282366920938463463374607431768211455",
  "a".repeat(5_000),
  "\u{202e}%_\\",
  "eyJ9",
  "WyIxIiwiMiJd",
  "WyJOYU4iLCJ4Il0",
  null,
  true,
  [],
  {},
  [[]],
];

/** A query of the schema's own shape, with arguments that are seldom what they should be. */
export interface RandomQuery {
  query: string;
  variables: Record<string, unknown>;
}

export function randomQuery(schema: GraphQLSchema, random: SeededRandom): RandomQuery {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];

  function value(type: GraphQLInputType, depth: number): unknown {
    if (random.chance(0.04)) return random.pick(HOSTILE);
    if (isNonNullType(type)) return value(type.ofType, depth);
    if (isListType(type))
      return Array.from({ length: random.pick([0, 1, 2, 101]) }, () => value(type.ofType, depth));
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(() => random.chance(2 / (depth + 2)));
      return Object.fromEntries(fields.map((field) => [field.name, value(field.type, depth + 1)]));
    }
    switch (getNamedType(type).name) {
      case "Int":
        return random.pick([0, 1, 3, 100, 101, -1, 2 ** 31 - 1]);
      case "Boolean":
        return random.chance(0.5);
      case "String":
        return random.chance(0.5)
          ? random.bytes(32)
          : random.pick(HOSTILE.filter((each) => typeof each === "string"));
      default:
        return random.chance(0.5) ? random.below(1_000) : String(random.amount((1n << 128n) - 1n));
    }
  }

  function selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields());
    // A question asks for little at the top, and for less the deeper it goes: most must be affordable.
    const wanted = depth === 0 ? 1.5 : 6 / (depth + 1);
    const chosen = fields.filter(() => random.chance(Math.min(0.8, wanted / fields.length)));
    const parts = (chosen.length === 0 ? fields.slice(0, 1) : chosen).flatMap((field) => {
      const target = getNamedType(field.type);
      if (isObjectType(target) && depth > 8) return [];
      const given = field.args.flatMap((argument) => {
        if (!isNonNullType(argument.type) && random.chance(0.5)) return [];
        const name = `v${declared.length}`;
        declared.push(`$${name}: ${String(argument.type)}`);
        variables[name] = value(argument.type, 0);
        return [`${argument.name}: $${name}`];
      });
      const call = given.length === 0 ? field.name : `${field.name}(${given.join(", ")})`;
      const alias = random.chance(0.1) ? `a${declared.length}_${depth}: ` : "";
      return [`${alias}${call}${isObjectType(target) ? selection(target, depth + 1) : ""}`];
    });
    return ` { __typename ${parts.join(" ")} }`;
  }

  const body = selection(schema.getQueryType()!, 0);
  return { query: `query${declared.length === 0 ? "" : `(${declared.join(", ")})`}${body}`, variables };
}
