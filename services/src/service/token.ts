import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { ServiceProblem } from "./problem.ts";

/**
 * Lets only the holder of a token pass.
 * @param file - name of the file in the service's folder where its owner finds the token
 * @throws ServiceProblem 401
 */
export function authorize(context: Context, token: string, file: string): void {
  const given = Buffer.from(context.req.header("authorization") ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ServiceProblem(401, "not-authorized", "Only the holder of the token may do this.", {
      remedy: `Send \`Authorization: Bearer TOKEN\`; the token stands in \`${file}\` in the service's folder.`,
    });
  }
}
