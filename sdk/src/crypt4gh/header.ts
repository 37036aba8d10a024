import {
  type Bytes,
  concatBytes,
  EndOfBytesError,
  type RandomBytes,
  u32LittleEndian,
  utf8,
  viewOf,
} from "../bytes.ts";
import type { ByteReader } from "../streams.ts";
import {
  EditListError,
  MalformedHeaderError,
  NoReadablePacketError,
  NotCrypt4ghError,
  TruncatedCrypt4ghError,
  UnsupportedCrypt4ghVersionError,
} from "./errors.ts";
import { type EditList, openContent, type PacketContent, sealContent } from "./packet.ts";

const MAGIC = utf8("crypt4gh");
const VERSION = 1;
/** Magic, version and packet count. */
const PREAMBLE_LENGTH = 16;

// A changed count or length must not make a reader hold the whole file as "header". No header in use comes near:
// a key packet has 108 bytes, and 4 MiB of edit list are half a million cuts.
const MAX_PACKETS = 65_536;
const MAX_HEADER_LENGTH = 16 * 1024 * 1024;

/** A header as it stands in the file, still sealed. */
export interface Header {
  /** Packets with their length fields. */
  readonly packets: readonly Bytes[];
  /** Bytes of the whole header: where the first segment begins. */
  readonly length: number;
}

/** What the packets for one reader say. */
export interface OpenedHeader {
  /** At least one, in the header's order. */
  readonly dataKeys: readonly Bytes[];
  readonly editList: EditList | undefined;
}

/** The secrets that a reader has: secret keys that packets may be sealed for, or data keys known otherwise. */
export interface ReaderKeys {
  /** X25519 secret keys, 32 bytes each. */
  readonly secretKeys?: readonly Uint8Array[] | undefined;
  /** Data keys, for whoever got them outside the header (an enclave by its key packets). */
  readonly dataKeys?: readonly Uint8Array[] | undefined;
}

/**
 * Reads a header from the start of a file.
 * @throws {@link NotCrypt4ghError}, {@link UnsupportedCrypt4ghVersionError}, {@link MalformedHeaderError},
 *   {@link TruncatedCrypt4ghError}
 */
export async function readHeader(reader: ByteReader): Promise<Header> {
  const preamble = await reader.upTo(PREAMBLE_LENGTH);
  if (!MAGIC.every((byte, at) => preamble[at] === byte)) throw new NotCrypt4ghError();
  if (preamble.length < PREAMBLE_LENGTH) throw new TruncatedCrypt4ghError("It ends inside the header.");
  const version = viewOf(preamble).getUint32(8, true);
  if (version !== VERSION) throw new UnsupportedCrypt4ghVersionError(version);
  const count = viewOf(preamble).getUint32(12, true);
  if (count > MAX_PACKETS) throw new MalformedHeaderError(`It claims ${count} packets.`);

  const packets: Bytes[] = [];
  let length = PREAMBLE_LENGTH;
  try {
    for (let index = 0; index < count; index++) {
      const lengthField = await reader.exactly(4);
      const packetLength = viewOf(lengthField).getUint32(0, true);
      if (packetLength < 8 || length + packetLength > MAX_HEADER_LENGTH) {
        throw new MalformedHeaderError(`Packet ${index} claims a length of ${packetLength} bytes.`);
      }
      packets.push(concatBytes(lengthField, await reader.exactly(packetLength - 4)));
      length += packetLength;
    }
  } catch (error) {
    if (error instanceof EndOfBytesError) {
      throw new TruncatedCrypt4ghError("It ends inside the header.", error);
    }
    throw error;
  }
  return { packets, length };
}

/** A header's bytes. */
export function encodeHeader(packets: readonly Uint8Array[]): Bytes {
  return concatBytes(MAGIC, u32LittleEndian(VERSION), u32LittleEndian(packets.length), ...packets);
}

/**
 * What the header says to a holder of these keys. Packets for others are passed over.
 * @throws {@link NoReadablePacketError} when neither the header nor the caller gives a data key
 * @throws {@link EditListError} when there is more than one edit list
 */
export function openHeader(header: Header, keys: ReaderKeys): OpenedHeader {
  const contents = readablePackets(header, keys.secretKeys ?? []);
  const dataKeys = contents.flatMap((content) => (content.kind === "data-key" ? [content.dataKey] : []));
  dataKeys.push(...(keys.dataKeys ?? []).map((key) => new Uint8Array(key)));
  if (dataKeys.length === 0) throw new NoReadablePacketError(header.packets.length);
  const editLists = contents.flatMap((content) => (content.kind === "edit-list" ? [content.lengths] : []));
  if (editLists.length > 1) throw new EditListError(`The header has ${editLists.length} of them.`);
  return { dataKeys, editList: editLists[0] };
}

/** For whom a file is sealed anew. */
export interface ResealOptions {
  /** Secret keys that open the present header. */
  readonly secretKeys: readonly Uint8Array[];
  /** X25519 public keys of the new readers. */
  readonly readers: readonly Uint8Array[];
  /** The writer's secret key; without it each packet has a fresh one. */
  readonly writer?: Uint8Array | undefined;
  readonly random?: RandomBytes | undefined;
}

/**
 * A header that says the same to new readers, and to them alone. The segments stay as they are.
 * @throws {@link NoReadablePacketError} when none of the secret keys opens the header
 */
export function resealHeader(header: Header, options: ResealOptions): Bytes {
  const contents = readablePackets(header, options.secretKeys);
  if (!contents.some((content) => content.kind === "data-key")) {
    throw new NoReadablePacketError(header.packets.length);
  }
  return encodeHeader(
    options.readers.flatMap((reader) =>
      contents.map((content) =>
        sealContent(content, { reader, writer: options.writer, random: options.random }),
      ),
    ),
  );
}

function readablePackets(header: Header, secretKeys: readonly Uint8Array[]): PacketContent[] {
  return header.packets.flatMap((packet) => {
    for (const secretKey of secretKeys) {
      const content = openContent(packet, secretKey);
      if (content !== undefined) return [content];
    }
    return [];
  });
}
