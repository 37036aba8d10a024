import { describe, expect, test } from "vitest";
import { revocationList } from "../development-root/root.ts";
import { X509Crl } from "../service/x509.ts";
import { type Authority, issue } from "../testing/pki.ts";
import { type ChainRules, verifyChain } from "./certificates.ts";

async function judge(chain: readonly Authority[], root: Authority, rules: Partial<ChainRules> = {}) {
  return verifyChain(
    chain.map(({ certificate }) => certificate),
    { roots: [root.certificate], crls: [], revocation: "when-known", at: new Date(), ...rules },
  );
}

async function threeLevels() {
  const root = await issue("root");
  const middle = await issue("middle", root);
  return { root, middle, leaf: await issue("leaf", middle, { ca: false }) };
}

const list = async (authority: Authority, revoked: readonly Authority[], at?: number) =>
  new X509Crl(
    await revocationList(
      authority,
      revoked.map(({ certificate }) => certificate),
      at,
    ),
  );

test("a chain that ends in a trusted root is accepted, with and without the root in it", async () => {
  const { root, middle, leaf } = await threeLevels();
  expect((await judge([leaf, middle, root], root)).equal(root.certificate)).toBe(true);
  expect((await judge([leaf, middle], root)).equal(root.certificate)).toBe(true);
});

describe("a chain is refused", () => {
  test("when its root is another one, even one of the same name", async () => {
    const { root, middle, leaf } = await threeLevels();
    await expect(judge([leaf, middle, root], await issue("other"))).rejects.toMatchObject({
      code: "platform-not-trusted",
    });
    await expect(judge([leaf, middle], await issue("root"))).rejects.toMatchObject({
      code: "certificate-invalid",
    });
  });

  test("when a link was signed by somebody else of the issuer's name", async () => {
    const { root, middle } = await threeLevels();
    const forged = await issue("leaf", await issue("middle", await issue("root")), { ca: false });
    await expect(judge([forged, middle, root], root)).rejects.toMatchObject({ code: "certificate-invalid" });
  });

  test("when an issuer is no CA, or issues below its path length", async () => {
    const root = await issue("root");
    const notCa = await issue("not a ca", root, { ca: false });
    await expect(judge([await issue("leaf", notCa, { ca: false }), notCa], root)).rejects.toMatchObject({
      code: "certificate-invalid",
    });
    const short = await issue("short", undefined, { pathLength: 0 });
    const below = await issue("below", short);
    await expect(judge([await issue("leaf", below, { ca: false }), below], short)).rejects.toMatchObject({
      code: "certificate-invalid",
    });
  });

  test("when any certificate is out of its dates", async () => {
    const root = await issue("root");
    const old = await issue("old", root, { notAfter: Date.now() - 1_000 });
    await expect(judge([await issue("leaf", old, { ca: false }), old], root)).rejects.toMatchObject({
      code: "certificate-expired",
    });
  });

  test("when its issuer has revoked a certificate", async () => {
    const { root, middle, leaf } = await threeLevels();
    const crls = [await list(root, [middle]), await list(middle, [])];
    await expect(judge([leaf, middle, root], root, { crls })).rejects.toMatchObject({
      code: "certificate-revoked",
    });
  });

  test("when lists are required and one is missing, forged or out of date", async () => {
    const { root, middle, leaf } = await threeLevels();
    const chain = [leaf, middle, root];
    const ofRoot = await list(root, []);
    const forged = await list({ ...(await issue("middle", await issue("root"))) }, []);
    const old = await list(middle, [], Date.now() - 20 * 365 * 24 * 3_600_000);
    for (const crls of [[ofRoot], [ofRoot, forged], [ofRoot, old]]) {
      await expect(judge(chain, root, { crls, revocation: "required" })).rejects.toMatchObject({
        code: "revocation-unknown",
      });
    }
    const crls = [ofRoot, await list(middle, [])];
    expect(await judge(chain, root, { crls, revocation: "required" })).toBeDefined();
  });
});
