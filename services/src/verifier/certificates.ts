import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
  X509Crl,
} from "../service/x509.ts";
import { refusal } from "./refusal.ts";

/** How a chain is judged. */
export interface ChainRules {
  /** The only certificates that a chain may end in. */
  readonly roots: readonly X509Certificate[];
  readonly crls: readonly X509Crl[];
  /** Whether an issuer without a current revocation list ends the appraisal. */
  readonly revocation: "required" | "when-known";
  /** The time of judgement. */
  readonly at: Date;
}

/** @throws ServiceProblem `evidence-malformed` for bytes that are no certificate */
export function parseCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der.slice());
  } catch (error) {
    throw refusal("evidence-malformed", "A certificate in the evidence cannot be read.", error);
  }
}

/** @throws ServiceProblem `evidence-malformed` for bytes that are no revocation list */
export function parseCrl(der: Uint8Array): X509Crl {
  try {
    return new X509Crl(der.slice());
  } catch (error) {
    throw refusal("evidence-malformed", "A revocation list cannot be read.", error);
  }
}

/**
 * Follows a chain from a leaf to a trusted root (RFC 5280, section 6, as far as these platforms use it): names,
 * signatures, dates, CA flags and path lengths, and revocation by lists whose own signatures are checked.
 *
 * @param chain - the leaf first, then each one's issuer; the root may stand at the end or be left out
 * @returns the root in which it ends
 */
export async function verifyChain(
  chain: readonly X509Certificate[],
  rules: ChainRules,
): Promise<X509Certificate> {
  const path = [...chain];
  const last = path.at(-1);
  if (last === undefined) throw refusal("certificate-invalid", "The evidence has no certificate.");
  const ends = rules.roots.find((root) => root.equal(last));
  const root = ends ?? rules.roots.find((candidate) => candidate.subject === last.issuer);
  if (root === undefined) {
    throw refusal("platform-not-trusted", "The certificate chain ends in no root that this verifier trusts.");
  }
  if (ends === undefined) path.push(root);
  if (path.length < 2) throw refusal("certificate-invalid", "A root does not vouch for evidence itself.");

  for (const [depth, certificate] of path.entries()) {
    if (rules.at < certificate.notBefore || rules.at > certificate.notAfter) {
      throw refusal(
        "certificate-expired",
        `The certificate of ${certificate.subject} is not valid at this time.`,
      );
    }
    const issuer = path[depth + 1];
    // The root is trusted because it is configured, not because it vouches for itself.
    if (issuer !== undefined) await verifyIssued(certificate, issuer, depth);
  }
  // Only now are the issuers known to be who they say, and their lists worth reading.
  for (const [depth, certificate] of path.entries()) {
    await verifyNotRevoked(certificate, path[depth + 1] ?? certificate, rules);
  }
  return root;
}

async function verifyIssued(
  certificate: X509Certificate,
  issuer: X509Certificate,
  depth: number,
): Promise<void> {
  if (certificate.issuer !== issuer.subject) {
    throw refusal("certificate-invalid", `${certificate.subject} was not issued by ${issuer.subject}.`);
  }
  const constraints = issuer.getExtension(BasicConstraintsExtension);
  // The path length counts the CAs between an issuer and the leaf, which is as many as the issued one's depth.
  if (!constraints?.ca || (constraints.pathLength !== undefined && constraints.pathLength < depth)) {
    throw refusal("certificate-invalid", `${issuer.subject} may not issue certificates at this place.`);
  }
  const usages = issuer.getExtension(KeyUsagesExtension);
  if (usages !== null && (usages.usages & KeyUsageFlags.keyCertSign) === 0) {
    throw refusal("certificate-invalid", `The key of ${issuer.subject} may not sign certificates.`);
  }
  if (!(await signed(certificate, issuer))) {
    throw refusal(
      "certificate-invalid",
      `The signature of ${issuer.subject} over a certificate does not verify.`,
    );
  }
}

async function verifyNotRevoked(
  certificate: X509Certificate,
  issuer: X509Certificate,
  { crls, at, revocation }: ChainRules,
): Promise<void> {
  let current = false;
  for (const crl of crls) {
    if (crl.issuer !== issuer.subject) continue;
    // A list that the issuer did not sign says nothing: it may hide a revocation.
    if (!(await signed(crl, issuer))) continue;
    if (crl.findRevoked(certificate) !== null) {
      throw refusal(
        "certificate-revoked",
        `${issuer.subject} has revoked the certificate of ${certificate.subject}.`,
      );
    }
    if (crl.thisUpdate <= at && (crl.nextUpdate === undefined || at <= crl.nextUpdate)) current = true;
  }
  if (!current && revocation === "required") {
    throw refusal("revocation-unknown", `There is no current revocation list of ${issuer.subject}.`);
  }
}

async function signed(document: X509Certificate | X509Crl, issuer: X509Certificate): Promise<boolean> {
  const crypto = webcrypto as Crypto;
  try {
    return document instanceof X509Crl
      ? await document.verify({ publicKey: issuer }, crypto)
      : await document.verify({ publicKey: issuer, signatureOnly: true }, crypto);
  } catch {
    // A key or signature of another kind than the other says: it does not verify.
    return false;
  }
}
