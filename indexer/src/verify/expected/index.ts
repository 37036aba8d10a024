import * as chain from "./chain.ts";
import * as collections from "./collections.ts";
import * as datasets from "./datasets.ts";
import type { Expectation } from "./events.ts";
import * as governance from "./governance.ts";
import * as identity from "./identity.ts";
import * as notices from "./notices.ts";
import * as orders from "./orders.ts";

const modules: Record<string, unknown>[] = [
  chain,
  collections,
  datasets,
  governance,
  identity,
  notices,
  orders,
];

/** A recomputation for each projection. */
export const expectations: readonly Expectation[] = modules
  .flatMap((module) => Object.values(module))
  .filter((value): value is Expectation => typeof value === "object" && value !== null && "table" in value);
