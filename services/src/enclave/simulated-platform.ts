import { webcrypto } from "node:crypto";
import { sha384 } from "@noble/hashes/sha2.js";
import { encode } from "cborg";
import { type DevelopmentRoot, NITRO_ALGORITHM } from "../development-root/root.ts";
import { toBase64 } from "../service/base64.ts";
import { KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } from "../service/x509.ts";
import { measurementOf } from "../verifier/findings.ts";
import { COMPUTATION } from "./computation.ts";
import type { EnclavePlatform } from "./platform.ts";

/** Nitro's certificates of an instance are good for three hours. */
const INSTANCE_LIFETIME = 3 * 3_600_000;
const crypto = webcrypto as Crypto;

/** The program that a simulated enclave says it runs; a new computation is a new name, and so a new measurement. */
export const SIMULATED_PROGRAM = COMPUTATION;

/** Registers 0 to 2 of the simulated platform: of image, kernel and application. They measure a name, no code. */
const REGISTERS = ["image", "kernel", "application"].map((part) =>
  sha384(new TextEncoder().encode(`SIMULATED ${part} of ${SIMULATED_PROGRAM}`)),
);

/** What a verifier finds in simulated evidence: a policy that admits the simulated enclave names this. */
export function simulatedMeasurement(): Uint8Array {
  return measurementOf(REGISTERS);
}

/** What a test may bend, to see that verifiers notice. */
export interface Simulation {
  readonly now?: () => number;
  /** Registers to show instead of the program's. */
  readonly registers?: readonly Uint8Array[];
}

/**
 * A platform without hardware: it signs documents of AWS Nitro's shape under a development root. Whoever holds
 * that root can forge them, so a policy must admit the platform by its name, and everything says SIMULATED.
 */
export function simulatedPlatform(root: DevelopmentRoot, simulation: Simulation = {}): EnclavePlatform {
  const now = simulation.now ?? Date.now;
  const registers = simulation.registers ?? REGISTERS;
  return {
    platform: "Simulated",
    measurement: measurementOf(registers),
    async attest(reportData) {
      const keys = await crypto.subtle.generateKey(NITRO_ALGORITHM, true, ["sign", "verify"]);
      const certificate = await X509CertificateGenerator.create(
        {
          subject: "CN=simulated-enclave, O=SIMULATED - no hardware",
          issuer: root.certificate.subject,
          publicKey: keys.publicKey,
          signingKey: root.privateKey,
          signingAlgorithm: NITRO_ALGORITHM,
          notBefore: new Date(now() - 60_000),
          notAfter: new Date(now() + INSTANCE_LIFETIME),
          extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)],
        },
        crypto,
      );
      const payload = encode({
        module_id: "simulated-enclave",
        digest: "SHA384",
        timestamp: now(),
        pcrs: new Map(registers.map((register, index) => [index, register])),
        certificate: new Uint8Array(certificate.rawData),
        cabundle: [new Uint8Array(root.certificate.rawData)],
        public_key: null,
        user_data: reportData,
        nonce: null,
      });
      const document = await coseSign1(payload, keys.privateKey);
      return { format: "nitro", document: toBase64(document) };
    },
  };
}

async function coseSign1(payload: Uint8Array, key: CryptoKey): Promise<Uint8Array> {
  // 1: algorithm, -35: ES384 (RFC 9053); the signed structure is RFC 9052, section 4.4.
  const header = encode(new Map([[1, -35]]));
  const signed = encode(["Signature1", header, new Uint8Array(), payload]);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-384" }, key, signed.slice());
  return encode([header, new Map(), payload, new Uint8Array(signature)]);
}
