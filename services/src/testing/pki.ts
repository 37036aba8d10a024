import { webcrypto } from "node:crypto";
import { NITRO_ALGORITHM } from "../development-root/root.ts";
import {
  BasicConstraintsExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "../service/x509.ts";

const crypto = webcrypto as Crypto;
const HOUR = 3_600_000;

/** A certificate with its key, to sign others with. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly privateKey: CryptoKey;
}

/** A certificate issued by an authority, or by itself. */
export async function issue(
  name: string,
  issuer?: Authority,
  options: { ca?: boolean; pathLength?: number; notAfter?: number } = {},
): Promise<Authority> {
  const { ca = true, pathLength, notAfter = Date.now() + HOUR } = options;
  const keys = await crypto.subtle.generateKey(NITRO_ALGORITHM, true, ["sign", "verify"]);
  const common = {
    signingAlgorithm: NITRO_ALGORITHM,
    notBefore: new Date(Math.min(Date.now(), notAfter) - HOUR),
    notAfter: new Date(notAfter),
    extensions: [new BasicConstraintsExtension(ca, pathLength, true)],
  };
  const certificate =
    issuer === undefined
      ? await X509CertificateGenerator.createSelfSigned({ ...common, name: `CN=${name}`, keys }, crypto)
      : await X509CertificateGenerator.create(
          {
            ...common,
            subject: `CN=${name}`,
            issuer: issuer.certificate.subject,
            publicKey: keys.publicKey,
            signingKey: issuer.privateKey,
          },
          crypto,
        );
  return { certificate, privateKey: keys.privateKey };
}
