import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";

// PGlite computes on the thread that calls it and starves that thread's timers and sockets, so it lives here
// and speaks PostgreSQL's wire protocol over the message port.
const { dataDir } = z.object({ dataDir: z.string() }).parse(workerData);
if (parentPort === null) throw new Error("pglite.worker.ts runs only as a worker thread");
const port = parentPort;

const database = await PGlite.create({ dataDir });
port.postMessage({ kind: "ready" });

// Frames are answered strictly in the order of their arrival.
let work: Promise<void> = Promise.resolve();
port.on("message", (message: { kind: "frames"; bytes: Uint8Array } | { kind: "close" }) => {
  work = work.then(async () => {
    if (message.kind === "close") {
      await database.close();
      port.postMessage({ kind: "closed" });
      return;
    }
    // A view would be sent with the whole buffer behind it: its bytes alone, and given away, not copied again.
    const answer = Uint8Array.from(await database.execProtocolRaw(message.bytes));
    port.postMessage({ kind: "frames", bytes: answer }, [answer.buffer]);
  });
  // An answer that cannot be given is fatal: the thread dies and the main thread hears "error".
  work.catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
