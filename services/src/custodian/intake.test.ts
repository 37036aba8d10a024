import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, secureRandom, toHex } from "@keystrand/sdk/bytes";
import { generateDataKey, generateKeyPair, sealPacket } from "@keystrand/sdk/crypt4gh";
import { custodianIdentitySchema, custodianReceiptSchema, problemSchema } from "@keystrand/sdk/http";
import { custodianReceiptMessage, keyCommitment } from "@keystrand/sdk/signing";
import { sr25519Verify } from "@polkadot/util-crypto";
import { expect, test } from "vitest";
import { toBase64 } from "../service/base64.ts";
import { writeDeployment } from "../testing/deployment.ts";
import { startProcess, temporaryFolder } from "../testing/process.ts";

const TOKEN = "an-operator-token-of-the-test";
const genesis = new Uint8Array(32).fill(1);
const consents = new Uint8Array(32).fill(2);

async function custodian(folder = temporaryFolder(), path = writeDeployment().path) {
  const service = await startProcess("custodian", {
    FOLDER: folder,
    KEYSTRAND_DEPLOYMENT: path,
    OPERATOR_TOKEN: TOKEN,
  });
  const identity = custodianIdentitySchema.parse(await (await fetch(`${service.url}/identity`)).json());
  const post = (body: unknown) =>
    fetch(`${service.url}/keys`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const erase = (dataset: string, token = TOKEN) =>
    fetch(`${service.url}/keys/${dataset}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
  return { ...service, folder, path, identity, post, erase };
}

function freshKey(reader: string) {
  const dataKey = generateDataKey();
  const root = secureRandom(32);
  return {
    dataKey,
    sealed: {
      dataset: toHex(secureRandom(32)),
      root: toHex(root),
      keyCommitment: toHex(keyCommitment(root, dataKey)),
      packet: toBase64(sealPacket({ dataKey, reader: fromHex(reader) })),
    },
  };
}

const codeOf = async (response: Response) => problemSchema.parse(await response.json()).code;

test("a sealed key that fits its commitment is answered with a receipt that the consents contract accepts", async () => {
  const service = await custodian();
  const { sealed } = freshKey(service.identity.encryption);
  const receipt = custodianReceiptSchema.parse(await (await service.post(sealed)).json());
  expect(receipt).toMatchObject({
    dataset: sealed.dataset,
    root: sealed.root,
    custodian: service.identity.account,
  });
  const message = custodianReceiptMessage(
    { genesis, contract: consents },
    {
      dataset: fromHex(sealed.dataset),
      root: fromHex(sealed.root),
      keyCommitment: fromHex(sealed.keyCommitment),
      custodian: fromHex(service.identity.account),
    },
  );
  expect(sr25519Verify(message, fromHex(receipt.signature), fromHex(service.identity.account))).toBe(true);
});

test("a key of another commitment, for another custodian, changed or cut is refused", async () => {
  const service = await custodian();
  const { sealed, dataKey } = freshKey(service.identity.encryption);
  expect(await codeOf(await service.post({ ...sealed, keyCommitment: sealed.root }))).toBe(
    "commitment-mismatch",
  );
  expect(await codeOf(await service.post({ ...sealed, root: sealed.dataset }))).toBe("commitment-mismatch");
  const other = sealPacket({ dataKey, reader: generateKeyPair().publicKey });
  expect(await codeOf(await service.post({ ...sealed, packet: toBase64(other) }))).toBe(
    "packet-does-not-open",
  );
  const changed = Buffer.from(sealed.packet, "base64");
  changed[100]! ^= 1;
  expect(await codeOf(await service.post({ ...sealed, packet: toBase64(changed) }))).toBe(
    "packet-does-not-open",
  );
  const cut = toBase64(changed.subarray(0, 60));
  expect(await codeOf(await service.post({ ...sealed, packet: cut }))).toBe("packet-does-not-open");
  expect(await codeOf(await service.post({ ...sealed, packet: "not base64!" }))).toBe("bad-request");
});

test("identity, keys and receipts survive a SIGKILL, and a key may be posted again", async () => {
  const first = await custodian();
  const { sealed } = freshKey(first.identity.encryption);
  expect((await first.post(sealed)).status).toBe(200);
  await first.kill();
  const again = await custodian(first.folder, first.path);
  expect(again.identity).toEqual(first.identity);
  expect((await again.post(sealed)).status).toBe(200);
  expect(await (await fetch(`${again.url}/metrics`)).text()).toMatch(/keystrand_custodian_keys\{[^}]*\} 1/);
});

test("an erased key is gone from the disk, and its dataset is never taken again", async () => {
  const service = await custodian();
  const { sealed } = freshKey(service.identity.encryption);
  await service.post(sealed);
  const onDisk = () =>
    readdirSync(service.folder).some((name) =>
      readFileSync(join(service.folder, name)).includes(Buffer.from(sealed.packet, "base64")),
    );
  expect(onDisk()).toBe(true);
  expect((await service.erase(sealed.dataset, "another-token-of-this-test")).status).toBe(401);
  expect(await (await service.erase(sealed.dataset)).json()).toEqual({ dataset: sealed.dataset, keys: 1 });
  expect(onDisk()).toBe(false);
  expect(await (await service.erase(sealed.dataset)).json()).toEqual({ dataset: sealed.dataset, keys: 0 });
  expect(await codeOf(await service.post(sealed))).toBe("dataset-erased");
});

test("neither data keys nor packets reach the log or the disk in the clear; secrets are their owner's", async () => {
  const service = await custodian();
  const { sealed, dataKey } = freshKey(service.identity.encryption);
  await service.post(sealed);
  await service.post({ ...sealed, keyCommitment: sealed.root });
  const log = service.lines.join("\n");
  expect(log).toContain(sealed.dataset);
  expect(log).not.toContain(sealed.packet);
  for (const name of readdirSync(service.folder)) {
    const bytes = readFileSync(join(service.folder, name));
    expect(bytes.includes(Buffer.from(dataKey))).toBe(false);
    const text = bytes.toString("latin1");
    if (/seed|secret|token/.test(name)) {
      expect(statSync(join(service.folder, name)).mode & 0o777).toBe(0o600);
      expect(log).not.toContain(text.trim());
    }
  }
});

test("a database of another chain is not touched", async () => {
  const first = await custodian();
  expect(await first.stop()).toBe(0);
  const { path, deployment } = writeDeployment();
  writeFileSync(path, JSON.stringify({ ...deployment, genesis: toHex(new Uint8Array(32).fill(9)) }));
  await expect(custodian(first.folder, path)).rejects.toThrow(/another chain/);
});
