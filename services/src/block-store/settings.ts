import { z } from "zod";
import { commonSettings } from "../service/settings.ts";

/** Settings of the block store. */
export const blockStoreSettings = commonSettings.extend({
  /** Who may put and erase; without it, one is made in `write-token` in the folder. */
  WRITE_TOKEN: z.string().min(16).optional(),
  /** Largest CAR that is taken, in bytes. */
  MAX_CAR_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4 * 1024 ** 3),
  /** Most bytes of blocks that the folder may hold; unlimited without it. */
  MAX_STORE_BYTES: z.coerce.number().int().positive().optional(),
  /** HTTP API of a Kubo node that pins every root as well, for example http://127.0.0.1:5001. */
  IPFS_API_URL: z.url({ protocol: /^https?$/ }).optional(),
});
