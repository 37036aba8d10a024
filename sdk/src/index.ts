export * from "./bytes.ts";
export * from "./car/index.ts";
export * from "./crypt4gh/index.ts";
export * from "./duo/index.ts";
export * from "./errors.ts";
export * from "./signing/index.ts";
export * from "./streams.ts";
export * from "./vcf/index.ts";
