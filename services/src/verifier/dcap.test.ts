import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Collateral, collateralSchema } from "@keystrand/sdk/http";
import { describe, expect, test } from "vitest";
import { revocationList } from "../development-root/root.ts";
import { issue } from "../testing/pki.ts";
import { verifyDcap } from "./dcap.ts";
import { measurementOf } from "./findings.ts";
import { readTrust } from "./trust.ts";

const fixtures = join(import.meta.dirname, "../../fixtures");
const trust = readTrust({
  platforms: ["IntelTdx", "IntelSgx"],
  developmentRoot: undefined,
  crlFolder: "none",
  revocation: "required",
});
/** Inside the dates of the fixtures' collateral. */
const THEN = new Date("2025-06-20T00:00:00Z");

function sample(kind: "tdx" | "sgx") {
  return {
    quote: new Uint8Array(readFileSync(join(fixtures, `${kind}_quote`))),
    collateral: collateralSchema.parse(
      JSON.parse(readFileSync(join(fixtures, `${kind}_quote_collateral.json`), "utf8")),
    ),
  };
}

describe("a real Intel quote is verified against Intel's root", () => {
  test("TDX: report data and registers are those of the quote's bytes", async () => {
    const { quote, collateral } = sample("tdx");
    // TD quote body v4: header 48 bytes; MRTD at 136 of the body, RTMR0..3 at 328, report data at 520.
    const at = (offset: number, length: number) => quote.subarray(48 + offset, 48 + offset + length);
    const findings = await verifyDcap(quote, collateral, trust, THEN);
    expect(findings).toMatchObject({
      platform: "IntelTdx",
      debug: false,
      tcbDate: Date.parse("2024-03-13T00:00:00Z"),
    });
    expect(findings.reportData).toEqual(at(520, 64));
    expect(findings.measurement).toEqual(
      measurementOf([at(136, 48), at(328, 48), at(376, 48), at(424, 48), at(472, 48)]),
    );
  });

  test("SGX: MRENCLAVE and MRSIGNER are measured", async () => {
    const { quote, collateral } = sample("sgx");
    const findings = await verifyDcap(quote, collateral, trust, THEN);
    expect(findings.platform).toBe("IntelSgx");
    expect(new TextDecoder().decode(findings.reportData.subarray(0, 13))).toBe("Hello, world!");
    // SGX report body: MRENCLAVE at 64, MRSIGNER at 128.
    expect(findings.measurement).toEqual(measurementOf([quote.slice(112, 144), quote.slice(176, 208)]));
  });
});

describe("a quote is refused", () => {
  const refused = async (bend: (given: { quote: Uint8Array; collateral: Collateral }) => void, at = THEN) => {
    const given = sample("tdx");
    bend(given);
    const error: unknown = await verifyDcap(given.quote, given.collateral, trust, at).catch(
      (caught) => caught,
    );
    return (error as { code?: string }).code;
  };

  test("when one bit of its report or of its signature is flipped", async () => {
    for (const at of [48 + 520, 636]) {
      const code = await refused(({ quote }) => {
        quote[at]! ^= 1;
      });
      expect(code).toBe("signature-invalid");
    }
  });

  test("when the collateral is expired or changed", async () => {
    expect(await refused(() => {}, new Date("2025-08-20T00:00:00Z"))).toMatch(
      /revocation-unknown|evidence-stale/,
    );
    expect(
      await refused(({ collateral }) => {
        collateral.tcb_info = collateral.tcb_info.replace("UpToDate", "OutOfDate");
      }),
    ).toBe("signature-invalid");
  });

  test("when a revocation list is one that Intel did not sign: an attester cannot hide a revocation", async () => {
    const impostor = await issue("impostor");
    const pem = await revocationList(impostor, []);
    const der = Buffer.from(pem.replace(/-----[A-Z0-9 ]+-----|\s/g, ""), "base64").toString("hex");
    expect(
      await refused(({ collateral }) => {
        collateral.root_ca_crl = der;
      }),
    ).toBe("revocation-unknown");
    expect(
      await refused(({ collateral }) => {
        collateral.pck_crl = der;
      }),
    ).toBe("revocation-unknown");
  });

  test("when it is no quote, or of a platform that is not configured", async () => {
    const { collateral, quote } = sample("tdx");
    await expect(verifyDcap(new Uint8Array(100), collateral, trust, THEN)).rejects.toMatchObject({
      code: "evidence-malformed",
    });
    const sgxOnly = readTrust({
      platforms: ["IntelSgx"],
      developmentRoot: undefined,
      crlFolder: "none",
      revocation: "required",
    });
    await expect(verifyDcap(quote, collateral, sgxOnly, THEN)).rejects.toMatchObject({
      code: "platform-not-trusted",
    });
  });
});
