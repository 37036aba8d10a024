/**
 * Generates `sdk/src/contracts/generated/NAME.ts` from the committed bundles: `node scripts/clients.ts [--check]`.
 *
 * Each file has the contract's types (shapes as in sdk/src/contracts/codec.ts), its messages and its interface.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Metadata, messageName } from "../sdk/src/contracts/abi.ts";
import { camelCase, type TypeDefinition } from "../sdk/src/contracts/codec.ts";
import { CONTRACT_NAMES } from "./contracts.ts";

const ROOT = join(import.meta.dirname, "..");
const OUTPUT = join(ROOT, "sdk/src/contracts/generated");

const SMALL = new Set(["u8", "u16", "u32", "i8", "i16", "i32"]);
const pascal = (name: string) => name[0]!.toUpperCase() + camelCase(name.slice(1));
const comment = (docs: readonly string[], indent: string): string => {
  const lines = docs
    .map((line) => line.trim())
    .filter((line, index, all) => line !== "" || index < all.length - 1);
  if (lines.length === 0) return "";
  const text = lines.join(`\n${indent} * `).replaceAll("*/", "* /");
  return `${indent}/** ${text} */\n`;
};

/** TypeScript for the types of one registry; named types are declared once. */
const typeWriter = (types: readonly TypeDefinition[]) => {
  const byId = new Map(types.map((each) => [each.id, each.type]));
  const names = new Map<number, string>();
  const taken = new Set<string>();
  const declarations: string[] = [];
  const isByte = (id: number) => byId.get(id)?.def.primitive === "u8";

  type Fields = readonly { name?: string | null | undefined; type: number }[];
  const fields = (list: Fields): string => {
    if (list.length === 0) return "null";
    if (list.length === 1 && !list[0]!.name) return reference(list[0]!.type);
    if (!list[0]!.name) return `readonly [${list.map((field) => reference(field.type)).join(", ")}]`;
    return `{ ${list.map((field) => `readonly ${camelCase(field.name!)}: ${reference(field.type)}`).join("; ")} }`;
  };

  const reference = (id: number): string => {
    const known = names.get(id);
    if (known) return known;
    const { path = [], def } = byId.get(id)!;
    const name = path.at(-1);
    if (name === "AccountId") return "Address";
    if (def.primitive === "bool") return "boolean";
    if (def.primitive === "str") return "string";
    if (def.primitive) return SMALL.has(def.primitive) ? "number" : "bigint";
    if (def.tuple) return fields(def.tuple.map((type) => ({ type })));
    if (def.array) return isByte(def.array.type) ? "Hex" : `readonly ${wrapped(reference(def.array.type))}[]`;
    if (def.sequence)
      return isByte(def.sequence.type) ? "Hex" : `readonly ${wrapped(reference(def.sequence.type))}[]`;
    const variants = def.variant?.variants ?? [];
    const inner = (variant: string) => fields(variants.find((each) => each.name === variant)?.fields ?? []);
    if (path.length === 1 && name === "Option") return `${wrapped(inner("Some"))} | null`;
    if (path.length === 1 && name === "Result") return `Result<${inner("Ok")}, ${inner("Err")}>`;
    let unique = pascal(name ?? `Type${id}`);
    // Two modules may use one name; the module's name then goes in front.
    if (taken.has(unique)) unique = `${pascal(path.at(-2) ?? "Other")}${unique}`;
    taken.add(unique);
    names.set(id, unique);
    declarations.push(`export type ${unique} = ${body(def)};`);
    return unique;
  };

  const wrapped = (text: string) =>
    (/[|&]/.test(text) && !text.startsWith("{")) || text.startsWith("readonly ") ? `(${text})` : text;

  const body = (def: TypeDefinition["type"]["def"]): string => {
    if (def.composite) return fields(def.composite.fields ?? []);
    const variants = def.variant?.variants ?? [];
    if (variants.length === 0) return "never";
    if (variants.every((variant) => (variant.fields ?? []).length === 0))
      return variants.map((variant) => `"${variant.name}"`).join(" | ");
    return variants
      .map(
        (variant) => `{ readonly type: "${variant.name}"; readonly value: ${fields(variant.fields ?? [])} }`,
      )
      .join(" | ");
  };
  return { reference, declarations };
};

