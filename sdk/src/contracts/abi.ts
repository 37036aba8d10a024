/** A contract's interface, compiled from its ink! metadata. */
import { hexToU8a, u8aConcat } from "@polkadot/util";
import { type Codec, CodecError, camelCase, compileCodecs, Input, type TypeDefinition } from "./codec.ts";

interface Argument {
  label: string;
  type: { type: number };
}
/** What of an ink! 5 metadata file this project reads. */
export interface Metadata {
  source: { hash: string };
  contract: { name: string };
  types: readonly TypeDefinition[];
  spec: {
    constructors: readonly { label: string; selector: string; args: readonly Argument[] }[];
    messages: readonly {
      label: string;
      selector: string;
      mutates: boolean;
      payable: boolean;
      args: readonly Argument[];
      returnType: { type: number } | null;
      docs: readonly string[];
    }[];
    events: readonly {
      label: string;
      signature_topic?: string | null;
      args: readonly (Argument & { indexed: boolean })[];
    }[];
  };
}

/** One message or constructor. */
export interface Entry {
  readonly label: string;
  /** The first four bytes of its input. */
  readonly selector: string;
  /** Whether it may change state; constructors do. */
  readonly mutates: boolean;
  readonly payable: boolean;
  /** Selector and arguments. */
  encode(args: Record<string, unknown>): Uint8Array;
  /** Arguments from what {@link encode} made, the selector left off. */
  decodeArguments(bytes: Uint8Array): Record<string, unknown>;
  /** The returned value, with ink!'s outer `Result<_, LangError>` still around it. */
  decodeReturn(bytes: Uint8Array): unknown;
}

export interface DecodedEvent {
  /** Name of the event, as in the contract. */
  readonly name: string;
  readonly fields: Record<string, unknown>;
}

export interface Abi {
  readonly contract: string;
  readonly codeHash: string;
  message(label: string): Entry;
  /** The message whose input begins with these four bytes. */
  messageOf(selector: string): Entry | undefined;
  constructorEntry(label: string): Entry;
  /** Decodes an event; throws {@link CodecError} when it is not of this contract. */
  decodeEvent(topics: readonly string[], data: Uint8Array): DecodedEvent;
}

const decodeAll = (codec: Codec, bytes: Uint8Array, path: string): unknown => {
  const input = new Input(bytes);
  const value = codec.decode(input, path);
  if (input.left > 0) throw new CodecError(path, `${input.left} bytes follow the value`);
  return value;
};

/** Compiles metadata once; the result is immutable and can be shared. */
export const compileAbi = (metadata: Metadata): Abi => {
  const codec = compileCodecs(metadata.types);

  const entry = (
    spec: { label: string; selector: string; args: readonly Argument[] },
    mutates: boolean,
    payable: boolean,
    returnType: number | undefined,
  ): Entry => ({
    label: camelCase(spec.label.replace("::", "_")),
    selector: spec.selector,
    mutates,
    payable,
    encode: (args) =>
      u8aConcat(
        hexToU8a(spec.selector),
        ...spec.args.map((arg) =>
          codec(arg.type.type).encode(args[camelCase(arg.label)], camelCase(arg.label)),
        ),
      ),
    decodeArguments(bytes) {
      const input = new Input(bytes);
      const args = Object.fromEntries(
        spec.args.map((arg) => [
          camelCase(arg.label),
          codec(arg.type.type).decode(input, camelCase(arg.label)),
        ]),
      );
      if (input.left > 0) throw new CodecError(spec.label, `${input.left} bytes follow the arguments`);
      return args;
    },
    decodeReturn: (bytes) =>
      returnType === undefined ? null : decodeAll(codec(returnType), bytes, spec.label),
  });

  const messages = new Map(
    metadata.spec.messages.map((spec) => {
      const made = entry(spec, spec.mutates, spec.payable, spec.returnType?.type);
      return [messageName(spec.label), { ...made, label: messageName(spec.label) }] as const;
    }),
  );
  const constructors = new Map(
    metadata.spec.constructors.map(
      (spec) => [camelCase(spec.label), entry(spec, true, true, undefined)] as const,
    ),
  );
  const events = new Map(metadata.spec.events.map((spec) => [spec.signature_topic ?? "", spec] as const));

  const required = (map: Map<string, Entry>, label: string, kind: string): Entry => {
    const found = map.get(label);
    if (!found) throw new CodecError("", `${metadata.contract.name} has no ${kind} ${label}`);
    return found;
  };

  return {
    contract: metadata.contract.name,
    codeHash: metadata.source.hash,
    message: (label) => required(messages, label, "message"),
    messageOf: (selector) => [...messages.values()].find((entry) => entry.selector === selector),
    constructorEntry: (label) => required(constructors, label, "constructor"),
    decodeEvent(topics, data) {
      const spec = events.get(topics[0] ?? "");
      if (!spec)
        throw new CodecError(
          "",
          `${metadata.contract.name} has no event with topic ${topics[0] ?? "(none)"}`,
        );
      const input = new Input(data);
      const fields: Record<string, unknown> = {};
      for (const arg of spec.args)
        fields[camelCase(arg.label)] = codec(arg.type.type).decode(input, `${spec.label}.${arg.label}`);
      if (input.left > 0) throw new CodecError(spec.label, `${input.left} bytes follow the last field`);
      return { name: spec.label, fields };
    },
  };
};

/** Messages of a trait are labelled `Trait::message` in metadata; callers know them as `message`. */
export const messageName = (label: string): string => camelCase(label.split("::").at(-1) ?? label);
