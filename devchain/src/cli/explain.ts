import { ChainServerError } from "../server/index.ts";
import { ChainSpecError } from "./chain-spec.ts";
import { NodeError } from "./client.ts";
import { RecordingError } from "./replay.ts";

/** A sentence with what to do for what a person can do something about; the stack for what they cannot. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `The port is taken: another chain or node is running there. Choose another with --port, or --port 0 for a free one. (${error.message})`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This machine does not have that address; see --host. (${error.message})`;
    case "EACCES":
      return `That needs rights this user does not have: a port above 1023 (--port), or a folder or file of their own. (${error.message})`;
    case "EEXIST":
    case "ENOTDIR":
      return `There is a file where a folder is wanted; choose another --base-path. (${error.message})`;
    case "ENOSPC":
      return `The disk is full. (${error.message})`;
  }
  const isExpected =
    error instanceof ChainServerError ||
    error instanceof ChainSpecError ||
    error instanceof NodeError ||
    error instanceof RecordingError;
  return isExpected || typeof code === "string" ? error.message : (error.stack ?? error.message);
}
