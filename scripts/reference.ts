/**
 * Writes docs/contracts/reference.md from the bundles' metadata and the errors' doc comments:
 * `node scripts/reference.ts [--check]`. Metadata carries no docs of variants, so those are read in the sources.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTRACT_NAMES } from "./contracts.ts";
import { REMEDIES } from "./reference/remedies.ts";

const ROOT = join(import.meta.dirname, "..");
const CONTRACTS = join(ROOT, "contracts-ink");
const REFERENCE = join(ROOT, "docs/contracts/reference.md");

interface Named {
  readonly type: { readonly type: number; readonly displayName: readonly string[] };
  readonly label: string;
  readonly docs?: readonly string[];
  readonly indexed?: boolean;
}
interface Message {
  readonly label: string;
  readonly mutates: boolean;
  readonly payable: boolean;
  readonly args: readonly Named[];
  readonly returnType: { readonly type: number };
  readonly docs: readonly string[];
}
interface Field {
  readonly name?: string;
  readonly type: number;
  readonly typeName?: string;
}
interface Type {
  readonly path?: readonly string[];
  readonly params?: readonly { readonly name: string; readonly type?: number }[];
  readonly def: {
    readonly variant?: {
      readonly variants?: readonly { readonly name: string; readonly fields?: readonly Field[] }[];
    };
    readonly primitive?: string;
    readonly sequence?: { readonly type: number };
    readonly array?: { readonly len: number; readonly type: number };
    readonly tuple?: readonly number[];
  };
}
interface Bundle {
  readonly types: readonly { readonly id: number; readonly type: Type }[];
  readonly spec: {
    readonly constructors: readonly Message[];
    readonly messages: readonly Message[];
    readonly events: readonly {
      readonly label: string;
      readonly args: readonly Named[];
      readonly docs: readonly string[];
    }[];
  };
}

const bundle = (name: string): Bundle =>
  JSON.parse(readFileSync(join(CONTRACTS, "artifacts", `${name}.contract`), "utf8"));

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ["target", "tests", "artifacts"].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith(".rs") && entry.name !== "tests.rs" ? [readFileSync(path, "utf8")] : [];
  });

/** Doc comments of every error enum's variants, by "Enum.Variant". */
const variantDocs = (): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const source of sources(CONTRACTS))
    for (const [, name, body] of source.matchAll(/pub enum (\w+Error) \{\n([\s\S]*?)\n\s*\}\n/g)) {
      let docs: string[] = [];
      for (const line of body!.split("\n")) {
        const comment = /^\s*\/\/\/ ?(.*)$/.exec(line)?.[1];
        const variant = /^\s*([A-Z]\w*)/.exec(line)?.[1];
        if (comment !== undefined) docs.push(comment);
        else if (variant) {
          found.set(`${name}.${variant}`, docs.join(" "));
          docs = [];
        }
      }
    }
  return found;
};

