import { createDecipheriv, scryptSync } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes.ts";
import { keyCommitment } from "../signing/index.ts";
import { counting, errorOf, fixedRandom } from "../testing/bytes.ts";
import {
  CorruptRecoveryFileError,
  NotRecoveryFileError,
  RecoveryError,
  RecoveryVersionError,
  WeakPassphraseError,
  WrongPassphraseError,
} from "./errors.ts";
import { entryFits, type RecoveryEntry, readRecoveryFile, writeRecoveryFile } from "./recovery-file.ts";

const PASSPHRASE = "Zürich tulip orbit lamp";
/** Less work than in use: the rules are the same and the tests are quick. */
const work = 2 ** 4;
const entries: readonly RecoveryEntry[] = [1, 2].map((first) => ({
  dataset: toHex(counting(first, 32)),
  root: toHex(counting(first + 40, 32)),
  dataKey: toHex(counting(first + 80, 32)),
}));

let file = "";
beforeAll(async () => {
  file = await writeRecoveryFile(entries, { passphrase: PASSPHRASE, work });
});

describe("a recovery file", () => {
  test("gives the keys back for the passphrase, however its letters were composed", async () => {
    expect(await readRecoveryFile(file, PASSPHRASE)).toEqual(entries);
    expect(await readRecoveryFile(file, PASSPHRASE.normalize("NFD"))).toEqual(entries);
  });

  test("can be empty, or hold 2 500 keys", async () => {
    const many = Array.from({ length: 2_500 }, () => entries[0]!);
    for (const list of [[], many]) {
      const text = await writeRecoveryFile(list, { passphrase: PASSPHRASE, work });
      expect(await readRecoveryFile(text, PASSPHRASE)).toEqual(list);
    }
  });

  test("shows neither keys nor datasets", () => {
    for (const { dataset, root, dataKey } of entries) {
      for (const secret of [dataset, root, dataKey]) expect(file).not.toContain(secret.slice(2));
    }
  });

  test("written twice is never the same", async () => {
    const again = await writeRecoveryFile(entries, { passphrase: PASSPHRASE, work });
    const fields = (text: string) =>
      [/"salt": "(.*)"/, /"nonce": "(.*)"/, /"ciphertext": "(.*)"/].map((one) => one.exec(text)?.[1]);
    for (const [at, field] of fields(again).entries()) expect(field).not.toBe(fields(file)[at]);
  });

  test("with the work in use opens, and is the same for the same randomness: the format cannot drift", async () => {
    const text = await writeRecoveryFile(entries.slice(0, 1), {
      passphrase: PASSPHRASE,
      random: fixedRandom(counting(0, 44)),
    });
    expect(JSON.parse(text)).toEqual({
      format: "keystrand-recovery",
      version: 1,
      kdf: { name: "scrypt", N: 131_072, r: 8, p: 1, salt: toHex(counting(0, 32)) },
      cipher: { name: "chacha20-poly1305", nonce: toHex(counting(32, 12)) },
      ciphertext: expect.any(String),
      checksum: "0xf9d4abb43926c9c56ecd31fcb5f9e135052b991b6bbb84749aacb85c3cadbc5b",
    });
    expect(await readRecoveryFile(text, PASSPHRASE)).toEqual(entries.slice(0, 1));
  });

  test("opens with OpenSSL alone: nothing in it is this program's secret", async () => {
    const { kdf, cipher, ciphertext, format, version } = JSON.parse(file);
    const key = scryptSync(PASSPHRASE, fromHex(kdf.salt), 32, { N: kdf.N, r: kdf.r, p: kdf.p });
    const sealed = Buffer.from(ciphertext, "base64");
    const opener = createDecipheriv("chacha20-poly1305", key, fromHex(cipher.nonce), { authTagLength: 16 });
    const head = [format, version, kdf.name, kdf.N, kdf.r, kdf.p, kdf.salt, cipher.name, cipher.nonce];
    opener.setAAD(Buffer.from(JSON.stringify(head)), { plaintextLength: sealed.length - 16 });
    opener.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([opener.update(sealed.subarray(0, -16)), opener.final()]);
    expect(JSON.parse(plain.toString())).toEqual({ datasets: entries });
  });

  test("knows whether a key is the one that was registered", () => {
    const [one, other] = entries;
    const commitment = keyCommitment(fromHex(one!.root), fromHex(one!.dataKey));
    expect(entryFits(one!, commitment)).toBe(true);
    expect(entryFits(other!, commitment)).toBe(false);
  });
});

describe("what is wrong is told apart", () => {
  test("another passphrase", async () => {
    for (const wrong of ["", "zürich tulip orbit lamp", `${PASSPHRASE} `]) {
      expect(await errorOf(() => readRecoveryFile(file, wrong))).toBeInstanceOf(WrongPassphraseError);
    }
  });

  test("a passphrase that protects nothing is not taken", async () => {
    for (const weak of ["", "secret", "1234567"]) {
      const work = () => writeRecoveryFile(entries, { passphrase: weak });
      expect(await errorOf(work)).toBeInstanceOf(WeakPassphraseError);
    }
  });

  test("another file", async () => {
    for (const text of ["", "hello", "{}", "[1]", '{"format":"other","version":1}', "null"]) {
      expect(await errorOf(() => readRecoveryFile(text, PASSPHRASE))).toBeInstanceOf(NotRecoveryFileError);
    }
  });

  test("a later version", async () => {
    const later = file.replace('"version": 1', '"version": 2');
    expect(await errorOf(() => readRecoveryFile(later, PASSPHRASE))).toBeInstanceOf(RecoveryVersionError);
  });

  test("a file that asks for more work than any should", async () => {
    for (const [asked, more] of [
      ['"N": 16', '"N": 1073741824'],
      ['"r": 8', '"r": 4096'],
      ['"N": 16', '"N": 17'],
    ]) {
      const text = file.replace(asked!, more!);
      expect(await errorOf(() => readRecoveryFile(text, PASSPHRASE))).toBeInstanceOf(
        CorruptRecoveryFileError,
      );
    }
  });

  test("any cut or changed letter is never a wrong passphrase, and never another key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.constantFrom(...'0aZ+ "{é'), async (at, letter) => {
        const changed = file.slice(0, at) + letter + file.slice(at + 1);
        const cut = file.slice(0, at);
        for (const text of [changed, cut]) {
          try {
            // Blanks between fields mean nothing in JSON.
            expect(await readRecoveryFile(text, PASSPHRASE)).toEqual(entries);
          } catch (error) {
            expect(error).toBeInstanceOf(RecoveryError);
            expect(error).not.toBeInstanceOf(WrongPassphraseError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a file that somebody made to look whole does not open", async () => {
    const forged = await writeRecoveryFile(entries, { passphrase: "another passphrase", work });
    expect(await errorOf(() => readRecoveryFile(forged, PASSPHRASE))).toBeInstanceOf(WrongPassphraseError);
  });
});
