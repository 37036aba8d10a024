import type { z } from "zod";
import { BaseError } from "../errors.ts";
import { problemSchema } from "./problem.ts";

/** A service did not answer, or answered something else than it promises. */
export class ServiceUnreachable extends BaseError {
  override readonly name = "ServiceUnreachable";
  constructor(url: string, happened: string, cause?: unknown) {
    super(`No answer from ${new URL(url).origin}.`, {
      happened: [happened],
      remedy: "See whether the service runs (its /health), then try again; nothing was changed.",
      cause,
    });
  }
}

/** A service refused, in its own words (RFC 9457). */
export class ServiceRefusal extends BaseError {
  override readonly name = "ServiceRefusal";
  readonly status: number;
  /** The service's stable code, for example `block-missing`. */
  readonly problem: string;
  constructor(status: number, problem: string, title: string, remedy: string | undefined) {
    super(title, { remedy });
    this.status = status;
    this.problem = problem;
  }
}

/** How long a service may take to answer, ms; a CAR of gigabytes needs more. */
const ANSWER_LIMIT = 60_000;

export interface RequestOptions {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly mediaType?: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

const send = async (url: string, options: RequestOptions): Promise<Response> => {
  const headers: Record<string, string> = {};
  if (options.token) headers["authorization"] = `Bearer ${options.token}`;
  if (options.json !== undefined) headers["content-type"] = "application/json";
  else if (options.mediaType) headers["content-type"] = options.mediaType;
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  try {
    return await fetch(url, {
      method: options.method ?? (body === undefined ? "GET" : "POST"),
      headers,
      signal: options.signal ?? AbortSignal.timeout(ANSWER_LIMIT),
      ...(body === undefined ? {} : { body }),
    });
  } catch (cause) {
    const detail =
      cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : "";
    throw new ServiceUnreachable(url, `${detail || "The connection failed"}.`, cause);
  }
};

const refusal = async (response: Response): Promise<ServiceRefusal> => {
  const text = await response.text();
  const parsed = problemSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    return new ServiceRefusal(
      response.status,
      "unknown",
      `The service answered ${response.status}.`,
      undefined,
    );
  const { code, title, remedy } = parsed.data;
  return new ServiceRefusal(response.status, code, title, remedy);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Asks a service for JSON of a known shape.
 *
 * @throws {@link ServiceUnreachable}, {@link ServiceRefusal}
 */
export const requestJson = async <Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  options: RequestOptions = {},
): Promise<z.infer<Schema>> => {
  const response = await send(url, options);
  if (!response.ok) throw await refusal(response);
  const parsed = schema.safeParse(jsonOf(await response.text()));
  if (!parsed.success)
    throw new ServiceUnreachable(url, "The answer is not of the promised shape.", parsed.error);
  return parsed.data;
};

/** Asks a service for bytes; throws as {@link requestJson}. */
export const requestBytes = async (
  url: string,
  options: RequestOptions = {},
): Promise<Uint8Array<ArrayBuffer>> => {
  const response = await send(url, options);
  if (!response.ok) throw await refusal(response);
  return new Uint8Array(await response.arrayBuffer());
};
