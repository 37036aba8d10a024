import { z } from "zod";
import { chainSettings } from "../service/deployment.ts";
import { commonSettings } from "../service/settings.ts";

/** Settings of the custodian. */
export const custodianSettings = commonSettings.extend(chainSettings.shape).extend({
  /** Who may erase keys over HTTP; without it, a token is made in `operator-token` in the folder. */
  OPERATOR_TOKEN: z.string().min(16).optional(),
  /** Least time before the end of the release window at which packets are still posted, ms of chain time. */
  DELIVERY_MARGIN: z.coerce.number().int().nonnegative().default(20_000),
});
