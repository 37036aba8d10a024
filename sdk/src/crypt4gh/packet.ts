import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import {
  type Bytes,
  concatBytes,
  expectLength,
  type RandomBytes,
  secureRandom,
  u32LittleEndian,
  u64LittleEndian,
  viewOf,
} from "../bytes.ts";
import { BadKeyError, BadPacketError, EditListError, MalformedHeaderError } from "./errors.ts";
import { publicKeyOf, sharedKey } from "./keys.ts";

/** Length of a sealed key packet with its length field: 4 + 4 + 32 + 12 + 40 + 16. */
export const KEY_PACKET_LENGTH = 108;

/** Length field, method, writer's public key, nonce. */
const PACKET_PREFIX = 4 + 4 + 32 + 12;
const MAC_LENGTH = 16;
const METHOD_X25519_CHACHA20 = 0;
const TYPE_DATA_KEY = 0;
const TYPE_EDIT_LIST = 1;
const DATA_METHOD_CHACHA20 = 0;

/** Skip, keep, skip, keep ... in bytes of plaintext. After an odd number of lengths the rest is kept. */
export type EditList = readonly bigint[];

/** What a packet says once it is open. */
export type PacketContent =
  | { readonly kind: "data-key"; readonly dataKey: Bytes }
  | { readonly kind: "edit-list"; readonly lengths: EditList };

/** Who seals, for whom, with what randomness. */
export interface SealOptions {
  /** The reader's X25519 public key, 32 bytes. */
  readonly reader: Uint8Array;
  /** The writer's X25519 secret key; without it a fresh one is made and forgotten. */
  readonly writer?: Uint8Array | undefined;
  readonly random?: RandomBytes | undefined;
}

/**
 * Seals a data key to a reader: one crypt4gh header packet with its length field, 108 bytes. It is what a custodian
 * delivers to an enclave.
 * @example
 * ```ts
 * const packet = sealPacket({ dataKey, reader: enclave.publicKey });
 * const { dataKey: same } = openPacket(packet, enclave.secretKey);
 * ```
 * @throws {@link BadKeyError} when the reader's key is unusable
 */
export function sealPacket({ dataKey, ...options }: SealOptions & { readonly dataKey: Uint8Array }): Bytes {
  expectLength("A data key", dataKey, 32);
  return sealContent({ kind: "data-key", dataKey: new Uint8Array(dataKey) }, options);
}

/**
 * Opens a key packet.
 * @returns the data key, and the public key of whoever sealed it
 * @throws {@link BadPacketError} when it is no key packet, is not for this key, or was changed
 */
export function openPacket(
  packet: Uint8Array,
  readerSecret: Uint8Array,
): { readonly dataKey: Bytes; readonly writer: Bytes } {
  if (packet.length !== KEY_PACKET_LENGTH) {
    throw new BadPacketError(`It has ${packet.length} bytes; a key packet has ${KEY_PACKET_LENGTH}.`);
  }
  if (viewOf(packet).getUint32(0, true) !== KEY_PACKET_LENGTH) {
    throw new BadPacketError("Its length field is not its length.");
  }
  const content = openContent(packet, readerSecret);
  if (content === undefined) {
    throw new BadPacketError("It was sealed for another key, or its bytes were changed.");
  }
  if (content.kind !== "data-key") throw new BadPacketError("It holds no data key.");
  return { dataKey: content.dataKey, writer: packet.slice(8, 40) };
}

/** Seals any packet. */
export function sealContent(content: PacketContent, options: SealOptions): Bytes {
  const random = options.random ?? secureRandom;
  const writerSecret = options.writer ?? random(32);
  const writerPublic = publicKeyOf(writerSecret);
  const key = sharedKey(writerSecret, options.reader, options.reader, writerPublic);
  const nonce = random(12);
  const sealed = chacha20poly1305(key, nonce).encrypt(encodeContent(content));
  return concatBytes(
    u32LittleEndian(PACKET_PREFIX + sealed.length),
    u32LittleEndian(METHOD_X25519_CHACHA20),
    writerPublic,
    nonce,
    sealed,
  );
}

/**
 * Opens any packet.
 * @param packet - with its length field, which the caller has checked
 * @returns `undefined` when the packet is not for this key: a header carries packets for several readers
 * @throws {@link MalformedHeaderError} or {@link EditListError} when it is, but says nothing sensible
 */
export function openContent(packet: Uint8Array, readerSecret: Uint8Array): PacketContent | undefined {
  if (packet.length < PACKET_PREFIX + MAC_LENGTH) return undefined;
  // Methods are for readers to skip when they do not know them (specification, section 2.2).
  if (viewOf(packet).getUint32(4, true) !== METHOD_X25519_CHACHA20) return undefined;
  const writerPublic = packet.subarray(8, 40);
  let plain: Uint8Array;
  try {
    const key = sharedKey(readerSecret, writerPublic, publicKeyOf(readerSecret), writerPublic);
    plain = chacha20poly1305(key, packet.subarray(40, 52)).decrypt(packet.subarray(52));
  } catch (error) {
    if (error instanceof BadKeyError || isWrongTag(error)) return undefined;
    throw error;
  }
  return decodeContent(plain);
}

/** Whether the cipher refused the authentication code, and did not fail for another reason. */
export function isWrongTag(error: unknown): boolean {
  return error instanceof Error && error.message.includes("invalid tag");
}

function encodeContent(content: PacketContent): Bytes {
  if (content.kind === "data-key") {
    return concatBytes(
      u32LittleEndian(TYPE_DATA_KEY),
      u32LittleEndian(DATA_METHOD_CHACHA20),
      content.dataKey,
    );
  }
  return concatBytes(
    u32LittleEndian(TYPE_EDIT_LIST),
    u32LittleEndian(content.lengths.length),
    ...content.lengths.map(u64LittleEndian),
  );
}

function decodeContent(plain: Uint8Array): PacketContent {
  if (plain.length < 8) throw new MalformedHeaderError("A packet is too short to have a type.");
  const view = viewOf(plain);
  const type = view.getUint32(0, true);
  if (type === TYPE_DATA_KEY) {
    if (view.getUint32(4, true) !== DATA_METHOD_CHACHA20 || plain.length !== 40) {
      throw new MalformedHeaderError("A key packet is for another cipher than ChaCha20-Poly1305.");
    }
    return { kind: "data-key", dataKey: plain.slice(8) };
  }
  if (type !== TYPE_EDIT_LIST) throw new MalformedHeaderError(`A packet has the unknown type ${type}.`);
  const count = view.getUint32(4, true);
  if (plain.length !== 8 + count * 8) throw new EditListError("Its length is not its count of numbers.");
  return {
    kind: "edit-list",
    lengths: Array.from({ length: count }, (_, at) => view.getBigUint64(8 + at * 8, true)),
  };
}
