import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CarReader } from "@ipld/car/reader";
import { problemSchema, storedCarSchema } from "@keystrand/sdk/http";
import { sha256 } from "multiformats/hashes/sha2";
import { describe, expect, onTestFinished, test } from "vitest";
import { carOf, fileBlocks } from "../testing/car.ts";
import { startProcess, temporaryFolder } from "../testing/process.ts";

const TOKEN = "a-write-token-of-the-test";
const CHUNK = 1_000;
const FILE = Uint8Array.from({ length: 5_500 }, (_, index) => (index * 7) % 251);

async function blockStore(settings: Record<string, string> = {}, wrapper: readonly string[] = []) {
  const folder = settings.FOLDER ?? temporaryFolder();
  const service = await startProcess(
    "block-store",
    { FOLDER: folder, WRITE_TOKEN: TOKEN, ...settings },
    { wrapper },
  );
  const put = (car: Uint8Array, token = TOKEN) =>
    fetch(`${service.url}/cars`, {
      method: "PUT",
      body: Buffer.from(car),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/vnd.ipld.car" },
    });
  const get = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init);
  const erase = (root: string, token = TOKEN) =>
    fetch(`${service.url}/cars/${root}`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  return { ...service, folder, put, get, erase };
}

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return problemSchema.parse(await response.json());
}

