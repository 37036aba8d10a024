/**
 * The heap of the guest, kept by the host: a freeing bump allocator.
 * Source: Polkadot specification, 2.6.3.1; sc-allocator `freeing_bump.rs`. Addresses are part of no result, but
 * when memory runs out is, so sizes, limits and growth follow it.
 */
import type { GuestMemory } from "./memory.ts";

const PAGE = 65_536;
const HEADER = 8;
const SMALLEST = 8;
/** Sizes 8, 16 ... 32 MiB. */
const ORDERS = 23;
export const LARGEST_ALLOCATION = SMALLEST << (ORDERS - 1);
const NIL = 0xffff_ffff;
/** Second word of a header: 1 while the allocation is used, its order in the first word. */
const OCCUPIED = 1;

/** The guest asked for what it cannot have, or gave back what it did not have. */
export class AllocationError extends Error {
  constructor(what: string) {
    super(`Guest allocator: ${what}`);
    this.name = "AllocationError";
  }
}

export class Allocator {
  readonly #memory: GuestMemory;
  readonly #heapBase: number;
  readonly #maximumPages: number;
  readonly #free = new Uint32Array(ORDERS).fill(NIL);
  #top: number;

  /** @param heapBase first byte the guest's own data does not use (`__heap_base`) */
  constructor(memory: GuestMemory, heapBase: number, maximumPages: number) {
    this.#memory = memory;
    this.#heapBase = (heapBase + 7) & ~7;
    this.#maximumPages = maximumPages;
    this.#top = this.#heapBase;
  }

  /** First byte never given out: everything from here on is still zero. */
  get highWater(): number {
    return this.#top;
  }

  get heapBase(): number {
    return this.#heapBase;
  }

  reset(): void {
    this.#free.fill(NIL);
    this.#top = this.#heapBase;
  }

  /** @returns the address, a multiple of 8. @throws AllocationError */
  allocate(size: number): number {
    if (size > LARGEST_ALLOCATION) throw new AllocationError(`${size} bytes exceed the largest allocation`);
    const order = size <= SMALLEST ? 0 : 29 - Math.clz32(size - 1);
    const header = this.#free[order]! === NIL ? this.#bump((SMALLEST << order) + HEADER) : this.#reuse(order);
    const { view } = this.#memory;
    view.setUint32(header, order, true);
    view.setUint32(header + 4, OCCUPIED, true);
    return header + HEADER;
  }

  /** @throws AllocationError when the address is not of a live allocation */
  deallocate(address: number): void {
    const header = address - HEADER;
    if (header < this.#heapBase || header >= this.#top)
      throw new AllocationError(`no allocation at ${address}`);
    const { view } = this.#memory;
    const order = view.getUint32(header, true);
    if (view.getUint32(header + 4, true) !== OCCUPIED || order >= ORDERS) {
      throw new AllocationError(`${address} is free already or its header is overwritten`);
    }
    view.setUint32(header, this.#free[order]!, true);
    view.setUint32(header + 4, 0, true);
    this.#free[order] = header;
  }

  #reuse(order: number): number {
    const header = this.#free[order]!;
    const { view } = this.#memory;
    if (header + HEADER > view.byteLength || view.getUint32(header + 4, true) !== 0) {
      throw new AllocationError(`the header of the free allocation at ${header} is overwritten`);
    }
    this.#free[order] = view.getUint32(header, true);
    return header;
  }

  #bump(length: number): number {
    const header = this.#top;
    const needed = header + length;
    const { memory } = this.#memory;
    if (needed > memory.buffer.byteLength) this.#grow(memory, Math.ceil(needed / PAGE));
    this.#top = needed;
    return header;
  }

  #grow(memory: WebAssembly.Memory, neededPages: number): void {
    const pages = memory.buffer.byteLength / PAGE;
    if (neededPages > this.#maximumPages) throw new AllocationError("out of memory");
    memory.grow(Math.max(neededPages, Math.min(pages * 2, this.#maximumPages)) - pages);
  }
}
