import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import {
  type AppraisalRequest,
  attestationResultSchema,
  problemSchema,
  verifierIdentitySchema,
} from "@keystrand/sdk/http";
import { attestationMessage, blake2b256, reportData } from "@keystrand/sdk/signing";
import { sr25519Verify } from "@polkadot/util-crypto";
import { decode, encode } from "cborg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDevelopmentRoot, openDevelopmentRoot, revocationList } from "../development-root/root.ts";
import { type Simulation, simulatedMeasurement, simulatedPlatform } from "../enclave/simulated-platform.ts";
import { fromBase64, toBase64 } from "../service/base64.ts";
import { X509Certificate } from "../service/x509.ts";
import { type AtEnd, type ServiceProcess, startProcess, temporaryFolder } from "../testing/process.ts";

const id = (byte: number) => toHex(new Uint8Array(32).fill(byte));
const order = { genesis: id(1), escrow: id(2), order: id(3) };
const keys = { suite: 1 as const, encryption: id(4), signing: id(5) };

/** A verifier process that trusts a fresh development root, and a platform under that root. */
async function verifier(settings: Record<string, string> = {}, atEnd: AtEnd = onTestFinished) {
  const folder = temporaryFolder(atEnd);
  const developmentRoot = join(folder, "development-root");
  await createDevelopmentRoot(developmentRoot);
  const service = await startProcess(
    "verifier",
    {
      FOLDER: join(folder, "verifier"),
      DEVELOPMENT_ROOT: developmentRoot,
      ...settings,
    },
    { atEnd },
  );
  const root = await openDevelopmentRoot(developmentRoot);
  return { ...service, root, developmentRoot };
}

type Verifier = Awaited<ReturnType<typeof verifier>>;

async function requestFor(
  { root }: Pick<Verifier, "root">,
  bend: { order?: typeof order; simulation?: Simulation } = {},
): Promise<AppraisalRequest> {
  const scope = bend.order ?? order;
  const data = reportData(
    { genesis: fromHex(scope.genesis), contract: fromHex(scope.escrow), order: fromHex(scope.order) },
    { suite: 1, encryption: fromHex(keys.encryption), signing: fromHex(keys.signing) },
  );
  const evidence = await simulatedPlatform(root, bend.simulation).attest(data);
  const issued = Date.now() - 1_000;
  return { ...order, keys, evidence, issued, expires: issued + 3_600_000 };
}

