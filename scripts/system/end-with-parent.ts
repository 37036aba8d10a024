/**
 * Preloaded into every part of the system: its stdin is a pipe from whoever started it, which breaks when that
 * process ends, however it ends. The part then stops as on SIGTERM, so that a killed start leaves nothing running.
 */
import { isMainThread } from "node:worker_threads";

// A part's worker threads are preloaded with this too; their standard input ends at once and says nothing.
if (isMainThread) {
  process.stdin.once("close", () => process.kill(process.pid, "SIGTERM"));
  process.stdin.on("error", () => undefined);
  process.stdin.resume();
  // Waiting for the end of the pipe must not keep a part alive that has stopped by itself.
  if ("unref" in process.stdin) process.stdin.unref();
}
