import type { Collateral } from "@keystrand/sdk/http";
import { Quote, QuoteVerifier, type Report, utils } from "@phala/dcap-qvl";
import { z } from "zod";
import { parseCertificate, parseCrl, verifyChain } from "./certificates.ts";
import { type Findings, measurementOf } from "./findings.ts";
import { refusal } from "./refusal.ts";
import { rulesFor, type Trust } from "./trust.ts";

const svns = z.array(z.object({ svn: z.int().min(0).max(255) }));
const tcbInfo = z.object({
  tcbLevels: z.array(
    z.object({
      tcb: z.object({ pcesvn: z.int(), sgxtcbcomponents: svns, tdxtcbcomponents: svns.optional() }),
      tcbDate: z.iso.datetime(),
    }),
  ),
});
const qeIdentity = z.object({
  tcbLevels: z.array(z.object({ tcb: z.object({ isvsvn: z.int() }), tcbDate: z.iso.datetime() })),
});

/**
 * Verifies an Intel SGX or TDX quote with Intel's collateral.
 *
 * The library checks signatures, the quoting enclave, the TCB and debug flags; it neither authenticates the
 * revocation lists nor checks that issuers are CAs, so every chain is followed here first.
 */
export async function verifyDcap(
  document: Uint8Array,
  collateral: Collateral,
  trust: Trust,
  at: Date,
): Promise<Findings> {
  const quote = readQuote(document);
  const platform = quote.header.isSgx() ? "IntelSgx" : "IntelTdx";
  const lists = [collateral.root_ca_crl, collateral.pck_crl].map((hex) => parseCrl(Buffer.from(hex, "hex")));
  const rules = rulesFor(trust, [platform], at);
  const [root] = rules.roots;
  if (root === undefined) {
    throw refusal("platform-not-trusted", `This verifier does not appraise ${platform}.`);
  }
  const judged = { ...rules, revocation: "required" as const, crls: [...rules.crls, ...lists] };
  const pck = certificatesIn(quote.rawCertChain());
  for (const chain of [
    pck,
    certificatesIn(Buffer.from(collateral.tcb_info_issuer_chain)),
    certificatesIn(Buffer.from(collateral.qe_identity_issuer_chain)),
  ]) {
    await verifyChain(chain.map(parseCertificate), judged);
  }
  let report: Report;
  try {
    ({ report } = new QuoteVerifier(Buffer.from(root.rawData)).verify(
      document,
      collateral,
      Math.floor(at.getTime() / 1000),
    ));
  } catch (error) {
    throw explain(error);
  }
  return {
    platform,
    ...registersOf(report),
    tcbDate: tcbDate(quote, report, pck[0] ?? Buffer.alloc(0), collateral),
    // The library refuses debug quotes outright.
    debug: false,
  };
}

function registersOf(report: Report): Pick<Findings, "reportData" | "measurement"> {
  const sgx = report.asSgx();
  if (sgx !== null) {
    return { reportData: sgx.reportData, measurement: measurementOf([sgx.mrEnclave, sgx.mrSigner]) };
  }
  const td = report.asTd10() ?? report.asTd15()?.base;
  if (td == null) throw refusal("evidence-malformed", "The quote is neither of SGX nor of TDX.");
  return {
    reportData: td.reportData,
    measurement: measurementOf([td.mrTd, td.rtMr0, td.rtMr1, td.rtMr2, td.rtMr3]),
  };
}

/** The older of the dates of the levels that platform and quoting enclave reach, ms. */
function tcbDate(quote: Quote, report: Report, pck: Buffer, collateral: Collateral): number {
  const extension: unknown = utils.getIntelExtension(pck);
  const cpuSvn = utils.getCpuSvn(extension);
  const pceSvn = utils.getPceSvn(extension);
  const td = report.isSgx() ? null : (report.asTd10() ?? report.asTd15()?.base ?? null);
  const reaches = (have: Uint8Array, asked: z.infer<typeof svns>) =>
    asked.every(({ svn }, index) => (have[index] ?? 0) >= svn);
  const level = tcbInfo
    .parse(JSON.parse(collateral.tcb_info))
    .tcbLevels.find(
      ({ tcb }) =>
        pceSvn >= tcb.pcesvn &&
        reaches(cpuSvn, tcb.sgxtcbcomponents) &&
        (td === null || reaches(td.teeTcbSvn, tcb.tdxtcbcomponents ?? [])),
    );
  // SGX report body: ISVSVN is a u16 at offset 258 (Intel's quote format, "Enclave Report Body").
  const qeSvn = Buffer.from(quote.authData.intoV3().qeReport).readUInt16LE(258);
  const qeLevel = qeIdentity
    .parse(JSON.parse(collateral.qe_identity))
    .tcbLevels.find(({ tcb }) => qeSvn >= tcb.isvsvn);
  if (level === undefined || qeLevel === undefined) {
    throw refusal("tcb-not-trusted", "The platform reaches none of the TCB levels that Intel lists.");
  }
  return Math.min(Date.parse(level.tcbDate), Date.parse(qeLevel.tcbDate));
}

function readQuote(document: Uint8Array): Quote {
  try {
    return Quote.parse(document);
  } catch (error) {
    throw refusal("evidence-malformed", "The evidence is not a DCAP quote.", error);
  }
}

function certificatesIn(pem: Uint8Array): Buffer[] {
  return utils.extractCerts(Buffer.from(pem));
}

/** The library's errors are sentences only; these are the ones that a caller tells apart. */
function explain(error: unknown) {
  const said = error instanceof Error ? error.message : String(error);
  if (said.includes("Debug mode"))
    return refusal("debug-evidence", "The quote is of an enclave in debug mode.", error);
  if (said.includes("revoked")) return refusal("certificate-revoked", "A certificate is revoked.", error);
  if (/expired|in the future/.test(said))
    return refusal("evidence-stale", `Intel's collateral: ${said}.`, error);
  if (/TCB|Fmspc|QE /.test(said))
    return refusal("tcb-not-trusted", `The platform is not in order: ${said}.`, error);
  return refusal("signature-invalid", `The quote does not verify: ${said}.`, error);
}
