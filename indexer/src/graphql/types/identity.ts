import {
  attestations,
  credentials,
  issuers,
  measurements,
  revocations,
  suspensions,
  verifiers,
} from "../../database/schema/index.ts";
import { entity, list, reference, single } from "../entity.ts";

const issuer = entity({
  name: "Issuer",
  table: issuers,
  description: "An account that may grant credentials.",
  columns: {
    kinds: "One bit for each kind, in the order of CredentialKind; 0: not accredited.",
    withheld: "Guardians let none of its grants count.",
  },
});
const credential = entity({
  name: "Credential",
  table: credentials,
  description:
    "A grant that its holder put on-chain. Whether it counts now also depends on dates and issuer.",
  columns: { grant: "The grant's hash.", scope: "All zero: unscoped." },
});
const revocation = entity({
  name: "Revocation",
  table: revocations,
  description: "A grant's hash that its issuer revoked or its holder dropped, presented or not.",
});
const suspension = entity({
  name: "Suspension",
  table: suspensions,
  description: "An account that is, or was, suspended.",
});
const verifier = entity({
  name: "Verifier",
  table: verifiers,
  description: "An account that appraises evidence of enclaves.",
  columns: { allowed: "Its results count.", withheld: "Guardians let its results not count." },
});
const measurement = entity({
  name: "Measurement",
  table: measurements,
  description: "A measurement of enclave code.",
  columns: { referenced: "It is a reference value.", withheld: "Guardians let it not count." },
});
export const attestation = entity({
  name: "Attestation",
  table: attestations,
  description: "Evidence that the escrow used for an order.",
  columns: { invalidatedAt: "When the order was sent back because it no longer stood." },
});

reference(credential, "byIssuer", issuer, { description: "Its issuer.", from: "issuer" });
reference(attestation, "ofMeasurement", measurement, {
  description: "What was measured.",
  from: "measurement",
});

single(credential, "credential", "The presented grant with this hash.");
list(issuer, {
  field: "issuers",
  description: "Issuers.",
  filter: ["account", "kinds", "withheld"],
  sort: ["account"],
});
list(credential, {
  field: "credentials",
  description: "Presented grants.",
  filter: ["holder", "issuer", "kind", "scope", "state", "validUntil"],
  sort: ["position"],
  newestFirst: true,
});
list(revocation, {
  field: "revocations",
  description: "Ended grants.",
  filter: ["account", "grant", "state"],
  sort: ["position"],
  newestFirst: true,
});
list(suspension, {
  field: "suspensions",
  description: "Suspensions.",
  filter: ["account", "suspended"],
  sort: ["account"],
});
list(verifier, {
  field: "verifiers",
  description: "Verifiers.",
  filter: ["account", "allowed", "withheld"],
  sort: ["account"],
});
list(measurement, {
  field: "measurements",
  description: "Measurements.",
  filter: ["measurement", "referenced", "platform", "withheld"],
  sort: ["measurement"],
});
list(attestation, {
  field: "attestations",
  description: "Used evidence.",
  filter: ["order", "evidence", "measurement"],
  sort: ["position"],
  newestFirst: true,
});
