/** The chain Keystrand runs on. Nothing here imports Node: the loader that reads a file is chosen by platform. */
export { type WellKnownAccount, wellKnownAccounts } from "./accounts.ts";
export { developmentChain, developmentGenesisPatch } from "./chain.ts";
export { RuntimeChecksumError, runtimeSha256, verifyRuntime } from "./runtime.ts";
