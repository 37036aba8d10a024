import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";
import { type Bytes, equalBytes, fromHex, type RandomBytes, secureRandom, toHex, utf8 } from "../bytes.ts";
import { keyCommitment } from "../signing/index.ts";
import {
  CorruptRecoveryFileError,
  NotRecoveryFileError,
  RecoveryVersionError,
  WeakPassphraseError,
  WrongPassphraseError,
} from "./errors.ts";

const FORMAT = "keystrand-recovery";
const VERSION = 1;

/** OWASP's first choice for scrypt: 128 MiB and about a second. */
const WORK = { N: 2 ** 17, r: 8, p: 1 } as const;
// A file can ask for its own work, so that the choice can grow. More than this is an attack on who opens it.
const MOST_WORK = { N: 2 ** 20, r: 16, p: 4 } as const;

/** Shortest passphrase that is taken. */
export const SHORTEST_PASSPHRASE = 8;

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`));

/** One dataset in a recovery file. */
export const recoveryEntrySchema = z.strictObject({
  /** The dataset's id. */
  dataset: hex(32),
  /** Digest of the CAR's root. */
  root: hex(32),
  /** The secret that the file is for. */
  dataKey: hex(32),
});

const contentSchema = z.strictObject({ datasets: z.array(recoveryEntrySchema) });

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  kdf: z.strictObject({
    name: z.literal("scrypt"),
    N: z.int().min(2).max(MOST_WORK.N),
    r: z.int().min(1).max(MOST_WORK.r),
    p: z.int().min(1).max(MOST_WORK.p),
    salt: hex(32),
  }),
  cipher: z.strictObject({ name: z.literal("chacha20-poly1305"), nonce: hex(12) }),
  /** Base64. */
  ciphertext: z.base64(),
  /**
   * SHA-256 of everything above. It holds no secret and stops no attacker: it tells a damaged file from a wrong
   * passphrase, so that nobody doubts the right one.
   */
  checksum: hex(32),
});

type RecoveryFile = z.infer<typeof fileSchema>;

/** One dataset's key, with what it belongs to. */
export type RecoveryEntry = z.infer<typeof recoveryEntrySchema>;

/** How a recovery file is written. */
export interface WriteRecoveryOptions {
  readonly passphrase: string;
  readonly random?: RandomBytes | undefined;
  /** scrypt's work, a power of two; for tests and slow machines. Default 2^17. */
  readonly work?: number | undefined;
}

/**
 * A recovery file: the data keys of a contributor's datasets, locked with a passphrase (scrypt and ChaCha20-Poly1305)
 * in versioned JSON. It is the contributor's only way to another custodian when the present one is gone.
 *
 * It names datasets by their on-chain ids, so whoever finds the file learns nothing without the passphrase but how many
 * there are.
 * @example
 * ```ts
 * const text = await writeRecoveryFile([{ dataset, root, dataKey }], { passphrase });
 * ```
 * @throws {@link WeakPassphraseError}
 */
export async function writeRecoveryFile(
  entries: readonly RecoveryEntry[],
  options: WriteRecoveryOptions,
): Promise<string> {
  const passphrase = normal(options.passphrase);
  if ([...passphrase].length < SHORTEST_PASSPHRASE) throw new WeakPassphraseError(SHORTEST_PASSPHRASE);
  const random = options.random ?? secureRandom;
  const { kdf, cipher } = {
    kdf: { name: "scrypt", ...WORK, N: options.work ?? WORK.N, salt: toHex(random(32)) },
    cipher: { name: "chacha20-poly1305", nonce: toHex(random(12)) },
  } as const;
  const plain = utf8(JSON.stringify(contentSchema.parse({ datasets: entries })));
  const head = { format: FORMAT, version: VERSION, kdf, cipher } as const;
  const key = await scryptAsync(passphrase, fromHex(kdf.salt), { ...kdf, dkLen: 32 });
  const sealed = chacha20poly1305(key, fromHex(cipher.nonce), headBytes(head)).encrypt(plain);
  const file = { ...head, ciphertext: toBase64(sealed) };
  return `${JSON.stringify({ ...file, checksum: checksumOf(file) }, null, 2)}\n`;
}

/**
 * The data keys of a recovery file.
 * @throws {@link WrongPassphraseError}, {@link CorruptRecoveryFileError}, {@link NotRecoveryFileError},
 *   {@link RecoveryVersionError}
 */
export async function readRecoveryFile(text: string, passphrase: string): Promise<readonly RecoveryEntry[]> {
  const file = parseFile(text);
  const key = await scryptAsync(normal(passphrase), fromHex(file.kdf.salt), { ...file.kdf, dkLen: 32 });
  let plain: Uint8Array;
  try {
    plain = chacha20poly1305(key, fromHex(file.cipher.nonce), headBytes(file)).decrypt(
      fromBase64(file.ciphertext),
    );
  } catch (error) {
    if (error instanceof Error && error.message.includes("invalid tag")) throw new WrongPassphraseError();
    throw error;
  }
  const content = contentSchema.safeParse(JSON.parse(new TextDecoder().decode(plain)));
  if (!content.success)
    throw new CorruptRecoveryFileError("What it locks is no list of keys.", content.error);
  return content.data.datasets;
}

/**
 * Whether an entry's key is the one that was registered: what to check before moving to another custodian.
 * @param commitment - the dataset's key commitment on-chain, 32 bytes
 */
export const entryFits = (entry: RecoveryEntry, commitment: Uint8Array): boolean =>
  equalBytes(keyCommitment(fromHex(entry.root), fromHex(entry.dataKey)), commitment);

function parseFile(text: string): RecoveryFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // What begins as one and is no JSON was cut or changed; what does not is something else.
    if (text.includes(FORMAT)) throw new CorruptRecoveryFileError("It is cut off or changed.", error);
    throw new NotRecoveryFileError("It is no JSON.", error);
  }
  const known = z.looseObject({ format: z.literal(FORMAT), version: z.number() }).safeParse(json);
  if (!known.success) throw new NotRecoveryFileError("It is other JSON.", known.error);
  if (known.data.version !== VERSION) throw new RecoveryVersionError(known.data.version);
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success)
    throw new CorruptRecoveryFileError("Some of its fields are missing or changed.", parsed.error);
  const file = parsed.data;
  const powerOfTwo = Number.isInteger(Math.log2(file.kdf.N));
  if (!powerOfTwo || checksumOf(file) !== file.checksum) {
    throw new CorruptRecoveryFileError("Its checksum does not fit.");
  }
  return file;
}

/** What is authenticated next to the ciphertext: everything that says how to open it. */
function headBytes({ format, version, kdf, cipher }: Omit<RecoveryFile, "ciphertext" | "checksum">): Bytes {
  const { name, N, r, p, salt } = kdf;
  return utf8(JSON.stringify([format, version, name, N, r, p, salt, cipher.name, cipher.nonce]));
}

function checksumOf(file: Omit<RecoveryFile, "checksum">): string {
  return toHex(sha256(utf8(`${new TextDecoder().decode(headBytes(file))}${file.ciphertext}`)));
}

/** One passphrase, however the keyboard composed its letters. */
const normal = (passphrase: string): string => passphrase.normalize("NFKC");

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