/** A header's first paragraph: what the contract is for. */
const purposeOf = (name: string): string =>
  readFileSync(join(CONTRACTS, name, "lib.rs"), "utf8")
    .split("\n")
    .filter((_line, index, all) => all.slice(0, index + 1).every((before) => before.startsWith("//!")))
    .map((line) => line.replace(/^\/\/! ?/, ""))
    .join("\n")
    .replace(/^# .*\n/, "")
    .split(/\n#+ /)[0]!
    .trim();

/** Doc comments of messages that come from traits, by message: metadata has those of impls only. */
const traitDocs = (): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const source = readFileSync(join(CONTRACTS, "commons/src/interface.rs"), "utf8");
  for (const [, body] of source.matchAll(/pub trait \w+ \{\n([\s\S]*?)\n\}\n/g)) {
    let docs: string[] = [];
    for (const line of body!.split("\n")) {
      const comment = /^\s*\/\/\/ ?(.*)$/.exec(line)?.[1];
      const message = /^\s*fn (\w+)/.exec(line)?.[1];
      if (comment !== undefined) docs.push(comment);
      else if (message) {
        found.set(message, docs.join(" "));
        docs = [];
      }
    }
  }
  return found;
};
const TRAIT_DOCS = traitDocs();

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ").trim();
const prose = (docs: readonly string[] = []) => cell(docs.map((line) => line.trim()).join(" "));

/** A type as Rust would write it, short. */
const shown = ({ types }: Bundle, id: number): string => {
  const { path = [], params = [], def } = types[id]!.type;
  const of = (inner: number) => shown({ types } as Bundle, inner);
  const name = path.at(-1);
  if (name === "Result" || name === "Option") {
    const inner = params.map((param) => (param.type === undefined ? "?" : of(param.type)));
    return `${name}<${inner.join(", ")}>`;
  }
  if (name) return name;
  if (def.primitive) return def.primitive;
  if (def.sequence)
    return def.sequence && of(def.sequence.type) === "u8" ? "bytes" : `Vec<${of(def.sequence.type)}>`;
  if (def.array) return `[${of(def.array.type)}; ${def.array.len}]`;
  if (def.tuple) return `(${def.tuple.map(of).join(", ")})`;
  return "?";
};

/** ink! wraps every answer in its own Result; a reader wants what is inside. */
const answer = (of: Bundle, id: number): string => shown(of, id).replace(/^Result<(.*), LangError>$/, "$1");

const signature = (of: Bundle, { label, args }: Message) =>
  `${label.split("::").at(-1)}(${args.map((arg) => `${arg.label}: ${shown(of, arg.type.type)}`).join(", ")})`;

const told = ({ label, docs }: Message) =>
  prose(docs) || cell(TRAIT_DOCS.get(label.split("::").at(-1)!) ?? "");

const messages = (of: Bundle, mutates: boolean): string[] => {
  const rows = of.spec.messages.filter((message) => message.mutates === mutates);
  if (rows.length === 0) return [];
  return [
    mutates ? "### Messages" : "### Views",
    "",
    ...rows.flatMap((message) => [
      `- \`${signature(of, message)}\` -> \`${answer(of, message.returnType.type)}\`${message.payable ? " (payable)" : ""}`,
      ...(told(message) ? [`  <br>${told(message)}`] : []),
    ]),
    "",
  ];
};

const events = ({ spec }: Bundle): string[] => [
  "### Events",
  "",
  "| event | fields (**topic**) | what it tells |",
  "|---|---|---|",
  ...spec.events.map(
    ({ label, args, docs }) =>
      `| ${label} | ${args.map((arg) => (arg.indexed ? `**${arg.label}**` : arg.label)).join(", ")} | ${prose(docs)} |`,
  ),
  "",
];

const errorsOf = ({ types }: Bundle): string[] =>
  types.flatMap(({ type }) => {
    const name = type.path?.at(-1) ?? "";
    return /Error$/.test(name) && name !== "LangError" ? [name] : [];
  });

const errors = (bundles: readonly Bundle[], docs: ReadonlyMap<string, string>): string[] => {
  const unadvised: string[] = [];
  const used = new Set<string>();
  const seen = new Map<string, Type>();
  for (const { types } of bundles)
    for (const { type } of types) {
      const name = type.path?.at(-1) ?? "";
      if (/Error$/.test(name) && name !== "LangError") seen.set(name, type);
    }
  const text = [...seen].sort().flatMap(([name, { def }]) => [
    `### ${name}`,
    "",
    "| refusal | why | what to do |",
    "|---|---|---|",
    ...(def.variant?.variants ?? []).map((variant) => {
      const key = REMEDIES[`${name}.${variant.name}`] ? `${name}.${variant.name}` : variant.name;
      const remedy = REMEDIES[key];
      used.add(key);
      if (!remedy) unadvised.push(`${name}.${variant.name}`);
      const fields = (variant.fields ?? []).map((field) => field.name ?? field.typeName ?? "").join(", ");
      const words = variant.name.replaceAll(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
      const why = cell(docs.get(`${name}.${variant.name}`) || `${words}.`);
      return `| ${variant.name}${fields ? ` (${fields})` : ""} | ${why} | ${cell(remedy ?? "")} |`;
    }),
    "",
  ]);
  const idle = Object.keys(REMEDIES).filter((key) => !used.has(key));
  if (unadvised.length > 0)
    throw new Error(`Say what to do in scripts/reference/remedies.ts: ${unadvised.join(", ")}`);
  if (idle.length > 0) throw new Error(`No contract has these refusals any more: ${idle.join(", ")}`);
  return text;
};

const reference = (): string => {
  const bundles = CONTRACT_NAMES.map((name) => [name, bundle(name)] as const);
  return [
    "# Contract reference",
    "",
    "Generated by `node scripts/reference.ts` from the bundles' metadata and the sources' doc comments; do not edit.",
    "Amounts are in the chain's smallest unit, times in ms since 1970. What messages cost: [costs.md](costs.md).",
    "",
    ...bundles.flatMap(([name, of]) => [
      `## ${name}`,
      "",
      purposeOf(name),
      "",
      `Constructor: ${of.spec.constructors.map((each) => `\`${signature(of, each)}\``).join(", ")}. Refusals: ${errorsOf(
        of,
      )
        .sort()
        .map((error) => `[${error}](#${error.toLowerCase()})`)
        .join(", ")}.`,
      "",
      ...messages(of, true),
      ...messages(of, false),
      ...events(of),
    ]),
    "## Refusals",
    "",
    "A refused call changes nothing but the fee. A refusal inside another is written `Outer(Inner)`.",
    "",
    ...errors(
      bundles.map(([, of]) => of),
      variantDocs(),
    ),
  ].join("\n");
};

const text = reference();
if (!process.argv.includes("--check")) writeFileSync(REFERENCE, text);
else if (readFileSync(REFERENCE, "utf8") !== text) {
  console.error("docs/contracts/reference.md is stale: run node scripts/reference.ts");
  process.exit(1);
}
