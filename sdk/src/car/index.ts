export { MAX_BLOCK_LENGTH, parseCid, rootCid, rootDigest, verifyBlock } from "./cid.ts";
export * from "./dataset.ts";
export * from "./errors.ts";
export { dataPath, MANIFEST_PATH, type Manifest, type ManifestFile, manifestSchema } from "./manifest.ts";
export { type CarBlock, type FileToPack, type PackedCar, packCar } from "./pack.ts";
export * from "./read.ts";
export type { BlockSource, FileEntry } from "./unixfs.ts";
