import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Platform } from "@keystrand/sdk/http";
import { constants } from "@phala/dcap-qvl";
import type { X509Certificate, X509Crl } from "../service/x509.ts";
import { type ChainRules, parseCertificate, parseCrl } from "./certificates.ts";

/** A root that the operator trusts, and the platform for which it stands. */
export interface TrustedRoot {
  readonly platform: Platform;
  readonly certificate: X509Certificate;
}

/** Roots and revocation lists. The code that appraises is the same for every platform; only this differs. */
export interface Trust {
  readonly roots: readonly TrustedRoot[];
  /** Read anew for each appraisal, so that a new list counts at once. */
  readonly crls: () => readonly X509Crl[];
  readonly revocation: ChainRules["revocation"];
}

/** What the operator chose. */
export interface TrustSettings {
  readonly platforms: readonly Exclude<Platform, "Simulated">[];
  /** Folder of a development root (`root.pem`, `crl.pem`): admits simulated evidence. */
  readonly developmentRoot: string | undefined;
  /** Folder with revocation lists, PEM or DER. */
  readonly crlFolder: string;
  readonly revocation: ChainRules["revocation"];
}

/** Reads the trusted roots. The vendors' root certificates ship with the product. */
export function readTrust(settings: TrustSettings): Trust {
  const roots: TrustedRoot[] = settings.platforms.map((platform) => ({
    platform,
    certificate: parseCertificate(
      platform === "AwsNitro"
        ? pemOrDer(join(import.meta.dirname, "aws-nitro-root.pem"))
        : constants.TRUSTED_ROOT_CA_DER,
    ),
  }));
  const { developmentRoot, crlFolder } = settings;
  if (developmentRoot !== undefined) {
    roots.push({
      platform: "Simulated",
      certificate: parseCertificate(pemOrDer(join(developmentRoot, "root.pem"))),
    });
  }
  return {
    roots,
    revocation: settings.revocation,
    crls: () => [
      ...crlsIn(crlFolder),
      ...(developmentRoot === undefined ? [] : [parseCrl(pemOrDer(join(developmentRoot, "crl.pem")))]),
    ],
  };
}

/** The rules under which a chain of one family of platforms is judged. */
export function rulesFor(trust: Trust, platforms: readonly Platform[], at: Date): ChainRules {
  return {
    roots: trust.roots.filter((root) => platforms.includes(root.platform)).map((root) => root.certificate),
    crls: trust.crls(),
    revocation: trust.revocation,
    at,
  };
}

function crlsIn(folder: string): X509Crl[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.(crl|pem|der)$/.test(name))
    .map((name) => parseCrl(pemOrDer(join(folder, name))));
}

function pemOrDer(path: string): Uint8Array {
  const bytes = readFileSync(path);
  const pem = /-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(bytes.toString("latin1"));
  return pem?.[1] === undefined ? bytes : Buffer.from(pem[1], "base64");
}
