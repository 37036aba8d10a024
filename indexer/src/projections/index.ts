import { attestations } from "./attestations.ts";
import { consents } from "./consents.ts";
import { escrow } from "./escrow.ts";
import { governor } from "./governor.ts";
import { identity } from "./identity.ts";
import { policies } from "./policies.ts";
import type { Reducers } from "./reducer.ts";
import { voice } from "./voice.ts";

/** What becomes of the events of each contract, by its name in the deployment record. */
export const reducers: Readonly<Record<string, Reducers>> = {
  identity,
  consents,
  policies,
  attestations,
  escrow,
  voice,
  governor,
};
