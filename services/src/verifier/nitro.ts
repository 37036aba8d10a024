import { webcrypto } from "node:crypto";
import { decode, encode } from "cborg";
import { z } from "zod";
import type { X509Certificate } from "../service/x509.ts";
import { parseCertificate, verifyChain } from "./certificates.ts";
import { type Findings, measurementOf } from "./findings.ts";
import { refusal } from "./refusal.ts";
import { rulesFor, type Trust } from "./trust.ts";

/** COSE algorithm ES384 (RFC 9053, table 1): the only one that Nitro's documents use. */
const ES384 = -35;
/** COSE header label of the algorithm. */
const ALGORITHM = 1;

const bytes = (longest: number) => z.instanceof(Uint8Array).refine((value) => value.length <= longest);
const optional = bytes(1024).nullish();

const coseSign1 = z.tuple([bytes(64), z.instanceof(Map), bytes(16_384), bytes(96)]);

/** "Nitro Enclaves attestation process", section 3: the fields and their limits. */
const attestationDocument = z.object({
  module_id: z.string().min(1),
  digest: z.literal("SHA384"),
  timestamp: z.int().positive(),
  pcrs: z.map(
    z.int().min(0).max(31),
    bytes(64).refine((pcr) => pcr.length === 48),
  ),
  certificate: bytes(1024).refine((der) => der.length > 0),
  cabundle: z
    .array(bytes(1024).refine((der) => der.length > 0))
    .min(1)
    .max(8),
  public_key: optional,
  user_data: optional,
  nonce: optional,
});

/**
 * Verifies an attestation document in AWS Nitro's shape: COSE_Sign1 over CBOR, signed by a certificate whose chain
 * the document carries. The simulated platform makes the same shape under a development root.
 *
 * @param maxAge - oldest document that is accepted, ms
 */
export async function verifyNitro(
  document: Uint8Array,
  trust: Trust,
  at: Date,
  maxAge: number,
): Promise<Findings> {
  const [protectedHeader, , payload, signature] = readCbor(document, coseSign1);
  const header = readCbor(protectedHeader, z.instanceof(Map));
  if (header.get(ALGORITHM) !== ES384) {
    throw refusal("evidence-malformed", "The attestation document is not signed with ES384.");
  }
  const claims = readCbor(payload, attestationDocument, true);
  const leaf = parseCertificate(claims.certificate);
  // The bundle begins at the root; a chain begins at the leaf.
  const chain = [leaf, ...claims.cabundle.toReversed().map(parseCertificate)];
  const root = await verifyChain(chain, rulesFor(trust, ["AwsNitro", "Simulated"], at));
  await verifySignature(leaf, protectedHeader, payload, signature);
  if (Math.abs(at.getTime() - claims.timestamp) > maxAge) {
    throw refusal("evidence-stale", "The attestation document was not made at this time.");
  }
  const registers = [0, 1, 2].map((index) => {
    const pcr = claims.pcrs.get(index);
    if (pcr === undefined) throw refusal("evidence-malformed", `PCR${index} is missing from the document.`);
    return pcr;
  });
  const platform = trust.roots.find((trusted) => trusted.certificate.equal(root))?.platform;
  if (platform === undefined) throw refusal("platform-not-trusted", "The chain's root is not configured.");
  return {
    platform,
    reportData: claims.user_data ?? new Uint8Array(),
    measurement: measurementOf(registers),
    // AWS publishes no levels of its TCB: what is known is when it certified this machine's present state.
    tcbDate: leaf.notBefore.getTime(),
    // A Nitro enclave in debug mode has registers of zeroes.
    debug: registers.every((register) => register.every((byte) => byte === 0)),
  };
}

async function verifySignature(
  leaf: X509Certificate,
  protectedHeader: Uint8Array,
  payload: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  // RFC 9052, section 4.4: what is signed, without external data.
  const signed = encode(["Signature1", protectedHeader, new Uint8Array(), payload]);
  let holds = false;
  try {
    const key = await leaf.publicKey.export(
      { name: "ECDSA", namedCurve: "P-384" } as Algorithm,
      ["verify"],
      webcrypto as Crypto,
    );
    holds = await webcrypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-384" },
      key,
      signature.slice(),
      signed.slice(),
    );
  } catch (error) {
    throw refusal("signature-invalid", "The key of the evidence's certificate is not of P-384.", error);
  }
  if (!holds)
    throw refusal("signature-invalid", "The signature over the attestation document does not verify.");
}

function readCbor<Schema extends z.ZodType>(
  document: Uint8Array,
  schema: Schema,
  named = false,
): z.infer<Schema> {
  let value: unknown;
  try {
    // Tag 18 marks COSE_Sign1; Nitro leaves it out, others write it.
    value = decode(document, {
      useMaps: true,
      rejectDuplicateMapKeys: true,
      tags: { 18: (inner) => inner() },
    });
  } catch (error) {
    throw refusal("evidence-malformed", "The attestation document is not CBOR.", error);
  }
  if (named && value instanceof Map) value = Object.fromEntries(value);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw refusal(
      "evidence-malformed",
      "The attestation document does not have Nitro's fields.",
      parsed.error,
    );
  }
  return parsed.data;
}
