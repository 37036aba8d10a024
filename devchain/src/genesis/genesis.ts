import { ChainError } from "../chain/errors.ts";
import type { GenesisSource } from "../chain/types.ts";
import { ascii, fromHex, startsWith } from "../codec/bytes.ts";
import { encodeBytes, ScaleReader } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import { DEFAULT_CHILD_STORAGE, State } from "../state/state.ts";
import type { Executors } from "../wasm/executor.ts";
import { mergeJson, parseExactly } from "./json.ts";

const CODE = ascii(":code");

/** The genesis config does not fit the runtime, or the raw storage is malformed. */
export class GenesisError extends ChainError {
  readonly code = "GenesisError";
  constructor(reason: string) {
    super(`Genesis: ${reason}`);
    this.name = "GenesisError";
  }
}

/** The state of block 0. @throws GenesisError, RuntimeCallError */
export function buildGenesis(source: GenesisSource, runtime: Uint8Array, executors: Executors): State {
  return source.kind === "raw" ? fromRawSpec(source, executors) : fromPatch(source.json, runtime, executors);
}

/** The runtime builds its own storage from JSON, through its GenesisBuilder API. */
function fromPatch(patch: string, runtime: Uint8Array, executors: Executors): State {
  const executor = executors.for(runtime);
  const preset = new ScaleReader(
    executor.call("GenesisBuilder_get_preset", [Uint8Array.of(0)], new Overlay(State.empty)),
  );
  if (preset.u8() !== 1) throw new GenesisError("the runtime has no default genesis config");
  const config = JSON.stringify(mergeJson(parseExactly(preset.text()), parseExactly(patch)));
  const overlay = new Overlay(State.empty);
  const built = new ScaleReader(
    executor.call("GenesisBuilder_build_state", [encodeBytes(new TextEncoder().encode(config))], overlay),
  );
  if (built.u8() !== 0) throw new GenesisError(built.text());
  overlay.set(CODE, runtime);
  return overlay.result(executor.stateVersion);
}

function fromRawSpec(source: GenesisSource & { kind: "raw" }, executors: Executors): State {
  const top = pairs(source.top);
  const children = Object.entries(source.childrenDefault ?? {}).map(([storageKey, storage]) => ({
    storageKey: fromHex(storageKey),
    changes: pairs(storage),
  }));
  const code = top.find(([key]) => startsWith(key, CODE) && key.length === CODE.length)?.[1];
  if (code === undefined) throw new GenesisError("the raw storage has no :code");
  // Child roots are made from the child tries; the spec may carry them, but only as a copy.
  const plain = top.filter(([key]) => !startsWith(key, DEFAULT_CHILD_STORAGE));
  return State.empty.with({ top: plain, children }, executors.for(code).stateVersion);
}

function pairs(storage: Readonly<Record<string, string>>): (readonly [Uint8Array, Uint8Array])[] {
  return Object.entries(storage).map(([key, value]) => [fromHex(key), fromHex(value)] as const);
}
