import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/**
 * Names under which a secret or a person's name could ever reach a log line. They are cut at the top and two
 * levels down; the rule of the code is not to pass such values at all.
 */
export const NEVER_LOGGED = [
  "dataKey",
  "data_key",
  "packet",
  "packets",
  "secret",
  "seed",
  "token",
  "authorization",
  "sample",
  "samples",
  "sampleName",
  "sampleNames",
  "name",
  "names",
  "plaintext",
  "body",
] as const;

/** A JSON log of one service, on stdout unless told otherwise. */
export function createLog(service: string, level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: NEVER_LOGGED.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]).filter(
        // An error's own class name is no person's name.
        (path) => path !== "*.name" && path !== "*.*.name",
      ),
      censor: "(not logged)",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
