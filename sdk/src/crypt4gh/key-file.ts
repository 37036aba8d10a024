import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import {
  type Bytes,
  concatBytes,
  equalBytes,
  expectLength,
  type RandomBytes,
  secureRandom,
  utf8,
  viewOf,
} from "../bytes.ts";
import { KeyFileError, KeyPassphraseError } from "./errors.ts";
import { isWrongTag } from "./packet.ts";

const MAGIC = utf8("c4gh-v1");
/** Fixed by the container: its "rounds" field is written as 0 for scrypt. */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1, dkLen: 32 };
const SALT_LENGTH = 16;

/** How a secret key is written. */
export interface SecretKeyFileOptions {
  /** Locks the file; an empty or absent one leaves the key in the clear. */
  readonly passphrase?: string | undefined;
  /** Stands in the clear in the file. */
  readonly comment?: string | undefined;
  readonly random?: RandomBytes | undefined;
}

/** A public key as a PEM file, as the crypt4gh tools write it. */
export function writePublicKeyFile(publicKey: Uint8Array): string {
  expectLength("A public key", publicKey, 32);
  return toPem("PUBLIC", publicKey);
}

/**
 * The public key of a PEM file.
 * @throws {@link KeyFileError}
 */
export function readPublicKeyFile(pem: string): Bytes {
  const key = fromPem("PUBLIC", pem);
  if (key.length !== 32) throw new KeyFileError(`Its key has ${key.length} bytes; a public key has 32.`);
  return key;
}

/** A secret key as a PEM file (container c4gh-v1), locked by scrypt and ChaCha20-Poly1305 where a passphrase is given. */
export async function writeSecretKeyFile(
  secretKey: Uint8Array,
  options: SecretKeyFileOptions = {},
): Promise<string> {
  expectLength("A secret key", secretKey, 32);
  const comment = options.comment === undefined ? [] : [field(utf8(options.comment))];
  if (!options.passphrase) {
    return toPem(
      "PRIVATE",
      concatBytes(MAGIC, field(utf8("none")), field(utf8("none")), field(secretKey), ...comment),
    );
  }
  const random = options.random ?? secureRandom;
  const salt = random(SALT_LENGTH);
  const nonce = random(12);
  const lock = await scryptAsync(utf8(options.passphrase), salt, SCRYPT);
  const locked = concatBytes(nonce, chacha20poly1305(lock, nonce).encrypt(secretKey));
  return toPem(
    "PRIVATE",
    concatBytes(
      MAGIC,
      field(utf8("scrypt")),
      field(concatBytes(new Uint8Array(4), salt)),
      field(utf8("chacha20_poly1305")),
      field(locked),
      ...comment,
    ),
  );
}

/**
 * The secret key of a PEM file.
 * @throws {@link KeyPassphraseError} when it is locked and the passphrase is missing or another
 * @throws {@link KeyFileError} when it is no such file, or locked in a way that is not supported
 */
export async function readSecretKeyFile(pem: string, passphrase?: string): Promise<Bytes> {
  const container = fromPem("PRIVATE", pem);
  if (!equalBytes(container.subarray(0, MAGIC.length), MAGIC)) {
    throw new KeyFileError(
      "It is no c4gh-v1 container.",
      "OpenSSH keys are not supported: make a key with `crypt4gh-keygen` or with this product.",
    );
  }
  const fields = readFields(container.subarray(MAGIC.length));
  const kdf = fields.text("key derivation");
  const derivation = kdf === "none" ? undefined : fields.bytes("key derivation options");
  const cipher = fields.text("cipher");
  const material = fields.bytes("key");
  if (derivation === undefined) {
    if (cipher !== "none") throw new KeyFileError("It names a cipher and no key derivation.");
    return thirtyTwo(material);
  }
  if (kdf !== "scrypt" || cipher !== "chacha20_poly1305") {
    throw new KeyFileError(
      `It is locked with ${kdf} and ${cipher}; scrypt and chacha20_poly1305 are supported.`,
      "Lock the key anew with a current crypt4gh tool.",
    );
  }
  if (!passphrase) throw new KeyPassphraseError(false);
  if (material.length !== 12 + 32 + 16)
    throw new KeyFileError("Its locked key has another length than a key.");
  const lock = await scryptAsync(utf8(passphrase), derivation.subarray(4), SCRYPT);
  try {
    return thirtyTwo(
      new Uint8Array(chacha20poly1305(lock, material.subarray(0, 12)).decrypt(material.subarray(12))),
    );
  } catch (error) {
    if (isWrongTag(error)) throw new KeyPassphraseError(true);
    throw error;
  }
}

function thirtyTwo(key: Bytes): Bytes {
  if (key.length !== 32) throw new KeyFileError(`Its key has ${key.length} bytes; a secret key has 32.`);
  return key;
}

/** A u16 length, big-endian (unlike everything in crypt4gh files), and the bytes. */
function field(bytes: Uint8Array): Bytes {
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

function readFields(bytes: Uint8Array) {
  let at = 0;
  const next = (what: string): Bytes => {
    const start = at + 2;
    const end = start <= bytes.length ? start + viewOf(bytes).getUint16(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new KeyFileError(`It ends before its ${what}.`, "Use your copy of the key file.");
    at = end;
    return bytes.slice(start, end);
  };
  return { bytes: next, text: (what: string) => new TextDecoder().decode(next(what)) };
}

function toPem(kind: "PUBLIC" | "PRIVATE", bytes: Uint8Array): string {
  const label = `CRYPT4GH ${kind} KEY`;
  return `-----BEGIN ${label}-----\n${btoa(String.fromCharCode(...bytes))}\n-----END ${label}-----\n`;
}

function fromPem(kind: "PUBLIC" | "PRIVATE", pem: string): Bytes {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(pem);
  if (match === null) throw new KeyFileError("It is no PEM file: the BEGIN and END lines are missing.");
  const label = `CRYPT4GH ${kind} KEY`;
  if (match[1] !== label) {
    throw new KeyFileError(
      `It holds a "${match[1]}", not a "${label}".`,
      "Give the other file of the key pair.",
    );
  }
  try {
    return Uint8Array.from(atob((match[2] ?? "").replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
  } catch (error) {
    throw new KeyFileError("Its base64 is damaged.", "Use your copy of the key file.", error);
  }
}