const okOf = (metadata: Metadata, id: number): number | undefined => {
  // ink! wraps every return value in Result<_, LangError>.
  const type = metadata.types.find((each) => each.id === id)?.type;
  return type?.def.variant?.variants?.find((variant) => variant.name === "Ok")?.fields?.[0]?.type;
};

const generate = (name: string): string => {
  const bundle = JSON.parse(readFileSync(join(ROOT, `contracts-ink/artifacts/${name}.contract`), "utf8"));
  const metadata: Metadata = bundle;
  const { reference, declarations } = typeWriter(metadata.types);
  const argsOf = (args: readonly { label: string; type: { type: number } }[]) =>
    args.length === 0
      ? "Record<never, never>"
      : `{ ${args.map((arg) => `readonly ${camelCase(arg.label)}: ${reference(arg.type.type)}`).join("; ")} }`;
  const messages = metadata.spec.messages.map((spec) => {
    const ok = spec.returnType ? okOf(metadata, spec.returnType.type) : undefined;
    const returns = ok === undefined ? "null" : reference(ok);
    return `${comment(spec.docs, "  ")}  readonly ${messageName(spec.label)}: { readonly args: ${argsOf(spec.args)}; readonly returns: ${returns} };`;
  });
  const constructors = metadata.spec.constructors.map(
    (spec) => `  readonly ${camelCase(spec.label)}: { readonly args: ${argsOf(spec.args)} };`,
  );
  const events = metadata.spec.events.map((spec) => `  readonly ${spec.label}: ${argsOf(spec.args)};`);
  const { source, contract, types, spec } = bundle;
  const embedded = JSON.stringify({
    source: { hash: source.hash },
    contract: { name: contract.name },
    types,
    spec,
  });
  const used = [...messages, ...constructors, ...events, ...declarations].join("\n");
  const imports = ["Address", "Hex", "Result"].filter((each) => new RegExp(`\\b${each}\\b`).test(used));
  return `// Generated by scripts/clients.ts from contracts-ink/artifacts/${name}.contract; do not edit.
import { compileAbi } from "../abi.ts";
${imports.length > 0 ? `import type { ${imports.join(", ")} } from "../values.ts";\n` : ""}
${declarations.join("\n")}

export type ${pascal(name)}Messages = {
${messages.join("\n")}
};
export type ${pascal(name)}Constructors = {
${constructors.join("\n")}
};
export type ${pascal(name)}Events = {
${events.join("\n")}
};

export const ${name}Abi = /* @__PURE__ */ compileAbi(
  JSON.parse(${JSON.stringify(embedded)}),
);
`;
};

const main = () => {
  if (process.argv.includes("--help")) {
    console.log(
      "node scripts/clients.ts [--check]   writes the typed clients of sdk/src/contracts/generated from the bundles, or says which are stale",
    );
    return;
  }
  const check = process.argv.includes("--check");
  mkdirSync(OUTPUT, { recursive: true });
  const stale: string[] = [];
  for (const name of CONTRACT_NAMES) {
    if (!existsSync(join(ROOT, `contracts-ink/artifacts/${name}.contract`))) {
      console.error(`${name}: no bundle; run npm run contracts.`);
      process.exitCode = 1;
      continue;
    }
    const file = join(OUTPUT, `${name}.ts`);
    const text = generate(name);
    const same = existsSync(file) && readFileSync(file, "utf8") === text;
    if (check && !same) stale.push(name);
    if (!check && !same) writeFileSync(file, text);
  }
  if (stale.length > 0) {
    console.error(`Generated clients are stale: ${stale.join(", ")}. Run npm run clients.`);
    process.exitCode = 1;
  }
};

if (import.meta.main) main();
