import { webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../service/files.ts";
import { systemCode } from "../service/problem.ts";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from "../service/x509.ts";

/** Keys and signatures of a development root are those of AWS Nitro's: P-384 with SHA-384. */
export const NITRO_ALGORITHM = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" } as const;

const YEAR = 365 * 24 * 3_600_000;
const crypto = webcrypto as Crypto;

/** A root that vouches for simulated evidence. No hardware stands behind it. */
export interface DevelopmentRoot {
  readonly certificate: X509Certificate;
  readonly privateKey: CryptoKey;
}

/**
 * Makes a development root in a folder: `root.pem` and `crl.pem`, which verifiers trust, and `root.key`, which
 * only the simulated platform reads. Does nothing when it is there.
 */
export async function createDevelopmentRoot(folder: string, now = Date.now()): Promise<void> {
  if (existsSync(join(folder, "root.pem"))) return;
  const keys = await crypto.subtle.generateKey(NITRO_ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=Keystrand development root, O=SIMULATED - no hardware",
      keys,
      signingAlgorithm: NITRO_ALGORITHM,
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 10 * YEAR),
      extensions: [
        new BasicConstraintsExtension(true, 1, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    crypto,
  );
  const crl = await revocationList({ certificate, privateKey: keys.privateKey }, [], now);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  // All three files appear at once: whoever finds the folder finds it whole.
  const temporary = `${folder}.${process.pid}.new`;
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  replaceFile(join(temporary, "root.key"), PemConverter.encode(pkcs8, "PRIVATE KEY"));
  replaceFile(join(temporary, "crl.pem"), crl);
  replaceFile(join(temporary, "root.pem"), certificate.toString("pem"));
  chmodSync(join(temporary, "root.key"), 0o600);
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // Somebody else made it in the meantime.
    if (!["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Reads a development root with its private key. */
export async function openDevelopmentRoot(folder: string): Promise<DevelopmentRoot> {
  const [pkcs8] = PemConverter.decode(readFileSync(join(folder, "root.key"), "latin1"));
  if (pkcs8 === undefined) throw new Error(`${folder}/root.key holds no private key`);
  return {
    certificate: new X509Certificate(readFileSync(join(folder, "root.pem"), "latin1")),
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, NITRO_ALGORITHM, false, ["sign"]),
  };
}

/** A signed list of the certificates that the root has revoked, in PEM. */
export async function revocationList(
  root: DevelopmentRoot,
  revoked: readonly X509Certificate[],
  now = Date.now(),
): Promise<string> {
  const list = await X509CrlGenerator.create(
    {
      issuer: root.certificate.subject,
      thisUpdate: new Date(now - 60_000),
      nextUpdate: new Date(now + 10 * YEAR),
      entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date(now) })),
      signingAlgorithm: NITRO_ALGORITHM,
      signingKey: root.privateKey,
    },
    crypto,
  );
  return list.toString("pem");
}
