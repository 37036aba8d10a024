import type { HostContext, HostFunctions } from "./context.ts";
import { cryptoFunctions, hashingFunctions } from "./crypto.ts";
import { miscFunctions } from "./misc.ts";
import { childStorageFunctions, storageFunctions } from "./storage.ts";
import { trieFunctions } from "./trie.ts";

/** Every host function there is, for one guest. */
export function hostFunctions(host: HostContext): HostFunctions {
  return {
    ...storageFunctions(host),
    ...childStorageFunctions(host),
    ...cryptoFunctions(host),
    ...hashingFunctions(host),
    ...trieFunctions(host),
    ...miscFunctions(host),
  };
}
