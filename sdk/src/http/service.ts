import { z } from "zod";

/** `GET /health`: the process is alive. */
export const healthSchema = z
  .object({
    status: z.literal("ok"),
    service: z.string(),
    /** Milliseconds since the Unix epoch. */
    startedAt: z.int(),
  })
  .meta({ id: "Health" });

/** `GET /ready`: what the service needs is there; answered with 503 when it is not. */
export const readySchema = z
  .object({
    ready: z.boolean(),
    /** One sentence for each part; `null` when the part is well. */
    parts: z.record(z.string(), z.string().nullable()),
  })
  .meta({ id: "Ready" });

/** `address.json` in a service's folder: where it listens now. Gone after a clean stop. */
export const addressSchema = z.object({
  service: z.string(),
  url: z.url({ protocol: /^https?$/ }),
  pid: z.int().positive(),
});

export type Health = z.infer<typeof healthSchema>;
export type Ready = z.infer<typeof readySchema>;
export type Address = z.infer<typeof addressSchema>;
