import { parameters } from "../database/schema/index.ts";
import { account, bytes } from "./fields.ts";
import { on, type Reducer } from "./reducer.ts";

/** `HandedOver` where the event names the new governor `governor`. */
export const handedOver = (contract: string): Reducer =>
  on({ governor: account }, ({ governor }, at, rows) => {
    rows.put(parameters, { contract, name: "governor", value: governor, position: at.position });
  });

/** `HandedOver` where the event names both sides. */
export const handedOverFromTo = (contract: string): Reducer =>
  on({ to: account }, ({ to }, at, rows) => {
    rows.put(parameters, { contract, name: "governor", value: to, position: at.position });
  });

/** `CodeSet`; the code itself is told by the pallet's own event. */
export const codeSet = (contract: string): Reducer =>
  on({ code: bytes }, ({ code }, at, rows) => {
    rows.put(parameters, { contract, name: "code", value: code, position: at.position });
  });
