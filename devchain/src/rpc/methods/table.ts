import type { Method, MethodTable } from "../session.ts";
import { archiveMethods, chainSpecMethods } from "./archive.ts";
import { archiveV1Methods } from "./archive-v1.ts";
import { authorMethods } from "./author.ts";
import { chainMethods, runtimeVersionMethods } from "./chain.ts";
import { chainHeadMethods } from "./chain-head.ts";
import { childstateMethods } from "./childstate.ts";
import { devMethods } from "./dev.ts";
import { offchainMethods } from "./offchain.ts";
import { paymentMethods } from "./payment.ts";
import { stateMethods } from "./state.ts";
import { systemMethods } from "./system.ts";
import { transactionMethods } from "./transaction.ts";

/** Every method that a connection can call. */
export function methodTable(): MethodTable {
  const table = new Map<string, Method>([
    ...archiveMethods,
    ...archiveV1Methods,
    ...authorMethods,
    ...chainHeadMethods,
    ...chainMethods,
    ...chainSpecMethods,
    ...childstateMethods,
    ...devMethods,
    ...offchainMethods,
    ...paymentMethods,
    ...runtimeVersionMethods,
    ...stateMethods,
    ...systemMethods,
    ...transactionMethods,
  ]);
  const methods = [...table.keys(), "rpc_methods"].sort();
  table.set("rpc_methods", () => ({ methods }));
  return table;
}
