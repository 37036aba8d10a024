import { BaseError } from "../errors.ts";

/** Anything that is wrong with a recovery file. */
export class RecoveryError extends BaseError {
  override readonly name: string = "RecoveryError";
}

/** The text is no recovery file. */
export class NotRecoveryFileError extends RecoveryError {
  override readonly name = "NotRecoveryFileError";
  constructor(fact: string, cause?: unknown) {
    super("This is not a recovery file.", {
      happened: [fact],
      remedy: "Give the file that was saved when the datasets were registered.",
      cause,
    });
  }
}

/** A recovery file of a version that this package does not know. */
export class RecoveryVersionError extends RecoveryError {
  override readonly name = "RecoveryVersionError";
  constructor(version: number) {
    super(`This recovery file has version ${version}; version 1 is known.`, {
      remedy: "Update this program.",
    });
  }
}

/** The file was changed or damaged since it was written. */
export class CorruptRecoveryFileError extends RecoveryError {
  override readonly name = "CorruptRecoveryFileError";
  constructor(fact: string, cause?: unknown) {
    super("The recovery file is damaged.", { happened: [fact], remedy: "Use another copy of it.", cause });
  }
}

/** The file is whole, and this passphrase does not open it. */
export class WrongPassphraseError extends RecoveryError {
  override readonly name = "WrongPassphraseError";
  constructor() {
    super("The passphrase does not open this recovery file.", {
      happened: ["The file itself is undamaged."],
      remedy: "Check keyboard layout, capitals and blanks. Without the passphrase nobody can open it.",
    });
  }
}

/** No passphrase, or one that protects nothing. */
export class WeakPassphraseError extends RecoveryError {
  override readonly name = "WeakPassphraseError";
  constructor(shortest: number) {
    super(`A passphrase needs at least ${shortest} characters.`, {
      remedy: "Four or five random words make a good one.",
    });
  }
}
