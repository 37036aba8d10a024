import type { SignatureChecks } from "../crypto/signatures.ts";
import type { Overlay } from "../state/overlay.ts";
import type { Allocator } from "../wasm/allocator.ts";
import type { GuestMemory } from "../wasm/memory.ts";

/** What a host function works on: the guest that called it and the storage of the running call. */
export interface HostContext {
  readonly memory: GuestMemory;
  readonly allocator: Allocator;
  readonly storage: Overlay;
  readonly signatures: SignatureChecks;
  /** Most verbose level worth formatting: 1 error to 5 trace. */
  readonly logLevel: number;
  log(level: number, target: string, message: string): void;
  /** SCALE `RuntimeVersion` of another runtime's code; undefined when it has none. */
  runtimeVersion(code: Uint8Array): Uint8Array | undefined;
  /** Copies bytes into a new allocation that the guest frees: a pointer-size value. */
  give(bytes: Uint8Array): bigint;
  /** The same for values of fixed size: the bare pointer. */
  givePointer(bytes: Uint8Array): number;
}

/** By import name. Integers of 64 bits arrive and leave as bigint, those of 32 as signed number. */
export type HostFunctions = Readonly<Record<string, (...args: never[]) => number | bigint | undefined>>;

/** A violated precondition that makes the node's host panic: it ends the call as a trap does. */
export class HostPanic extends Error {
  constructor(what: string) {
    super(what);
    this.name = "HostPanic";
  }
}

const NONE = Uint8Array.of(0);

/** SCALE `Option<Vec<u8>>`, or `Option` of any encoded value when `lengthPrefix` is left out. */
export function encodeOption(value: Uint8Array | undefined, lengthPrefix?: Uint8Array): Uint8Array {
  if (value === undefined) return NONE;
  const prefix = lengthPrefix?.length ?? 0;
  const bytes = new Uint8Array(1 + prefix + value.length);
  bytes[0] = 1;
  if (lengthPrefix !== undefined) bytes.set(lengthPrefix, 1);
  bytes.set(value, 1 + prefix);
  return bytes;
}
