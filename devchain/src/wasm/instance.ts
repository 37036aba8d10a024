import type { SignatureChecks } from "../crypto/signatures.ts";
import type { HostContext } from "../host/context.ts";
import { hostFunctions } from "../host/functions.ts";
import type { Overlay } from "../state/overlay.ts";
import { Allocator } from "./allocator.ts";
import { GuestMemory, pointerSize } from "./memory.ts";

/** In pages of 64 KiB. */
export interface HeapLimits {
  readonly initial: number;
  /** What the module's import says, which the memory must agree with. */
  readonly allowed: number;
  /** Where the allocator stops. */
  readonly maximum: number;
}

/** What an instance needs beside the module; the same for all instances of a runtime. */
export interface Surroundings {
  readonly signatures: SignatureChecks;
  readonly logLevel: number;
  log(level: number, target: string, message: string): void;
  runtimeVersion(code: Uint8Array): Uint8Array | undefined;
  /** Told the name of each host function that is called. For coverage reports: it slows every call down. */
  readonly onHostCall?: ((name: string) => void) | undefined;
}

/** One instance of a runtime's module. It can run many calls, one at a time, until one of them fails. */
export class RuntimeInstance implements HostContext {
  readonly memory: GuestMemory;
  readonly allocator: Allocator;
  readonly signatures: SignatureChecks;
  readonly logLevel: number;
  readonly #surroundings: Surroundings;
  readonly #exports: WebAssembly.Exports;
  /** Static data as instantiation left it. */
  /** Where the guest's static data begins. Below is the stack, all zero at the start: a megabyte not to copy. */
  readonly #dataBegin: number;
  readonly #pristine: Uint8Array;
  #storage: Overlay | undefined;
  /** The last error-level line: a panic logs before it traps. */
  lastError: string | undefined;

  constructor(module: WebAssembly.Module, limits: HeapLimits, surroundings: Surroundings) {
    const memory = new WebAssembly.Memory({ initial: limits.initial, maximum: limits.allowed });
    this.memory = new GuestMemory(memory);
    this.signatures = surroundings.signatures;
    this.logLevel = surroundings.logLevel;
    this.#surroundings = surroundings;
    this.#exports = new WebAssembly.Instance(module, { env: this.#imports(module, memory) }).exports;
    const heapBase = this.#exports.__heap_base;
    if (!(heapBase instanceof WebAssembly.Global)) throw new TypeError("The runtime exports no __heap_base");
    const base: unknown = heapBase.value;
    if (typeof base !== "number") throw new TypeError("The runtime's __heap_base is not an i32");
    this.allocator = new Allocator(this.memory, base, limits.maximum);
    const below = this.memory.bytes.subarray(0, this.allocator.heapBase);
    const data = below.findIndex((byte) => byte !== 0);
    this.#dataBegin = data < 0 ? below.length : data;
    this.#pristine = below.slice(this.#dataBegin);
  }

  /** Imports that no host function answers throw only when called, so that a new runtime fails clearly. */
  #imports(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.ModuleImports {
    const functions = hostFunctions(this);
    const imports: WebAssembly.ModuleImports = {};
    for (const { name, kind } of WebAssembly.Module.imports(module)) {
      if (kind === "memory") {
        imports[name] = memory;
        continue;
      }
      const run =
        functions[name] ??
        (() => {
          throw new WebAssembly.LinkError(`The host has no function ${name}`);
        });
      const { onHostCall } = this.#surroundings;
      imports[name] =
        onHostCall === undefined
          ? run
          : (...args: never[]) => {
              onHostCall(name);
              return run(...args);
            };
    }
    return imports;
  }

  get storage(): Overlay {
    if (this.#storage === undefined) throw new TypeError("A host function was called outside a runtime call");
    return this.#storage;
  }

  has(method: string): boolean {
    return typeof this.#exports[method] === "function";
  }

  /**
   * Runs a runtime API method and makes the instance ready for the next one.
   * When it throws, the instance must not be used again: its stack and heap are in mid-flight.
   * @returns a copy of the SCALE-encoded result
   */
  call(method: string, args: Uint8Array, storage: Overlay): Uint8Array {
    const run = this.#exports[method];
    if (typeof run !== "function") throw new TypeError(`The runtime has no method ${method}`);
    this.#storage = storage;
    this.lastError = undefined;
    const pointer = this.givePointer(args);
    const result: unknown = run(pointer, args.length);
    if (typeof result !== "bigint") throw new TypeError(`${method} is not a runtime API method`);
    const bytes = this.memory.span(result).slice();
    this.#storage = undefined;
    this.#restore();
    return bytes;
  }

  /** Static data as at the start, used heap zero, nothing allocated: as good as a fresh instance. */
  #restore(): void {
    const { bytes } = this.memory;
    bytes.fill(0, 0, this.#dataBegin);
    bytes.set(this.#pristine, this.#dataBegin);
    bytes.fill(0, this.allocator.heapBase, this.allocator.highWater);
    this.allocator.reset();
  }

  log(level: number, target: string, message: string): void {
    if (level <= 1) this.lastError = message;
    this.#surroundings.log(level, target, message);
  }

  runtimeVersion(code: Uint8Array): Uint8Array | undefined {
    return this.#surroundings.runtimeVersion(code);
  }

  give(bytes: Uint8Array): bigint {
    return pointerSize(this.givePointer(bytes), bytes.length);
  }

  givePointer(bytes: Uint8Array): number {
    const pointer = this.allocator.allocate(bytes.length);
    this.memory.bytes.set(bytes, pointer);
    return pointer;
  }
}
