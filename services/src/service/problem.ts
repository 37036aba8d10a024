import type { Problem } from "@keystrand/sdk/http";

export type ProblemStatus = 400 | 401 | 404 | 406 | 409 | 410 | 413 | 416 | 422 | 500 | 502 | 503 | 507;

/** A refusal that the caller can understand and act on. Everything else that is thrown is our own fault: 500. */
export class ServiceProblem extends Error {
  readonly status: ProblemStatus;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly fields: NonNullable<Problem["fields"]>;

  constructor(
    status: ProblemStatus,
    code: string,
    title: string,
    more: { remedy?: string; cause?: unknown; fields?: NonNullable<Problem["fields"]> } = {},
  ) {
    super(title, { cause: more.cause });
    this.name = "ServiceProblem";
    this.status = status;
    this.code = code;
    this.remedy = more.remedy;
    this.fields = more.fields ?? [];
  }

  toJSON(): Problem {
    return {
      status: this.status,
      code: this.code,
      title: this.message,
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      ...(this.fields.length === 0 ? {} : { fields: this.fields }),
    };
  }
}

/** The operating system's code of an error (`ENOSPC` ...), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
