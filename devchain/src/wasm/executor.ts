import { RuntimeCallError } from "../chain/errors.ts";
import type { LogLine, RuntimeVersion } from "../chain/types.ts";
import { type BinaryString, concat, toBinaryString, toHex } from "../codec/bytes.ts";
import { encodeVector, ScaleReader } from "../codec/scale.ts";
import { blake2_256 } from "../crypto/hashing.ts";
import { SignatureChecks } from "../crypto/signatures.ts";
import { Overlay } from "../state/overlay.ts";
import { State } from "../state/state.ts";
import type { StateVersion } from "../trie/node.ts";
import { customSection, decompressCode, importedMemory } from "./blob.ts";
import { type HeapLimits, RuntimeInstance, type Surroundings } from "./instance.ts";

export interface ExecutorOptions {
  /** 1 error to 5 trace; default 2. */
  readonly logLevel?: number;
  readonly onLog?: (line: LogLine) => void;
  /** Default true. False gives each call a fresh instance, which is slower and must change nothing. */
  readonly reuseInstances?: boolean;
  /** See {@link Surroundings.onHostCall}. */
  readonly onHostCall?: (name: string) => void;
}

/** Compiled runtimes with their instances, by code. One for a chain: signature checks are shared. */
export class Executors {
  readonly #options: ExecutorOptions;
  readonly #byHash = new Map<BinaryString, Executor>();
  readonly #surroundings: Surroundings;

  constructor(options: ExecutorOptions = {}) {
    this.#options = options;
    this.#surroundings = {
      signatures: new SignatureChecks(),
      logLevel: options.logLevel ?? 2,
      log: (level, target, message) => {
        if (level <= this.#surroundings.logLevel) options.onLog?.({ level, target, message });
      },
      runtimeVersion: (code) => this.#versionOf(code),
      onHostCall: options.onHostCall,
    };
  }

  /**
   * @param hash BLAKE2b-256 of the code; known where the code is a state's `:code`
   * @param heapPages what the state's `:heappages` says, if anything
   */
  for(code: Uint8Array, hash: Uint8Array = blake2_256(code), heapPages?: number): Executor {
    const key = `${heapPages ?? ""} ${toBinaryString(hash)}`;
    let executor = this.#byHash.get(key);
    if (executor === undefined) {
      executor = new Executor(code, this.#surroundings, this.#options.reuseInstances ?? true, heapPages);
      this.#byHash.set(key, executor);
    }
    return executor;
  }

  /** For `ext_misc_runtime_version`: code that is no runtime has no version, which is an answer, not a fault. */
  #versionOf(code: Uint8Array): Uint8Array | undefined {
    try {
      // Not kept: most code that is asked about never runs a block.
      return new Executor(code, this.#surroundings, false).encodedVersion;
    } catch {
      return undefined;
    }
  }
}

/** What the node gives a runtime whose state says nothing of it: 2048 pages of 64 KiB, 128 MiB. */
const DEFAULT_HEAP_PAGES = 2048;
/** All that 32-bit addresses reach. */
const MOST_PAGES = 65_536;

/** Enough for the deepest nesting of calls within calls that one thread makes. */
const IDLE_INSTANCES = 2;

/** One compiled runtime. */
export class Executor {
  readonly #module: WebAssembly.Module;
  readonly #limits: HeapLimits;
  readonly #surroundings: Surroundings;
  readonly #idle: RuntimeInstance[] = [];
  readonly #reuse: boolean;
  /** SCALE-encoded `RuntimeVersion`. */
  readonly encodedVersion: Uint8Array;
  readonly version: RuntimeVersion;

  constructor(code: Uint8Array, surroundings: Surroundings, reuse: boolean, heapPages = DEFAULT_HEAP_PAGES) {
    const wasm = decompressCode(code);
    // A copy, because a Wasm module is compiled from an ArrayBuffer, never a shared one.
    this.#module = new WebAssembly.Module(new Uint8Array(wasm));
    const limits = importedMemory(wasm);
    if (limits === undefined) throw new TypeError("The runtime imports no memory");
    // The heap grows on top of what the module asks for, never beyond what it allows.
    const maximum = Math.min(limits.maximum ?? MOST_PAGES, limits.initial + heapPages);
    this.#limits = { initial: limits.initial, allowed: limits.maximum ?? maximum, maximum };
    this.#surroundings = surroundings;
    this.#reuse = reuse;
    this.encodedVersion =
      embeddedVersion(this.#module) ?? this.call("Core_version", [], new Overlay(State.empty));
    this.version = decodeRuntimeVersion(this.encodedVersion);
  }

  /** Names of the host functions that the runtime imports. */
  get hostImports(): string[] {
    return WebAssembly.Module.imports(this.#module).flatMap(({ kind, name }) =>
      kind === "function" ? [name] : [],
    );
  }

  get stateVersion(): StateVersion {
    return this.version.stateVersion;
  }

  /**
   * Calls a runtime API method over the overlay. Storage transactions that the runtime leaves open are rolled
   * back, also when it fails.
   * @param args SCALE-encoded arguments, in order
   * @throws RuntimeCallError
   */
  call(method: string, args: readonly Uint8Array[], storage: Overlay): Uint8Array {
    const instance = this.#idle.pop() ?? new RuntimeInstance(this.#module, this.#limits, this.#surroundings);
    const depth = storage.depth;
    try {
      const result = instance.call(method, concat(...args), storage);
      if (this.#reuse && this.#idle.length < IDLE_INSTANCES) this.#idle.push(instance);
      return result;
    } catch (error) {
      throw new RuntimeCallError(method, instance.lastError, error);
    } finally {
      while (storage.depth > depth) storage.rollbackTransaction();
    }
  }
}

/** The version as the runtime's build put it into custom sections: saves running it. */
function embeddedVersion(module: WebAssembly.Module): Uint8Array | undefined {
  const version = customSection(module, "runtime_version");
  const apis = customSection(module, "runtime_apis");
  if (version === undefined || apis === undefined) return undefined;
  const reader = new ScaleReader(version);
  const start = () => reader.bytes.subarray(0, reader.at);
  skipNames(reader);
  const head = start();
  for (let count = reader.compact(); count > 0; count--) reader.take(12);
  const tail = reader.take(reader.remaining);
  const items = Array.from({ length: apis.length / 12 }, (_, i) => apis.subarray(12 * i, 12 * i + 12));
  return concat(head, encodeVector(items), tail);
}

function skipNames(reader: ScaleReader): void {
  reader.vectorOfBytes();
  reader.vectorOfBytes();
  reader.take(12);
}

/** @param bytes SCALE `RuntimeVersion` with a transaction version; the state version may be missing (then 0) */
export function decodeRuntimeVersion(bytes: Uint8Array): RuntimeVersion {
  const reader = new ScaleReader(bytes);
  const specName = reader.text();
  const implName = reader.text();
  const authoringVersion = reader.u32();
  const specVersion = reader.u32();
  const implVersion = reader.u32();
  const apis = Array.from({ length: reader.compact() }, () => [toHex(reader.take(8)), reader.u32()] as const);
  const transactionVersion = reader.remaining >= 4 ? reader.u32() : 1;
  const stateVersion = reader.remaining > 0 ? reader.u8() : 0;
  if (stateVersion > 1) throw new RangeError(`State version ${stateVersion} is not known`);
  return {
    specName,
    implName,
    authoringVersion,
    specVersion,
    implVersion,
    apis,
    transactionVersion,
    stateVersion: stateVersion === 0 ? 0 : 1,
  };
}