/** Reads a CAR as a careful reader does: every block is hashed before it counts. */
async function verifiedBlocks(response: Response): Promise<Map<string, Uint8Array>> {
  const body = await response.bytes();
  expect(Number(response.headers.get("content-length"))).toBe(body.length);
  const found = new Map<string, Uint8Array>();
  for await (const { cid, bytes } of (await CarReader.fromBytes(body)).blocks()) {
    expect((await sha256.digest(bytes)).digest).toEqual(cid.multihash.digest);
    expect(found.has(cid.toString())).toBe(false);
    found.set(cid.toString(), bytes);
  }
  return found;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

test("a stored CAR comes back block for block, as CAR and raw, and survives a restart", async () => {
  const blocks = await fileBlocks(FILE, CHUNK);
  const root = blocks[0]!.cid.toString();
  const store = await blockStore();
  const response = await store.put(await carOf(blocks));
  expect(response.status).toBe(201);
  expect(storedCarSchema.parse(await response.json())).toMatchObject({
    root,
    blocks: blocks.length,
    pinned: false,
  });
  expect(await store.stop()).toBe(0);

  const again = await blockStore({ FOLDER: store.folder });
  const car = await again.get(`/ipfs/${root}?format=car`);
  expect(car.headers.get("content-type")).toBe("application/vnd.ipld.car; version=1; order=dfs; dups=n");
  const found = await verifiedBlocks(car);
  expect([...found.keys()]).toEqual(blocks.map(({ cid }) => cid.toString()));
  for (const { cid, bytes } of blocks) {
    const one = await again.get(`/ipfs/${cid}`, { headers: { accept: "application/vnd.ipld.raw" } });
    expect(Buffer.from(await one.bytes())).toEqual(Buffer.from(bytes));
  }
});

test("entity-bytes gives the root and only the chunks that the range touches", async () => {
  const blocks = await fileBlocks(FILE, CHUNK);
  const store = await blockStore();
  await store.put(await carOf(blocks));
  const root = blocks[0]!.cid.toString();
  const names = async (query: string) => [
    ...(await verifiedBlocks(await store.get(`/ipfs/${root}?format=car&${query}`))).keys(),
  ];
  const at = (...indexes: number[]) => indexes.map((index) => blocks[index]!.cid.toString());
  expect(await names("entity-bytes=1999:2000")).toEqual(at(0, 2, 3));
  expect(await names("entity-bytes=5000:*")).toEqual(at(0, 6));
  expect(await names("entity-bytes=-1:*")).toEqual(at(0, 6));
  expect(await names("entity-bytes=0:-5001")).toEqual(at(0, 1));
  expect(await names("dag-scope=block")).toEqual(at(0));
});

test("Range gives a part of a block, HEAD its headers, and a known tag nothing again", async () => {
  const [root, leaf] = await fileBlocks(FILE, CHUNK);
  const store = await blockStore();
  await store.put(await carOf(await fileBlocks(FILE, CHUNK)));
  const raw = `/ipfs/${leaf!.cid}?format=raw`;
  const part = await store.get(raw, { headers: { range: "bytes=10-19" } });
  expect(part.status).toBe(206);
  expect(part.headers.get("content-range")).toBe("bytes 10-19/1000");
  expect(Buffer.from(await part.bytes())).toEqual(Buffer.from(leaf!.bytes.slice(10, 20)));
  expect(Buffer.from(await (await store.get(raw, { headers: { range: "bytes=-3" } })).bytes())).toEqual(
    Buffer.from(leaf!.bytes.slice(-3)),
  );
  expect((await problemOf(await store.get(raw, { headers: { range: "bytes=1000-" } }))).status).toBe(416);

  const whole = await store.get(`/ipfs/${root!.cid}?format=car`);
  const head = await store.get(`/ipfs/${root!.cid}?format=car`, { method: "HEAD" });
  expect(await head.text()).toBe("");
  expect(head.headers.get("content-length")).toBe(String((await whole.bytes()).length));
  const tag = whole.headers.get("etag") ?? "";
  expect(
    (await store.get(`/ipfs/${root!.cid}?format=car`, { headers: { "if-none-match": tag } })).status,
  ).toBe(304);
});

describe("a CAR that is not whole and true is refused, and nothing of it stays", () => {
  const cases = {
    "one flipped byte": async () => {
      const car = await carOf(await fileBlocks(FILE, CHUNK));
      car[car.length - 1]! ^= 1;
      return { car, code: "block-changed" };
    },
    "a missing block": async () => {
      const blocks = await fileBlocks(FILE, CHUNK);
      return { car: await carOf(blocks.slice(0, -1)), code: "block-missing" };
    },
    "an extra block": async () => {
      const extra = await fileBlocks(new Uint8Array(10), 10);
      return { car: await carOf([...(await fileBlocks(FILE, CHUNK)), extra[1]!]), code: "block-extra" };
    },
    "two roots": async () => {
      const blocks = await fileBlocks(FILE, CHUNK);
      return { car: await carOf(blocks, blocks.slice(0, 2)), code: "car-roots" };
    },
    "cut off in the middle": async () => {
      const car = await carOf(await fileBlocks(FILE, CHUNK));
      return { car: car.subarray(0, car.length - 100), code: "car-unreadable" };
    },
    "no CAR at all": async () => ({ car: new TextEncoder().encode("#CHROM POS ID"), code: "car-unreadable" }),
    "an empty body": async () => ({ car: new Uint8Array(), code: "car-unreadable" }),
  };
  for (const [name, make] of Object.entries(cases)) {
    test(name, async () => {
      const { car, code } = await make();
      const store = await blockStore();
      const response = await store.put(car);
      expect(response.status).toBe(400);
      expect((await problemOf(response)).code).toBe(code);
      expect(filesBelow(join(store.folder, "blocks"))).toEqual([]);
      expect(filesBelow(join(store.folder, "incoming"))).toEqual([]);
    });
  }
});

test("a CAR past the size limit is refused with 413, with and without a content-length", async () => {
  const store = await blockStore({ MAX_CAR_BYTES: "3000" });
  const car = await carOf(await fileBlocks(FILE, CHUNK));
  expect((await problemOf(await store.put(car))).status).toBe(413);
  const streamed: RequestInit & { duplex: "half" } = {
    method: "PUT",
    body: new Blob([Buffer.from(car)]).stream(),
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/vnd.ipld.car" },
    duplex: "half",
  };
  expect((await problemOf(await fetch(`${store.url}/cars`, streamed))).code).toBe("car-too-large");
});

test("a store without room answers 507, keeps nothing of the CAR and goes on serving", async () => {
  const small = await fileBlocks(FILE.subarray(0, 1_500), CHUNK);
  const store = await blockStore({ MAX_STORE_BYTES: "3000" });
  await store.put(await carOf(small));
  const problem = await problemOf(await store.put(await carOf(await fileBlocks(FILE, CHUNK))));
  expect(problem).toMatchObject({ status: 507, code: "store-full" });
  expect(filesBelow(join(store.folder, "incoming"))).toEqual([]);
  expect((await store.get(`/ipfs/${small[0]!.cid}?format=car`)).status).toBe(200);
});

test("a write that the operating system refuses for want of room is 507 too", async () => {
  // `ulimit -f` counts blocks of 1024 bytes; a 200 kB block does not fit, the small CAR does.
  const store = await blockStore({}, ["bash", "-c", 'ulimit -f 100; exec "$0" "$@"']);
  const large = await carOf(await fileBlocks(new Uint8Array(200_000).fill(7), 200_000));
  expect((await problemOf(await store.put(large))).code).toBe("store-full");
  expect((await store.put(await carOf(await fileBlocks(FILE, CHUNK)))).status).toBe(201);
});

test("erasing a root removes its blocks, but none that another root needs", async () => {
  const whole = await fileBlocks(FILE, CHUNK);
  const part = await fileBlocks(FILE.subarray(0, 2_000), CHUNK);
  const store = await blockStore();
  await store.put(await carOf(whole));
  await store.put(await carOf(part));
  const erased = await store.erase(whole[0]!.cid.toString());
  expect(await erased.json()).toMatchObject({ blocks: whole.length - 2 });
  expect((await problemOf(await store.get(`/ipfs/${whole[0]!.cid}?format=car`))).code).toBe("block-missing");
  expect((await verifiedBlocks(await store.get(`/ipfs/${part[0]!.cid}?format=car`))).size).toBe(part.length);
  expect((await problemOf(await store.erase(whole[0]!.cid.toString()))).status).toBe(404);
  await store.erase(part[0]!.cid.toString());
  expect(filesBelow(join(store.folder, "blocks"))).toEqual([]);
});

test("without the write token nothing is put and nothing erased", async () => {
  const blocks = await fileBlocks(FILE, CHUNK);
  const store = await blockStore();
  expect((await problemOf(await store.put(await carOf(blocks), "another-token-of-this-test"))).status).toBe(
    401,
  );
  await store.put(await carOf(blocks));
  expect((await store.erase(blocks[0]!.cid.toString(), "")).status).toBe(401);
  expect((await store.get(`/ipfs/${blocks[0]!.cid}?format=car`)).status).toBe(200);
});

test("what a crash left behind is swept at the next start, what was stored stays", async () => {
  const blocks = await fileBlocks(FILE, CHUNK);
  const store = await blockStore();
  await store.put(await carOf(blocks));
  // A put that never ends is under way when the process is killed.
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const hanging: RequestInit & { duplex: "half" } = {
    method: "PUT",
    body: readable,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/vnd.ipld.car" },
    duplex: "half",
  };
  const ended = fetch(`${store.url}/cars`, hanging).catch((error: unknown) => error);
  const car = await carOf(
    await fileBlocks(
      FILE.map((byte) => byte ^ 255),
      CHUNK,
    ),
  );
  await writer.write(car.subarray(0, 4_000));
  await expect.poll(() => filesBelow(join(store.folder, "incoming")).length).toBeGreaterThan(0);
  await store.kill();
  expect(await ended).toBeInstanceOf(Error);

  const again = await blockStore({ FOLDER: store.folder });
  expect(filesBelow(join(again.folder, "incoming"))).toEqual([]);
  expect(filesBelow(join(again.folder, "blocks"))).toHaveLength(blocks.length);
  expect((await verifiedBlocks(await again.get(`/ipfs/${blocks[0]!.cid}?format=car`))).size).toBe(
    blocks.length,
  );
});

test("unknown and malformed requests are answered with what to do", async () => {
  const store = await blockStore();
  const { cid } = (await fileBlocks(FILE, CHUNK))[0]!;
  const code = async (path: string) => (await problemOf(await store.get(path))).code;
  expect(await code(`/ipfs/${cid}?format=car`)).toBe("block-missing");
  expect(await code(`/ipfs/${cid}`)).toBe("format-missing");
  expect(await code("/ipfs/not-a-cid?format=car")).toBe("bad-cid");
  // A CIDv0 and a CID of another hash: this store never has either.
  expect(await code("/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG?format=raw")).toBe("cid-kind");
  expect(await code(`/ipfs/${cid}?format=tar`)).toBe("bad-request");
  expect(await code(`/ipfs/${cid}?format=car&dag-scope=some`)).toBe("bad-parameter");
  expect(await code(`/ipfs/${cid}?format=car&entity-bytes=1-2`)).toBe("bad-parameter");
  expect(await code("/nothing")).toBe("no-such-route");
});

describe("with an IPFS node", () => {
  /** Answers as Kubo's RPC does, for a node that pins, or one that fails. */
  async function node(answer: (path: string) => { status: number; body: string }) {
    const asked: { path: string; body: Buffer }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      asked.push({ path: request.url ?? "", body: Buffer.concat(chunks) });
      const { status, body } = answer(request.url ?? "");
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  test("the CAR is imported and pinned there, and unpinned when it is erased", async () => {
    const blocks = await fileBlocks(FILE, CHUNK);
    const root = blocks[0]!.cid.toString();
    const ipfs = await node((path) =>
      path.startsWith("/api/v0/dag/import")
        ? { status: 200, body: `${JSON.stringify({ Root: { Cid: { "/": root }, PinErrorMsg: "" } })}\n` }
        : { status: 200, body: JSON.stringify({ Pins: [root] }) },
    );
    const store = await blockStore({ IPFS_API_URL: ipfs.url });
    expect(await (await store.put(await carOf(blocks))).json()).toMatchObject({ pinned: true });
    expect(ipfs.asked[0]?.path).toContain("/api/v0/dag/import?pin-roots=true");
    expect(ipfs.asked[0]?.body.includes(Buffer.from(await carOf(blocks)))).toBe(true);
    expect((await store.erase(root)).status).toBe(200);
    expect(ipfs.asked[1]?.path).toBe(`/api/v0/pin/rm?arg=${root}`);
  });

  test("a node that does not pin or is not there is said to be the cause (502)", async () => {
    const car = await carOf(await fileBlocks(FILE, CHUNK));
    const refusing = await node(() => ({ status: 500, body: '{"Message":"no room"}' }));
    const one = await blockStore({ IPFS_API_URL: refusing.url });
    expect((await problemOf(await one.put(car))).code).toBe("ipfs-failed");
    const two = await blockStore({ IPFS_API_URL: "http://127.0.0.1:9" });
    expect((await problemOf(await two.put(car))).status).toBe(502);
  });
});

describe("as a process", () => {
  test("it says which setting is wrong, and ends with code 1", async () => {
    await expect(startProcess("block-store", { PORT: "70000" })).rejects.toThrow(
      /ended with 1.*FOLDER:.*PORT:/s,
    );
  });

  test("a taken port and a taken folder are said plainly", async () => {
    const store = await blockStore();
    const port = new URL(store.url).port;
    await expect(blockStore({ PORT: port })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
    await expect(blockStore({ FOLDER: store.folder })).rejects.toThrow(/another process already works in/);
  });

  test("address.json tells where it listens and is gone after a clean stop; secrets are its owner's", async () => {
    const folder = temporaryFolder();
    const store = await startProcess("block-store", { FOLDER: folder });
    expect(JSON.parse(readFileSync(join(folder, "address.json"), "utf8"))).toMatchObject({ url: store.url });
    expect(statSync(join(folder, "write-token")).mode & 0o777).toBe(0o600);
    expect(await (await fetch(`${store.url}/ready`)).json()).toMatchObject({ ready: true });
    expect(await (await fetch(`${store.url}/metrics`)).text()).toContain("keystrand_block_store_bytes");
    expect(await (await fetch(`${store.url}/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
    expect(await store.stop()).toBe(0);
    expect(existsSync(join(folder, "address.json"))).toBe(false);
    expect(store.lines.join("\n")).not.toContain(readFileSync(join(folder, "write-token"), "utf8").trim());
  });
});
