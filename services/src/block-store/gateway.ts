import { calculateHeaderLength } from "@ipld/car/buffer-writer";
import { CarWriter } from "@ipld/car/writer";
import type { CID } from "multiformats/cid";
import { z } from "zod";
import { ServiceProblem } from "../service/problem.ts";
import { linksOf } from "./car.ts";
import type { BlockFolder } from "./store.ts";

/** What of a DAG is asked for (trustless gateway specification, `dag-scope` and `entity-bytes`). */
export interface CarRequest {
  readonly scope: "block" | "entity" | "all";
  /** First and last byte of the file, both counted from 0; negative ones count from its end; null is its end. */
  readonly bytes: { readonly from: number; readonly to: number | null } | null;
}

/** A block of an answer, in the order of a depth-first walk. */
interface Planned {
  readonly cid: CID;
  readonly size: number;
}

const scopes = z.enum(["block", "entity", "all"]);

/** @throws ServiceProblem 400 for parameters that the specification does not know */
export function parseCarRequest(scope: string | undefined, bytes: string | undefined): CarRequest {
  const parsed = scopes.safeParse(scope ?? "all");
  if (!parsed.success) throw badParameter("dag-scope", "block, entity or all");
  if (bytes === undefined) return { scope: parsed.data, bytes: null };
  const match = /^(-?\d{1,15}):(\*|-?\d{1,15})$/.exec(bytes);
  if (match === null) throw badParameter("entity-bytes", "FROM:TO with whole numbers, or * for the end");
  return {
    // A byte range is of one entity, whatever else was said.
    scope: parsed.data === "block" ? "block" : "entity",
    bytes: { from: Number(match[1]), to: match[2] === "*" ? null : Number(match[2]) },
  };
}

/**
 * The blocks that answer a request, each once. Made before the first byte is sent, so that a missing block is a
 * 404 and not a broken stream.
 */
export async function planCar(
  store: BlockFolder,
  root: CID,
  request: CarRequest,
): Promise<readonly Planned[]> {
  const plan: Planned[] = [];
  const seen = new Set<string>();
  const range = request.bytes === null ? null : await absoluteRange(store, root, request.bytes);

  const visit = async (cid: CID, start: number): Promise<void> => {
    const size = await store.size(cid);
    if (size === undefined) throw missing(cid);
    if (!seen.has(cid.toString())) {
      seen.add(cid.toString());
      plan.push({ cid, size });
    } else if (range === null) {
      return;
    }
    if (request.scope === "block") return;
    const bytes = cid.code === RAW ? EMPTY : await store.read(cid);
    if (bytes === undefined) throw missing(cid);
    let position = start;
    for (const link of linksOf(cid, bytes)) {
      const end = position + link.fileBytes;
      if (range === null || (end > range.from && position <= range.to)) await visit(link.cid, position);
      position = end;
    }
  };
  await visit(root, 0);
  return plan;
}

/** Exact length in bytes of the CAR that `streamCar` gives for a plan. */
export function carLength(root: CID, plan: readonly Planned[]): number {
  return plan.reduce(
    (sum, { cid, size }) => sum + varintLength(cid.bytes.length + size) + cid.bytes.length + size,
    calculateHeaderLength([root.bytes.length]),
  );
}

/** A planned CAR, read block by block as the reader takes it. */
export function streamCar(
  store: BlockFolder,
  root: CID,
  plan: readonly Planned[],
): ReadableStream<Uint8Array> {
  const { writer, out } = CarWriter.create([root]);
  const chunks = out[Symbol.asyncIterator]();
  let writing: Promise<void> | undefined;
  const write = async () => {
    for (const { cid } of plan) {
      const bytes = await store.read(cid);
      if (bytes === undefined) throw missing(cid);
      await writer.put({ cid, bytes });
    }
    await writer.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // The writer waits for its reader, so at most one block is in memory.
        if (writing === undefined) {
          writing = write();
          writing.catch((error: unknown) => controller.error(error));
        }
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** One range of a `Range: bytes=` header, as first and last byte. Null when the header asks for everything. */
export function parseRange(header: string | undefined, size: number): { first: number; last: number } | null {
  if (header === undefined) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  // RFC 9110: a range in a form that is not understood is ignored.
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  const first = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (first > last || first >= size) {
    throw new ServiceProblem(
      416,
      "range-not-satisfiable",
      `The block has ${size} bytes; the range lies outside it.`,
    );
  }
  return { first, last };
}

/** The refusal for a block that is not here. */
export function missing(cid: CID): ServiceProblem {
  return new ServiceProblem(404, "block-missing", `Block ${cid} is not stored here.`);
}

async function absoluteRange(
  store: BlockFolder,
  root: CID,
  { from, to }: NonNullable<CarRequest["bytes"]>,
): Promise<{ from: number; to: number }> {
  const bytes = await store.read(root);
  if (bytes === undefined) throw missing(root);
  const length =
    root.code === RAW ? bytes.length : linksOf(root, bytes).reduce((sum, link) => sum + link.fileBytes, 0);
  return {
    from: from < 0 ? Math.max(0, length + from) : from,
    to: to === null ? Number.POSITIVE_INFINITY : to < 0 ? length + to : to,
  };
}

function badParameter(name: string, form: string): ServiceProblem {
  return new ServiceProblem(400, "bad-parameter", `${name} must be ${form}.`);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

const RAW = 0x55;
const EMPTY = new Uint8Array();
