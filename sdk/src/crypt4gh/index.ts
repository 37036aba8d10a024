export * from "./decrypt.ts";
export * from "./encrypt.ts";
export * from "./errors.ts";
export {
  encodeHeader,
  type Header,
  type OpenedHeader,
  openHeader,
  type ReaderKeys,
  type ResealOptions,
  readHeader,
  resealHeader,
} from "./header.ts";
export * from "./key-file.ts";
export { generateDataKey, generateKeyPair, type KeyPair, publicKeyOf } from "./keys.ts";
export {
  type EditList,
  KEY_PACKET_LENGTH,
  openPacket,
  type SealOptions,
  sealContent,
  sealPacket,
} from "./packet.ts";
export * from "./range.ts";
export { bodyLength, plaintextLength, SEGMENT_SIZE } from "./segment.ts";
