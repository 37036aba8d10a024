import { decompress } from "fzstd";
import { concat, startsWith } from "../codec/bytes.ts";

/** Marks a zstd-compressed runtime (`sp_maybe_compressed_blob`). */
const COMPRESSED = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05);

/** The node's bound on a decompressed runtime (`CODE_BLOB_BOMB_LIMIT`): 50 MiB. */
const LARGEST_CODE = 50 * 1024 * 1024;

/** The Wasm module behind `:code`, decompressed where it is compressed. @throws when it is not valid zstd */
export function decompressCode(code: Uint8Array): Uint8Array {
  if (!startsWith(code, COMPRESSED)) return code;
  const wasm = decompress(code.subarray(COMPRESSED.length));
  if (wasm.length > LARGEST_CODE) throw new RangeError(`Runtime code of ${wasm.length} bytes exceeds 50 MiB`);
  return wasm;
}

/** Bounds of the memory that a module imports, in 64 KiB pages. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number | undefined;
}

const IMPORT_SECTION = 2;

class ModuleReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError("The Wasm module ends early");
    return byte;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  skipName(): void {
    const length = this.number();
    this.at += length;
  }

  limits(): MemoryLimits {
    const bounded = (this.byte() & 1) === 1;
    const initial = this.number();
    return { initial, maximum: bounded ? this.number() : undefined };
  }
}

/**
 * The limits of the imported memory. Read from the binary because the JavaScript API tells only that a memory
 * is imported, and instantiation fails unless the memory given fits them.
 * Source: WebAssembly core specification, 5.5.5.
 */
export function importedMemory(wasm: Uint8Array): MemoryLimits | undefined {
  const module = new ModuleReader(wasm, 8);
  while (!module.ended) {
    const section = module.byte();
    const length = module.number();
    if (section !== IMPORT_SECTION) {
      module.at += length;
      continue;
    }
    for (let count = module.number(); count > 0; count--) {
      module.skipName();
      module.skipName();
      const kind = module.byte();
      if (kind === 2) return module.limits();
      if (kind === 0) module.number();
      else if (kind === 1) {
        module.byte();
        module.limits();
      } else module.at += 2;
    }
    return undefined;
  }
  return undefined;
}

/** All custom sections of that name, joined. */
export function customSection(module: WebAssembly.Module, name: string): Uint8Array | undefined {
  const sections = WebAssembly.Module.customSections(module, name);
  return sections.length === 0 ? undefined : concat(...sections.map((section) => new Uint8Array(section)));
}
