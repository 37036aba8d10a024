import { Metadata, TypeRegistry } from "@polkadot/types";
import { blake2AsHex } from "@polkadot/util-crypto";
import { z } from "zod";
import type { ContractBlock, ContractExtrinsic } from "./block.ts";
import { compileTypes, hex, portableTypesSchema, ScaleError, ScaleInput, unhex } from "./scale.ts";

/** A block as the node's RPC gives it. */
export interface RawBlock {
  height: number;
  hash: string;
  parentHash: string;
  /** 0x hex each. */
  extrinsics: string[];
  /** `System.Events` of the block's own state, 0x hex; null where the key is empty. */
  events: string | null;
}

const metadataSchema = z.object({
  lookup: z.object({ types: portableTypesSchema }),
  pallets: z.array(
    z.object({
      name: z.string(),
      index: z.coerce.number(),
      errors: z.object({ type: z.coerce.number() }).nullish(),
      storage: z
        .object({
          items: z.array(
            z.object({
              name: z.string(),
              type: z.union([z.object({ plain: z.coerce.number() }), z.object({ map: z.unknown() })]),
            }),
          ),
        })
        .nullish(),
    }),
  ),
  extrinsic: z.object({
    addressType: z.coerce.number(),
    callType: z.coerce.number(),
    signatureType: z.coerce.number(),
    transactionExtensions: z.array(z.object({ type: z.coerce.number() })),
  }),
});

const recordSchema = z.array(
  z.object({
    phase: z.union([z.object({ ApplyExtrinsic: z.number() }), z.string()]),
    event: z.record(z.string(), z.unknown()),
    topics: z.array(z.string()),
  }),
);
const emittedSchema = z.object({ contract: z.string(), data: z.string() });
const codeUpdatedSchema = z.object({ contract: z.string(), new_code_hash: z.string() });
const feeSchema = z.object({ actual_fee: z.string().transform(BigInt) });
const failedSchema = z.object({ dispatch_error: z.unknown() });
const moduleErrorSchema = z.object({ Module: z.object({ index: z.number(), error: z.string() }) });
const contractCallSchema = z.object({
  dest: z.object({ Id: z.string() }),
  value: z.union([z.string(), z.number()]).transform(BigInt),
  data: z.string(),
});

/** `twox_128("System") ++ twox_128("Events")`: the storage key of a block's events. */
export const SYSTEM_EVENTS_KEY = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";

const SIGNED = 0x80;
const VERSION_BITS = 0x7f;
const SUPPORTED_VERSION = 4;

/** The only entry of an enum value that carries data. */
function entryOf(value: unknown): [string, unknown] {
  if (typeof value === "string") return [value, null];
  const entry = typeof value === "object" && value !== null ? Object.entries(value)[0] : undefined;
  if (entry === undefined) throw new ScaleError("an enum value without a name");
  return entry;
}

/** Decodes the blocks of one runtime version. */
export class RuntimeDecoder {
  readonly #events: (input: ScaleInput) => unknown;
  readonly #call: (input: ScaleInput) => unknown;
  readonly #preamble: ((input: ScaleInput) => unknown)[];
  readonly #palletErrors = new Map<number, { pallet: string; names: Map<number, string> }>();

