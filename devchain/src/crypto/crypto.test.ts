/** Published vectors, and independent implementations over random input. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 as nobleKeccak } from "@noble/hashes/sha3.js";
import {
  ed25519KeypairFromSeed,
  ed25519Sign,
  twox as rustTwox,
  sr25519KeypairFromSeed,
  sr25519Sign,
} from "@polkadot/wasm-crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, concat, fromHex, toHex } from "../codec/bytes.ts";
import { blake2_128, blake2_256, keccak_256, sha2_256, twox_64, twox_128, twox_256 } from "./hashing.ts";
import { RecoveryFailure, recoverSecp256k1, SignatureChecks } from "./signatures.ts";

describe("hashes", () => {
  test("have their published values", () => {
    // The storage prefix of System.Account, known from every Substrate chain.
    expect(toHex(twox_128(ascii("System")))).toBe("0x26aa394eea5630e07c48ae0c9558cef7");
    expect(toHex(twox_128(ascii("Account")))).toBe("0xb99d880ec681799c0cf30e8886371da9");
    // RFC 7693 has BLAKE2b-512 only; this is BLAKE2b-256 of nothing, as the empty code hash of many chains.
    expect(toHex(blake2_256(new Uint8Array()))).toBe(
      "0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
    );
    // Ethereum's empty hash, and FIPS 180-4's "abc".
    expect(toHex(keccak_256(new Uint8Array()))).toBe(
      "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(toHex(sha2_256(ascii("abc")))).toBe(
      "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("agree with other implementations on random input", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(blake2_128(bytes)).toEqual(blake2b(bytes, { dkLen: 16 }));
        expect(blake2_256(bytes)).toEqual(blake2b(bytes, { dkLen: 32 }));
        expect(sha2_256(bytes)).toEqual(sha256(bytes));
        expect(keccak_256(bytes)).toEqual(nobleKeccak(bytes));
        expect(twox_64(bytes)).toEqual(rustTwox(bytes, 1));
        expect(twox_128(bytes)).toEqual(rustTwox(bytes, 2));
        expect(twox_256(bytes)).toEqual(rustTwox(bytes, 4));
      }),
      { numRuns: 200 },
    );
  });

  test("are fresh bytes each time: a later hash does not change an earlier one", () => {
    const first = blake2_256(ascii("one"));
    const kept = first.slice();
    blake2_256(ascii("two"));
    expect(first).toEqual(kept);
  });
});

describe("signature checks", () => {
  const message = ascii("consent");
  const seed = new Uint8Array(32).fill(7);

  test("accept an sr25519 signature of its key and message only, and only with the marker bit", () => {
    const checks = new SignatureChecks();
    const pair = sr25519KeypairFromSeed(seed);
    const [secret, key] = [pair.subarray(0, 64), pair.subarray(64)];
    const signature = sr25519Sign(key, secret, message);
    expect(checks.sr25519(signature, message, key)).toBe(true);
    expect(checks.sr25519(signature, ascii("consenT"), key)).toBe(false);
    expect(checks.sr25519(signature, message, sr25519KeypairFromSeed(new Uint8Array(32)).subarray(64))).toBe(
      false,
    );
    const unmarked = signature.slice();
    unmarked[63]! &= 0x7f;
    expect(checks.sr25519(unmarked, message, key)).toBe(false);
    expect(checks.sr25519(new Uint8Array(64), message, new Uint8Array(32).fill(255))).toBe(false);
  });

  test("accept an ed25519 signature, do not mix the schemes up, and remember each answer", () => {
    const checks = new SignatureChecks();
    const pair = ed25519KeypairFromSeed(seed);
    const [secret, key] = [pair.subarray(0, 32), pair.subarray(32)];
    const signature = ed25519Sign(key, secret, message);
    for (let round = 0; round < 2; round++) {
      expect(checks.ed25519(signature, message, key)).toBe(true);
      expect(checks.sr25519(signature, message, key)).toBe(false);
      expect(checks.ed25519(signature, ascii("no"), key)).toBe(false);
    }
    const long = new Uint8Array(10_000).fill(1);
    expect(checks.ed25519(ed25519Sign(key, secret, long), long, key)).toBe(true);
  });

  test("recover the key of a secp256k1 signature, with v from 0 or from 27", () => {
    const digest = keccak_256(message);
    const recovered = secp256k1.sign(digest, seed, { prehash: false, format: "recovered" });
    // noble puts the recovery bit first, Substrate last.
    const rs = recovered.subarray(1);
    const v = recovered[0]!;
    const key = secp256k1.getPublicKey(seed, true);
    expect(recoverSecp256k1(concat(rs, Uint8Array.of(v)), digest)).toEqual(key);
    expect(recoverSecp256k1(concat(rs, Uint8Array.of(v + 27)), digest)).toEqual(key);
    expect(recoverSecp256k1(concat(rs, Uint8Array.of(v ^ 1)), digest)).not.toEqual(key);
  });

  test("name what is wrong with a secp256k1 signature as the node does", () => {
    const digest = new Uint8Array(32).fill(1);
    const order = fromHex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const one = new Uint8Array(32);
    one[31] = 1;
    const v = (byte: number) => Uint8Array.of(byte);
    expect(recoverSecp256k1(concat(one, one, v(4)), digest)).toBe(RecoveryFailure.badV);
    expect(recoverSecp256k1(concat(one, one, v(255)), digest)).toBe(RecoveryFailure.badV);
    expect(recoverSecp256k1(concat(order, one, v(0)), digest)).toBe(RecoveryFailure.badRS);
    expect(recoverSecp256k1(concat(one, order, v(0)), digest)).toBe(RecoveryFailure.badRS);
    expect(recoverSecp256k1(concat(new Uint8Array(32), one, v(0)), digest)).toBe(
      RecoveryFailure.badSignature,
    );
    // 5 is the x of no point on the curve.
    const five = new Uint8Array(32);
    five[31] = 5;
    expect(recoverSecp256k1(concat(five, one, v(0)), digest)).toBe(RecoveryFailure.badSignature);
  });
});
