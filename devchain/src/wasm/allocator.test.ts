import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AllocationError, Allocator, LARGEST_ALLOCATION } from "./allocator.ts";
import { GuestMemory } from "./memory.ts";

const BASE = 1001;

function allocator(maximumPages = 4096): { heap: Allocator; memory: GuestMemory } {
  const memory = new GuestMemory(new WebAssembly.Memory({ initial: 1, maximum: maximumPages }));
  return { heap: new Allocator(memory, BASE, maximumPages), memory };
}

describe("the allocator", () => {
  test("starts at the aligned heap base, with a header of 8 bytes before each allocation", () => {
    const { heap } = allocator();
    expect(heap.allocate(1)).toBe(1008 + 8);
    expect(heap.allocate(9)).toBe(1008 + 8 + 8 + 8);
    expect(heap.allocate(1)).toBe(1008 + 16 + 24 + 8);
  });

  test("gives a freed place to the next request of its size class, last freed first", () => {
    const { heap } = allocator();
    const [first, second] = [heap.allocate(20), heap.allocate(30)];
    heap.deallocate(first);
    heap.deallocate(second);
    expect(heap.allocate(8)).not.toBe(second);
    expect(heap.allocate(17)).toBe(second);
    expect(heap.allocate(32)).toBe(first);
  });

  test("refuses more than 32 MiB at once and grants 32 MiB", () => {
    const { heap } = allocator();
    expect(() => heap.allocate(LARGEST_ALLOCATION + 1)).toThrow(AllocationError);
    expect(LARGEST_ALLOCATION).toBe(32 * 1024 * 1024);
    expect(heap.allocate(LARGEST_ALLOCATION)).toBe(1016);
  });

  test("refuses to free twice, or what it never gave", () => {
    const { heap } = allocator();
    const address = heap.allocate(8);
    heap.deallocate(address);
    expect(() => heap.deallocate(address)).toThrow(AllocationError);
    expect(() => heap.deallocate(0)).toThrow(AllocationError);
    expect(() => heap.deallocate(100_000)).toThrow(AllocationError);
  });

  test("grows the memory up to its maximum and then is out of memory", () => {
    const { heap, memory } = allocator(4);
    heap.allocate(60_000);
    heap.allocate(60_000);
    expect(memory.bytes.length).toBeGreaterThan(65_536);
    expect(() => heap.allocate(200_000)).toThrow(/out of memory/);
  });

  test("after a reset gives the same addresses again", () => {
    const { heap } = allocator();
    const sizes = [3, 100, 17, 4000];
    const before = sizes.map((size) => heap.allocate(size));
    heap.deallocate(before[1]!);
    heap.reset();
    expect(sizes.map((size) => heap.allocate(size))).toEqual(before);
  });

  test("never lets two live allocations overlap, whatever the order of requests", () => {
    const request = fc.record({
      size: fc.integer({ min: 0, max: 3000 }),
      free: fc.boolean(),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (requests) => {
        const { heap, memory } = allocator();
        const live = new Map<number, { size: number; fill: number }>();
        for (const [i, { size, free, which }] of requests.entries()) {
          const addresses = [...live.keys()];
          if (free && addresses.length > 0) {
            const address = addresses[which % addresses.length]!;
            heap.deallocate(address);
            live.delete(address);
          } else {
            const address = heap.allocate(size);
            expect(address % 8).toBe(0);
            memory.bytes.fill(i & 255, address, address + size);
            live.set(address, { size, fill: i & 255 });
          }
        }
        for (const [address, { size, fill }] of live) {
          expect(memory.at(address, size).every((byte) => byte === fill)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
