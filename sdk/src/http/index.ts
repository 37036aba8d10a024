export * from "./block-store.ts";
export * from "./custodian.ts";
export * from "./enclave.ts";
export * from "./problem.ts";
export * from "./request.ts";
export * from "./service.ts";
export * from "./values.ts";
export * from "./verifier.ts";
