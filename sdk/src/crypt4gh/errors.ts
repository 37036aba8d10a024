import { BaseError } from "../errors.ts";

/** Anything that is wrong with a crypt4gh file, packet or key file. */
export class Crypt4ghError extends BaseError {
  override readonly name: string = "Crypt4ghError";
}

/** The bytes do not begin as a crypt4gh file does. */
export class NotCrypt4ghError extends Crypt4ghError {
  override readonly name = "NotCrypt4ghError";
  constructor() {
    super("This is not a crypt4gh file.", {
      happened: ['It does not begin with the letters "crypt4gh".'],
      remedy: "Check that you gave the encrypted file (.c4gh) and that it was copied as binary.",
    });
  }
}

/** A version of crypt4gh that this package does not know. */
export class UnsupportedCrypt4ghVersionError extends Crypt4ghError {
  override readonly name = "UnsupportedCrypt4ghVersionError";
  constructor(version: number) {
    super(`This crypt4gh file has version ${version}; version 1 is known.`);
  }
}

/** The header contradicts itself, or is larger than any real one. */
export class MalformedHeaderError extends Crypt4ghError {
  override readonly name = "MalformedHeaderError";
  constructor(fact: string) {
    super("The crypt4gh header is damaged.", {
      happened: [fact],
      remedy: "Get the file again from where it is stored.",
    });
  }
}

/** The file ends in the middle of something, or before the length that it should have. */
export class TruncatedCrypt4ghError extends Crypt4ghError {
  override readonly name = "TruncatedCrypt4ghError";
  constructor(fact: string, cause?: unknown) {
    super("The crypt4gh file is cut off.", {
      happened: [fact],
      remedy: "Get the file again from where it is stored; compare its length.",
      cause,
    });
  }
}

/** The file goes on after the length that it should have. */
export class TrailingCrypt4ghError extends Crypt4ghError {
  override readonly name = "TrailingCrypt4ghError";
  constructor(expected: number) {
    super("The crypt4gh file is longer than it should be.", {
      happened: [`Its plaintext should end after ${expected} bytes.`],
    });
  }
}

/** None of the header's packets opens with the keys given. */
export class NoReadablePacketError extends Crypt4ghError {
  override readonly name = "NoReadablePacketError";
  constructor(packets: number) {
    super("None of your keys opens this crypt4gh file.", {
      happened: [`Its header has ${packets} ${packets === 1 ? "packet" : "packets"}; none is for you.`],
      remedy:
        "Use the key that the file was encrypted for, or ask its owner to encrypt it for your public key.",
    });
  }
}

/** A single key packet is not one, or is not for this key, or was changed. */
export class BadPacketError extends Crypt4ghError {
  override readonly name = "BadPacketError";
  constructor(fact: string) {
    super("The key packet does not open.", { happened: [fact] });
  }
}

/** A key is no usable X25519 key. */
export class BadKeyError extends Crypt4ghError {
  override readonly name = "BadKeyError";
  constructor(cause?: unknown) {
    super("This is no usable X25519 key.", {
      happened: ["It leads to a shared secret that everybody knows."],
      cause,
    });
  }
}

/** A segment's authentication code does not fit: the bytes were changed, or the data key is another. */
export class CorruptSegmentError extends Crypt4ghError {
  override readonly name = "CorruptSegmentError";
  /** Position of the segment in the file, from 0. */
  readonly segment: number;
  constructor(segment: number) {
    super(`Segment ${segment} of the crypt4gh file was changed, or another data key encrypted it.`, {
      remedy: "Get the file again from where it is stored; nothing of this segment was used.",
    });
    this.segment = segment;
  }
}

/** The header's edit list is not one, or there is more than one. */
export class EditListError extends Crypt4ghError {
  override readonly name = "EditListError";
  constructor(fact: string) {
    super("The edit list of the crypt4gh file cannot be followed.", { happened: [fact] });
  }
}

/** A range that lies outside the plaintext. */
export class RangeOutsideError extends Crypt4ghError {
  override readonly name = "RangeOutsideError";
  constructor(start: number, end: number, size: number) {
    super(`Bytes ${start} to ${end} do not lie inside the ${size} bytes of the file.`);
  }
}

/** A key file that is not one, or of a kind that is not supported. */
export class KeyFileError extends Crypt4ghError {
  override readonly name: string = "KeyFileError";
  constructor(fact: string, remedy?: string, cause?: unknown) {
    super("This crypt4gh key file cannot be read.", { happened: [fact], remedy, cause });
  }
}

/** The key file is locked with a passphrase, and none or another one was given. */
export class KeyPassphraseError extends Crypt4ghError {
  override readonly name = "KeyPassphraseError";
  constructor(given: boolean) {
    super(given ? "The passphrase does not open this key file." : "This key file needs a passphrase.", {
      remedy: given
        ? "Check keyboard layout and capitals; if the passphrase is right, the file was damaged: use your copy."
        : "Give the passphrase that the key was made with.",
    });
  }
}
