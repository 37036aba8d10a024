import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { collectBytes } from "../streams.ts";
import { counting, errorOf } from "../testing/bytes.ts";
import { decryptFile } from "./decrypt.ts";
import { KeyFileError, KeyPassphraseError } from "./errors.ts";
import { readPublicKeyFile, readSecretKeyFile, writePublicKeyFile, writeSecretKeyFile } from "./key-file.ts";
import { generateKeyPair, publicKeyOf } from "./keys.ts";

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
const PASSPHRASE = "correct horse battery staple";

describe("key files made by the reference implementation", () => {
  test("in the clear and locked with scrypt are read, and fit their public keys", async () => {
    for (const name of ["open", "locked"]) {
      const secret = await readSecretKeyFile(fixture(`${name}.sec`).toString(), PASSPHRASE);
      expect(publicKeyOf(secret)).toEqual(readPublicKeyFile(fixture(`${name}.pub`).toString()));
    }
  });
});

describe("files encrypted by the reference implementation", () => {
  const plain = Uint8Array.from({ length: 66_000 }, (_, i) => (i * 7 + Math.floor(i / 251)) & 0xff);

  test("are read by each of their readers", async () => {
    for (const name of ["open", "locked"]) {
      const secret = await readSecretKeyFile(fixture(`${name}.sec`).toString(), PASSPHRASE);
      const opened = await collectBytes(decryptFile(fixture("two-readers.c4gh"), { secretKeys: [secret] }));
      expect(opened).toEqual(plain);
    }
  });

  test("are read as their edit list says", async () => {
    const secret = await readSecretKeyFile(fixture("open.sec").toString());
    const opened = await collectBytes(decryptFile(fixture("edited.c4gh"), { secretKeys: [secret] }));
    expect(opened).toEqual(plain.slice(65_000, 65_599));
  });
});

describe("key files made here", () => {
  const { secretKey, publicKey } = generateKeyPair();

  test("give the key back", async () => {
    expect(readPublicKeyFile(writePublicKeyFile(publicKey))).toEqual(publicKey);
    expect(await readSecretKeyFile(await writeSecretKeyFile(secretKey))).toEqual(secretKey);
    const locked = await writeSecretKeyFile(secretKey, { passphrase: "pässword", comment: "laptop" });
    expect(await readSecretKeyFile(locked, "pässword")).toEqual(secretKey);
  });

  test("are read with other line ends and with text around them", async () => {
    const pem = await writeSecretKeyFile(secretKey, { comment: "x".repeat(200) });
    const wrapped = pem.replace(/(.{64})(?=[A-Za-z0-9])/g, "$1\n").replaceAll("\n", "\r\n");
    expect(await readSecretKeyFile(`a note\r\n${wrapped}\r\n`)).toEqual(secretKey);
  });

  test("hide the key behind the passphrase", async () => {
    const locked = await writeSecretKeyFile(secretKey, { passphrase: PASSPHRASE });
    expect(await errorOf(() => readSecretKeyFile(locked))).toBeInstanceOf(KeyPassphraseError);
    expect(await errorOf(() => readSecretKeyFile(locked, "another"))).toBeInstanceOf(KeyPassphraseError);
  });
});

describe("what is no key file is refused with a reason", () => {
  let pem = "";
  beforeAll(async () => {
    pem = await writeSecretKeyFile(counting(1, 32));
  });

  test.each([
    ["nothing", () => ""],
    ["another text", () => "hello"],
    ["a public key", () => writePublicKeyFile(counting(1, 32))],
    ["a file cut off", () => pem.slice(0, 80)],
    ["damaged base64", () => pem.replace("YzR", "Yz=")],
    ["an OpenSSH key", () => pem.replace("YzRnaC12MQ", "b3BlbnNzaC")],
    [
      "a key derivation that is not supported",
      () => pem.replace(btoa("c4gh-v1\0\x04non"), btoa("c4gh-v1\0\x04abc")),
    ],
  ])("%s", async (_, text) => {
    expect(await errorOf(() => readSecretKeyFile(text(), PASSPHRASE))).toBeInstanceOf(KeyFileError);
  });

  test("a secret key where a public one is due", () => {
    expect(() => readPublicKeyFile(pem)).toThrow(KeyFileError);
  });

  test("any container that was cut or changed gives a key or a typed error", async () => {
    const body = pem.split("\n")[1] ?? "";
    const container = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(container.length - 1),
        fc.nat(255),
        fc.nat(container.length),
        async (at, value, cut) => {
          const changed = container.slice();
          changed[at] = value;
          const text = pem.replace(body, btoa(String.fromCharCode(...changed.subarray(0, cut))));
          try {
            expect((await readSecretKeyFile(text)).length).toBe(32);
          } catch (error) {
            expect([KeyFileError, KeyPassphraseError].some((kind) => error instanceof kind)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
