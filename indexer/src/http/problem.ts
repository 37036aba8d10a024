import { PROBLEM_MEDIA_TYPE, type Problem } from "@keystrand/sdk/http";

/** A refusal that the caller can understand and act on (RFC 9457). */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly problem: Problem;

  constructor(
    status: number,
    code: string,
    title: string,
    more: Pick<Problem, "remedy" | "fields"> & { cause?: unknown } = {},
  ) {
    const { cause, ...rest } = more;
    super(title, { cause });
    this.problem = { status, code, title, ...rest };
  }

  answer(): Response {
    return new Response(JSON.stringify(this.problem), {
      status: this.problem.status,
      headers: { "content-type": PROBLEM_MEDIA_TYPE },
    });
  }
}
