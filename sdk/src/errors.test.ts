import { describe, expect, test } from "vitest";
import { BaseError } from "./errors.ts";

class LineRefusedError extends BaseError {
  override readonly name = "LineRefusedError";
  constructor(cause?: unknown) {
    super("Line 3 was refused.", {
      happened: ["The consent does not admit commercial use."],
      remedy: "Leave the line out, or declare a non-commercial use.",
      cause,
    });
  }
}

describe("an error", () => {
  test("says in its message what it is, what happened and what to do", () => {
    expect(new LineRefusedError().message).toBe(
      "Line 3 was refused.\n" +
        "What happened: The consent does not admit commercial use.\n" +
        "What to do: Leave the line out, or declare a non-commercial use.",
    );
  });

  test("has a class name and a code that programs can ask for", () => {
    const error = new LineRefusedError();
    expect(error.name).toBe("LineRefusedError");
    expect(error.code).toBe("line-refused");
    expect(error).toBeInstanceOf(BaseError);
    expect(Object.hasOwn(error, "cause")).toBe(false);
  });

  test("is one sentence when there is nothing more to say", () => {
    expect(new BaseError("Nothing was found.").message).toBe("Nothing was found.");
  });
});

describe("walking the causes", () => {
  const bottom = new RangeError("offset 7");
  const error = new BaseError("The order failed.", { cause: new LineRefusedError(bottom) });

  test("without a predicate ends at the bottom", () => {
    expect(error.walk()).toBe(bottom);
  });

  test("with a predicate finds the first that fits, this one included", () => {
    expect(error.walk((one) => one instanceof BaseError)).toBe(error);
    expect(error.walk((one) => one instanceof LineRefusedError)).toBe(error.cause);
    expect(error.walk((one) => one instanceof SyntaxError)).toBeUndefined();
  });

  test("ends even where causes form a circle", () => {
    const inner = new Error("inner");
    const outer = new BaseError("Round and round.", { cause: inner });
    inner.cause = outer;
    expect(outer.walk((one) => one === 7)).toBeUndefined();
  });
});