const post = (service: ServiceProcess, body: unknown) =>
  fetch(`${service.url}/appraise`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Evidence with its CBOR payload or its outer COSE fields changed after signing. */
function bent(
  request: AppraisalRequest,
  bend: (cose: [Uint8Array, Map<number, unknown>, Uint8Array, Uint8Array]) => void,
) {
  const cose = decode(fromBase64(request.evidence.document), { useMaps: true });
  bend(cose);
  return { ...request, evidence: { format: "nitro", document: toBase64(encode(cose)) } };
}

test("good evidence becomes a claim that the verifier has signed as the contracts will rebuild it", async () => {
  const service = await verifier();
  const identity = verifierIdentitySchema.parse(await (await fetch(`${service.url}/identity`)).json());
  const request = await requestFor(service);
  const result = attestationResultSchema.parse(await (await post(service, request)).json());
  expect(result).toMatchObject({ verifier: identity.account, simulated: true });
  expect(result.claim).toMatchObject({
    order: order.order,
    keys,
    platform: "Simulated",
    measurement: toHex(simulatedMeasurement()),
    debug: false,
    evidence: toHex(blake2b256(fromBase64(request.evidence.document))),
    issued: request.issued,
    expires: request.expires,
  });
  const message = attestationMessage(
    { genesis: fromHex(order.genesis), contract: fromHex(order.escrow), order: fromHex(order.order) },
    {
      ...result.claim,
      keys: { suite: 1, encryption: fromHex(keys.encryption), signing: fromHex(keys.signing) },
      measurement: fromHex(result.claim.measurement),
      evidence: fromHex(result.claim.evidence),
    },
  );
  expect(sr25519Verify(message, fromHex(result.signature), fromHex(identity.account))).toBe(true);
});

test("two verifiers sign the very same claim, each with its own key", async () => {
  const one = await verifier();
  const two = await startProcess("verifier", {
    FOLDER: temporaryFolder(),
    DEVELOPMENT_ROOT: one.developmentRoot,
  });
  const request = await requestFor(one);
  const [first, second] = await Promise.all(
    [one, two].map(async (service) =>
      attestationResultSchema.parse(await (await post(service, request)).json()),
    ),
  );
  expect(first?.claim).toEqual(second?.claim);
  expect(first?.verifier).not.toBe(second?.verifier);
});

describe("evidence is refused, and nothing is signed", () => {
  let service: Verifier;
  const endings: Parameters<AtEnd>[0][] = [];
  beforeAll(async () => {
    service = await verifier({}, (clean) => endings.unshift(clean));
  });
  afterAll(async () => {
    for (const clean of endings) await clean();
  });
  const refusedWith = async (request: unknown, by: ServiceProcess = service) => {
    const response = await post(by, request);
    const body = await response.text();
    expect(body).not.toContain('signature":"0x');
    return problemSchema.parse(JSON.parse(body)).code;
  };

  test("for another order, contract, chain or other keys", async () => {
    for (const part of ["genesis", "escrow", "order"] as const) {
      const request = await requestFor(service, { order: { ...order, [part]: id(99) } });
      expect(await refusedWith(request)).toBe("report-data-mismatch");
    }
    const request = await requestFor(service);
    expect(await refusedWith({ ...request, keys: { ...keys, encryption: id(98) } })).toBe(
      "report-data-mismatch",
    );
  });

  test("from a forged root of the same name", async () => {
    const forged = join(temporaryFolder(), "root");
    await createDevelopmentRoot(forged);
    const request = await requestFor({ root: await openDevelopmentRoot(forged) });
    expect(await refusedWith(request)).toBe("certificate-invalid");
  });

  test("with a payload, an algorithm or a signature that was changed", async () => {
    const request = await requestFor(service);
    const payloadChanged = bent(request, (cose) => {
      const payload = decode(cose[2], { useMaps: true });
      payload.set("user_data", new Uint8Array(64));
      cose[2] = encode(payload);
    });
    expect(await refusedWith(payloadChanged)).toBe("signature-invalid");
    expect(await refusedWith(bent(request, (cose) => void cose[3].fill(1)))).toBe("signature-invalid");
    const algorithmChanged = bent(request, (cose) => {
      cose[0] = encode(new Map([[1, -7]]));
    });
    expect(await refusedWith(algorithmChanged)).toBe("evidence-malformed");
  });

  test("when it is replayed long after it was made", async () => {
    const old = Date.now() - 2 * 3_600_000;
    expect(await refusedWith(await requestFor(service, { simulation: { now: () => old } }))).toBe(
      "evidence-stale",
    );
    const veryOld = Date.now() - 5 * 3_600_000;
    expect(await refusedWith(await requestFor(service, { simulation: { now: () => veryOld } }))).toBe(
      "certificate-expired",
    );
  });

  test("when it is no attestation document at all", async () => {
    for (const document of ["AAAA", toBase64(encode([1, 2])), toBase64(new Uint8Array(2_000))]) {
      const request = { ...(await requestFor(service)), evidence: { format: "nitro", document } };
      expect(await refusedWith(request)).toBe("evidence-malformed");
    }
    expect(await refusedWith({ order: "0x" })).toBe("bad-request");
  });

  test("for a claim that begins elsewhen, or lives too long", async () => {
    const request = await requestFor(service);
    expect(await refusedWith({ ...request, issued: request.issued - 3_600_000 })).toBe("claim-period");
    expect(await refusedWith({ ...request, expires: request.issued })).toBe("claim-period");
    expect(await refusedWith({ ...request, expires: request.issued + 48 * 3_600_000 })).toBe("claim-period");
  });

  test("when its certificate was revoked, from the moment the new list is there", async () => {
    const own = await verifier();
    const request = await requestFor(own);
    expect((await post(own, request)).status).toBe(200);
    const cose = decode(fromBase64(request.evidence.document), { useMaps: true });
    const leaf = new X509Certificate(decode(cose[2], { useMaps: true }).get("certificate"));
    writeFileSync(join(own.developmentRoot, "crl.pem"), await revocationList(own.root, [leaf]));
    expect(await refusedWith(request, own)).toBe("certificate-revoked");
  });

  test("by a verifier that knows its measurement not, or does not trust the development root", async () => {
    const strict = await verifier({ MEASUREMENTS: id(77) });
    expect(await refusedWith(await requestFor(strict), strict)).toBe("measurement-unknown");
    const vendorsOnly = await startProcess("verifier", { FOLDER: temporaryFolder() });
    expect(await refusedWith(await requestFor(service), vendorsOnly)).toBe("platform-not-trusted");
  });
});

test("a debug enclave is said to be one: whether that is admitted is the policy's word", async () => {
  const service = await verifier();
  const registers = [0, 1, 2].map(() => new Uint8Array(48));
  const request = await requestFor(service, { simulation: { registers } });
  const result = attestationResultSchema.parse(await (await post(service, request)).json());
  expect(result.claim.debug).toBe(true);
});
