import { Duplex } from "node:stream";
import type { Worker } from "node:worker_threads";

/** What the thread of `pglite.worker.ts` says. */
export type WorkerAnswer = { kind: "ready" } | { kind: "closed" } | { kind: "frames"; bytes: Uint8Array };

const TERMINATE = "X".charCodeAt(0);

/**
 * A socket in node-postgres's eyes whose other end is PGlite in a worker thread, so that one driver, with one
 * set of type parsers, serves both databases.
 *
 * PGlite has one session and no log-in: the start-up packet is answered here, and the client's farewell is
 * not passed on.
 */
export class PgliteStream extends Duplex {
  readonly #worker: Worker;
  readonly #listener: (answer: WorkerAnswer) => void;
  readonly #failure = (error: unknown) =>
    this.destroy(error instanceof Error ? error : new Error(String(error)));
  #started = false;

  constructor(worker: Worker) {
    super();
    this.#worker = worker;
    this.#listener = (answer) => {
      if (answer.kind === "frames") this.push(Buffer.from(answer.bytes.buffer));
    };
    worker.on("message", this.#listener);
    worker.once("error", this.#failure);
  }

  /** Part of `net.Socket` that node-postgres calls. */
  connect(): this {
    queueMicrotask(() => this.emit("connect"));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#worker.off("message", this.#listener);
    this.#worker.off("error", this.#failure);
    done(error);
  }

  #send(bytes: Buffer): void {
    if (!this.#started) {
      this.#started = true;
      this.push(WELCOME);
      return;
    }
    if (bytes[0] === TERMINATE) return;
    // Small buffers are views of a pool that would be sent whole: the bytes alone, given away.
    const own = Uint8Array.from(bytes);
    this.#worker.postMessage({ kind: "frames", bytes: own }, [own.buffer]);
  }
}

/** AuthenticationOk, then ReadyForQuery (idle): PostgreSQL protocol 3.0, "Message Formats". */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