  /** @param metadata 0x hex, as `state_getMetadata` answers. */
  constructor(metadata: `0x${string}`) {
    const parsed = metadataSchema.parse(new Metadata(new TypeRegistry(), metadata).asLatest.toJSON());
    const decoder = compileTypes(parsed.lookup.types);
    const events = parsed.pallets
      .find(({ name }) => name === "System")
      ?.storage?.items.find(({ name }) => name === "Events")?.type;
    if (events === undefined || !("plain" in events))
      throw new ScaleError("the runtime has no System.Events");
    this.#events = decoder(events.plain);
    this.#call = decoder(parsed.extrinsic.callType);
    this.#preamble = [
      parsed.extrinsic.signatureType,
      ...parsed.extrinsic.transactionExtensions.map(({ type }) => type),
    ].map(decoder);
    this.#signer = decoder(parsed.extrinsic.addressType);
    for (const pallet of parsed.pallets) {
      if (!pallet.errors) continue;
      const definition = parsed.lookup.types.find(({ id }) => id === pallet.errors?.type)?.type.def;
      if (definition === undefined || !("variant" in definition)) continue;
      this.#palletErrors.set(pallet.index, {
        pallet: pallet.name,
        names: new Map((definition.variant.variants ?? []).map(({ index, name }) => [index, name])),
      });
    }
  }
  readonly #signer: (input: ScaleInput) => unknown;

  /**
   * What of the block concerns `contracts` (SS58 addresses).
   *
   * @throws ScaleError when the block does not fit the runtime's metadata.
   */
  decode(raw: RawBlock, contracts: ReadonlySet<string>): ContractBlock {
    const block: ContractBlock = {
      height: raw.height,
      hash: raw.hash,
      parentHash: raw.parentHash,
      timestamp: 0,
      extrinsics: [],
      events: [],
      foreignEvents: 0,
    };
    const outcomes =
      raw.events === null ? new Map<number, Outcome>() : this.#readEvents(raw, contracts, block);
    for (const [index, encoded] of raw.extrinsics.entries())
      this.#readExtrinsic(index, encoded, outcomes, contracts, block);
    return block;
  }

  #readEvents(raw: RawBlock, contracts: ReadonlySet<string>, block: ContractBlock): Map<number, Outcome> {
    const input = new ScaleInput(unhex(raw.events ?? "0x00"));
    const records = recordSchema.parse(this.#events(input));
    input.end();
    const outcomes = new Map<number, Outcome>();
    for (const [index, { phase, event, topics }] of records.entries()) {
      const extrinsicIndex = typeof phase === "string" ? null : phase.ApplyExtrinsic;
      const [pallet, detail] = entryOf(event);
      const [name, fields] = entryOf(detail);
      const outcome = extrinsicIndex === null ? undefined : outcomeOf(outcomes, extrinsicIndex);
      switch (`${pallet}.${name}`) {
        case "Contracts.ContractEmitted": {
          const { contract, data } = emittedSchema.parse(fields);
          if (!contracts.has(contract)) {
            block.foreignEvents++;
            break;
          }
          block.events.push({ kind: "emitted", index, extrinsicIndex, contract, topics, data });
          if (outcome) outcome.touched = true;
          break;
        }
        case "Contracts.ContractCodeUpdated": {
          const { contract, new_code_hash: codeHash } = codeUpdatedSchema.parse(fields);
          if (contracts.has(contract)) block.events.push({ kind: "code", index, contract, codeHash });
          break;
        }
        case "TransactionPayment.TransactionFeePaid":
          if (outcome) outcome.fee = feeSchema.parse(fields).actual_fee;
          break;
        case "System.ExtrinsicFailed":
          if (outcome) outcome.error = this.#errorName(failedSchema.parse(fields).dispatch_error);
          break;
      }
    }
    return outcomes;
  }

  #readExtrinsic(
    index: number,
    encoded: string,
    outcomes: Map<number, Outcome>,
    contracts: ReadonlySet<string>,
    block: ContractBlock,
  ): void {
    const bytes = unhex(encoded);
    const input = new ScaleInput(bytes);
    input.compact();
    const version = input.u8();
    // Version 5 adds forms that say nothing of contracts in the runtimes that are supported.
    if ((version & VERSION_BITS) !== SUPPORTED_VERSION) return;
    let signer: string | null = null;
    if (version & SIGNED) {
      const [kind, account] = entryOf(this.#signer(input));
      signer = kind === "Id" && typeof account === "string" ? account : null;
      for (const part of this.#preamble) part(input);
    }
    const [pallet, detail] = entryOf(this.#call(input));
    const [name, fields] = entryOf(detail);
    const call = `${pallet}.${name}`;
    if (call === "Timestamp.set") {
      block.timestamp = Number(z.object({ now: z.coerce.number() }).parse(fields).now);
      return;
    }
    const contractCall = call === "Contracts.call" ? contractCallSchema.safeParse(fields) : undefined;
    const callee = contractCall?.success ? contractCall.data : undefined;
    const outcome = outcomes.get(index) ?? { fee: 0n, error: null, touched: false };
    const calls = callee !== undefined && contracts.has(callee.dest.Id);
    if (!calls && !outcome.touched) return;
    const extrinsic: ContractExtrinsic = {
      index,
      hash: blake2AsHex(bytes, 256),
      signer,
      fee: outcome.fee,
      success: outcome.error === null,
      error: outcome.error,
      call,
      contract: callee?.dest.Id ?? null,
      value: callee?.value ?? 0n,
      selector: callee && callee.data.length >= 10 ? callee.data.slice(0, 10) : null,
    };
    block.extrinsics.push(extrinsic);
  }

  #errorName(error: unknown): string {
    const module = moduleErrorSchema.safeParse(error);
    if (!module.success) {
      const [name, detail] = entryOf(error);
      return detail === null
        ? name
        : `${name}.${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
    }
    const { index, error: code } = module.data.Module;
    const pallet = this.#palletErrors.get(index);
    // A module's error is four bytes, of which the first names the variant.
    const variant = unhex(code)[0] ?? 0;
    return `${pallet?.pallet ?? `Pallet${index}`}.${pallet?.names.get(variant) ?? hex(unhex(code))}`;
  }
}

interface Outcome {
  fee: bigint;
  error: string | null;
  touched: boolean;
}

function outcomeOf(outcomes: Map<number, Outcome>, extrinsic: number): Outcome {
  let outcome = outcomes.get(extrinsic);
  if (!outcome) {
    outcome = { fee: 0n, error: null, touched: false };
    outcomes.set(extrinsic, outcome);
  }
  return outcome;
}

/** Decoders by the metadata that they are of: compiling one takes a few hundred ms, and a session may be short. */
export class RuntimeLibrary {
  readonly #byMetadata = new Map<string, RuntimeDecoder>();

  /** @param metadata 0x hex, as `state_getMetadata` answers. */
  get(metadata: `0x${string}`): RuntimeDecoder {
    let decoder = this.#byMetadata.get(metadata);
    if (!decoder) {
      decoder = new RuntimeDecoder(metadata);
      this.#byMetadata.set(metadata, decoder);
    }
    return decoder;
  }
}
