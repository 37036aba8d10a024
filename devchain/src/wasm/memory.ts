/** The guest's linear memory as the host reads and writes it. */
export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** All of it. Growing detaches the old buffer, so this must be asked for anew after an allocation. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#view;
  }

  #refresh(): void {
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
  }

  /** A view, good until the guest goes on. @throws RangeError outside the memory */
  at(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0;
    const { bytes } = this;
    if (start + length > bytes.length) {
      throw new RangeError(`Guest bytes ${start}..${start + length} lie outside its ${bytes.length} bytes`);
    }
    return bytes.subarray(start, start + length);
  }

  /** A view of the bytes a pointer-size value names: `length << 32 | pointer`. */
  span(pointerSize: bigint): Uint8Array {
    return this.at(Number(pointerSize & 0xffffffffn), Number((pointerSize >> 32n) & 0xffffffffn));
  }
}

export function pointerSize(pointer: number, length: number): bigint {
  return (BigInt(length) << 32n) | BigInt(pointer);
}
