import { join } from "node:path";
import { x25519 } from "@noble/curves/ed25519.js";
import { cryptoWaitReady, sr25519PairFromSeed, sr25519Sign } from "@polkadot/util-crypto";
import { freshSecretHex, secretFile } from "./files.ts";

/** Signs as one account. */
export interface Signer {
  /** sr25519 public key, which is the account on-chain. */
  readonly account: Uint8Array;
  /** 32-byte seed, for a transaction signer over the same key. */
  readonly seed: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** An X25519 key pair that packets are sealed to. */
export interface EncryptionPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A signer over a seed, in memory. */
export async function signerFromSeed(seed: Uint8Array): Promise<Signer> {
  await cryptoWaitReady();
  const pair = sr25519PairFromSeed(seed);
  return { account: pair.publicKey, seed, sign: (message) => sr25519Sign(message, pair) };
}

/** The service's account, made at first start as `account.seed`. */
export async function accountOf(folder: string): Promise<Signer> {
  return signerFromSeed(readSecret(join(folder, "account.seed")));
}

/** The service's X25519 pair, made at first start as `encryption.secret`. */
export function encryptionPairOf(folder: string): EncryptionPair {
  const secretKey = readSecret(join(folder, "encryption.secret"));
  return { secretKey, publicKey: x25519.getPublicKey(secretKey) };
}

function readSecret(path: string): Uint8Array {
  const text = secretFile(path, freshSecretHex).trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new Error(`${path} does not hold 32 bytes in hex; restore it from your backup`);
  }
  return new Uint8Array(Buffer.from(text, "hex"));
}
