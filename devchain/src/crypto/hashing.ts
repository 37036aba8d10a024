/**
 * Synchronous hash functions. hash-wasm compiles its modules asynchronously, hence the top-level await: once
 * this module is imported, every function here is a plain function of its bytes.
 */
import { createBLAKE2b, createKeccak, createSHA256, createXXHash64, type IHasher } from "hash-wasm";

const [blake2b128, blake2b256, sha256Hasher, keccak256Hasher, ...xxHash64] = await Promise.all([
  createBLAKE2b(128),
  createBLAKE2b(256),
  createSHA256(),
  createKeccak(256),
  // Seeds 0 to 3: TwoX-n is xxHash64 under n/64 seeds, each written little-endian.
  createXXHash64(0, 0),
  createXXHash64(1, 0),
  createXXHash64(2, 0),
  createXXHash64(3, 0),
]);

function digest(hasher: IHasher, bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}

export const blake2_128 = (bytes: Uint8Array): Uint8Array => digest(blake2b128, bytes);
export const blake2_256 = (bytes: Uint8Array): Uint8Array => digest(blake2b256, bytes);
export const sha2_256 = (bytes: Uint8Array): Uint8Array => digest(sha256Hasher, bytes);
export const keccak_256 = (bytes: Uint8Array): Uint8Array => digest(keccak256Hasher, bytes);

function twox(bytes: Uint8Array, words: 1 | 2 | 4): Uint8Array {
  const hash = new Uint8Array(words * 8);
  for (let word = 0; word < words; word++) {
    hash.set(digest(xxHash64[word]!, bytes).reverse(), word * 8);
  }
  return hash;
}

export const twox_64 = (bytes: Uint8Array): Uint8Array => twox(bytes, 1);
export const twox_128 = (bytes: Uint8Array): Uint8Array => twox(bytes, 2);
export const twox_256 = (bytes: Uint8Array): Uint8Array => twox(bytes, 4);
