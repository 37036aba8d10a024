import { z } from "zod";
import type { DecodedEvent } from "./block.ts";
import {
  compileTypes,
  type Decode,
  type Json,
  portableTypesSchema,
  ScaleError,
  ScaleInput,
  unhex,
} from "./scale.ts";

const typeReference = z.object({ type: z.number() });
const eventSchema = z.object({
  label: z.string(),
  signature_topic: z.string().nullish(),
  args: z.array(z.object({ label: z.string(), indexed: z.boolean(), type: typeReference })),
});

/** A `.contract` bundle, or the metadata file without the Wasm, of ink! 5. */
export const bundleSchema = z.object({
  source: z.object({ hash: z.string().regex(/^0x[0-9a-f]{64}$/) }),
  contract: z.object({ name: z.string() }),
  spec: z.object({
    events: z.array(eventSchema),
    messages: z.array(
      z.object({ label: z.string(), selector: z.string(), returnType: typeReference.nullish() }),
    ),
  }),
  types: portableTypesSchema,
});
export type Bundle = z.infer<typeof bundleSchema>;

interface EventLayout {
  name: string;
  /** How many topics its emission carries. */
  topics: number;
  fields: { name: string; decode: Decode }[];
}

/** The events and messages of one contract's code. */
export class ContractAbi {
  readonly contract: string;
  readonly codeHash: string;
  readonly #bySignature = new Map<string, EventLayout>();
  readonly #anonymous: EventLayout[] = [];
  readonly #messages: Map<string, string>;
  readonly #returns = new Map<string, { selector: string; decode: Decode }>();

  constructor(bundle: Bundle) {
    this.contract = bundle.contract.name;
    this.codeHash = bundle.source.hash;
    const decoder = compileTypes(bundle.types);
    for (const { label, signature_topic: signature, args } of bundle.spec.events) {
      const indexed = args.filter((argument) => argument.indexed).length;
      const layout: EventLayout = {
        name: label,
        topics: indexed + (signature ? 1 : 0),
        fields: args.map((argument) => ({ name: argument.label, decode: decoder(argument.type.type) })),
      };
      if (signature) this.#bySignature.set(signature.toLowerCase(), layout);
      else this.#anonymous.push(layout);
    }
    for (const { label, selector, returnType } of bundle.spec.messages) {
      if (returnType)
        this.#returns.set(label.split("::").at(-1)!, { selector, decode: decoder(returnType.type) });
    }
    this.#messages = new Map(
      bundle.spec.messages.map(({ label, selector }) => [selector.toLowerCase(), label]),
    );
  }

  /** Selector of a message, and what reads its answer. */
  query(label: string): { selector: string; decode: Decode } {
    const query = this.#returns.get(label);
    if (!query) throw new ScaleError(`${this.contract} has no message ${label}`);
    return query;
  }

  /** Label of the message with this selector (0x and 8 digits). */
  message(selector: string): string | undefined {
    return this.#messages.get(selector);
  }

  /**
   * The event behind topics and data: by the signature topic, else the one anonymous event with as many
   * topics whose fields use up the data exactly.
   *
   * @throws ScaleError when no event fits, or bytes are missing or follow.
   */
  decodeEvent(topics: string[], data: string): DecodedEvent {
    const bytes = unhex(data);
    const [signature] = topics;
    const named = signature === undefined ? undefined : this.#bySignature.get(signature);
    if (named) {
      if (topics.length !== named.topics) {
        throw new ScaleError(`${named.name} has ${named.topics} topics, and ${topics.length} came`);
      }
      return read(named, bytes);
    }
    const fitting = this.#anonymous
      .filter((layout) => layout.topics === topics.length)
      .flatMap((layout) => attempt(layout, bytes));
    if (fitting.length === 1) return fitting[0]!;
    throw new ScaleError(
      fitting.length === 0 ? `no event with topic ${signature ?? "(none)"}` : "several anonymous events fit",
    );
  }
}

function read(layout: EventLayout, bytes: Uint8Array): DecodedEvent {
  const input = new ScaleInput(bytes);
  const fields: { [name: string]: Json } = {};
  for (const { name, decode } of layout.fields) fields[name] = decode(input);
  input.end();
  return { name: layout.name, fields };
}

function attempt(layout: EventLayout, bytes: Uint8Array): DecodedEvent[] {
  try {
    return [read(layout, bytes)];
  } catch (error) {
    if (error instanceof ScaleError) return [];
    throw error;
  }
}

/** ABIs by code hash. */
export class AbiLibrary {
  readonly #byCode = new Map<string, ContractAbi>();

  constructor(bundles: Iterable<Bundle>) {
    for (const bundle of bundles) this.#byCode.set(bundle.source.hash, new ContractAbi(bundle));
  }

  get(codeHash: string): ContractAbi | undefined {
    return this.#byCode.get(codeHash);
  }
}
