import { Readable } from "node:stream";
import type { CID } from "multiformats/cid";
import { z } from "zod";
import { ServiceProblem } from "../service/problem.ts";

const importLine = z.looseObject({
  Root: z.object({ Cid: z.object({ "/": z.string() }), PinErrorMsg: z.string() }).optional(),
});

/** An IPFS node (Kubo) that pins what the folder holds, spoken to by its RPC over HTTP. */
export interface Pinner {
  /** @throws ServiceProblem 502 when the node does not answer or does not pin the root */
  pin(root: CID, car: ReadableStream<Uint8Array>): Promise<void>;
  /** Unpinning what is not pinned is no error: an erasure may be repeated. */
  unpin(root: CID): Promise<void>;
}

/** A pinner over Kubo's RPC (`/api/v0/dag/import`, `/api/v0/pin/rm`). */
export function kuboPinner(apiUrl: string): Pinner {
  return {
    async pin(root, car) {
      const boundary = `keystrand-${crypto.randomUUID()}`;
      const response = await ask(`${apiUrl}/api/v0/dag/import?pin-roots=true&allow-big-block=false`, {
        method: "POST",
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body: multipart(boundary, car),
        // fetch asks for this word before it streams a body.
        duplex: "half",
      });
      const lines = (await response.text()).split("\n").filter((line) => line.trim() !== "");
      const roots = lines
        .map((line) => importLine.parse(JSON.parse(line)).Root)
        .filter((found) => found !== undefined);
      const pinned = roots.find((found) => found.Cid["/"] === root.toString());
      if (pinned === undefined || pinned.PinErrorMsg !== "") {
        throw new ServiceProblem(502, "ipfs-not-pinned", `The IPFS node did not pin ${root}.`, {
          cause: pinned?.PinErrorMsg ?? lines.at(-1),
          remedy: "The folder has the CAR; put it again once the node is well.",
        });
      }
    },
    async unpin(root) {
      const response = await fetchFrom(`${apiUrl}/api/v0/pin/rm?arg=${root}`, { method: "POST" });
      if (response.ok) return;
      const text = await response.text();
      if (!text.includes("not pinned")) throw failed(`it answered ${response.status}`, text);
    },
  };
}

type StreamingRequest = RequestInit & { duplex?: "half" };

async function ask(url: string, init: StreamingRequest): Promise<Response> {
  const response = await fetchFrom(url, init);
  if (!response.ok) throw failed(`it answered ${response.status}`, await response.text());
  return response;
}

async function fetchFrom(url: string, init: StreamingRequest): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw failed("it cannot be reached", error);
  }
}

function failed(what: string, cause: unknown): ServiceProblem {
  return new ServiceProblem(502, "ipfs-failed", `The IPFS node did not take the CAR: ${what}.`, {
    remedy: "Check IPFS_API_URL and the node, then put the CAR again.",
    cause,
  });
}

function multipart(boundary: string, car: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="car"\r\ncontent-type: application/vnd.ipld.car\r\n\r\n`;
  async function* parts() {
    yield text.encode(head);
    yield* car;
    yield text.encode(`\r\n--${boundary}--\r\n`);
  }
  return Readable.toWeb(Readable.from(parts(), { objectMode: false })) as ReadableStream<Uint8Array>;
}
