import { z } from "zod";
import { cid } from "./values.ts";

/** Answer of `PUT /cars`: the CAR is whole, every block matches its CID, and all of it is on disk. */
export const storedCarSchema = z
  .object({
    root: cid,
    /** Blocks in the CAR. */
    blocks: z.int().positive(),
    /** Bytes of the blocks, without the CAR's framing. */
    size: z.int().nonnegative(),
    /** Whether an IPFS node pins the root as well. */
    pinned: z.boolean(),
  })
  .meta({ id: "StoredCar" });

/** Answer of `DELETE /cars/{root}`. */
export const erasedCarSchema = z
  .object({
    root: cid,
    /** Blocks removed: those that no other stored root needs. */
    blocks: z.int().nonnegative(),
  })
  .meta({ id: "ErasedCar" });

export type StoredCar = z.infer<typeof storedCarSchema>;
export type ErasedCar = z.infer<typeof erasedCarSchema>;
