import { BaseError } from "../errors.ts";

/** Anything that is wrong with a CAR or with what it holds. */
export class CarError extends BaseError {
  override readonly name: string = "CarError";
}

/** The bytes are no CAR, or its framing is damaged. */
export class MalformedCarError extends CarError {
  override readonly name = "MalformedCarError";
  constructor(fact: string, cause?: unknown) {
    super("This is not a sound CAR.", {
      happened: [fact],
      remedy: "Fetch it again, from another store if there is one.",
      cause,
    });
  }
}

/** The CAR ends in the middle of a block. */
export class TruncatedCarError extends CarError {
  override readonly name = "TruncatedCarError";
  constructor(cause?: unknown) {
    super("The CAR is cut off.", {
      remedy: "Fetch it again; nothing of the block that was cut was used.",
      cause,
    });
  }
}

/** The CAR is a sound one, of something else. */
export class WrongRootError extends CarError {
  override readonly name = "WrongRootError";
  constructor(expected: string, actual: string) {
    super("The CAR has another root than the one that was asked for.", {
      happened: [`Expected ${expected}, got ${actual}.`],
    });
  }
}

/** A block's bytes are not those that its CID names. */
export class CorruptBlockError extends CarError {
  override readonly name = "CorruptBlockError";
  /** The block that was due. */
  readonly cid: string;
  constructor(cid: string) {
    super(`The bytes of block ${cid} are not those that its CID names.`, {
      remedy: "Fetch it again, from another store if there is one; nothing of this block was used.",
    });
    this.cid = cid;
  }
}

/** A block that the root needs is not there. */
export class MissingBlockError extends CarError {
  override readonly name = "MissingBlockError";
  readonly cid: string;
  constructor(cid: string) {
    super(`Block ${cid} is missing.`, { remedy: "Fetch the CAR again, from another store if there is one." });
    this.cid = cid;
  }
}

/** A block that does not belong to the root, or stands there twice. */
export class ExtraBlockError extends CarError {
  override readonly name = "ExtraBlockError";
  readonly cid: string;
  constructor(cid: string) {
    super(`Block ${cid} does not belong into this CAR.`, {
      happened: ["It is not below the root, or it stands there twice."],
    });
    this.cid = cid;
  }
}

/** A block larger than any that IPFS nodes exchange. */
export class BlockTooLargeError extends CarError {
  override readonly name = "BlockTooLargeError";
  constructor(length: number, limit: number) {
    super(`A block claims ${length} bytes; at most ${limit} are taken.`);
  }
}

/** A CID of a kind that is not used here. */
export class UnsupportedCidError extends CarError {
  override readonly name = "UnsupportedCidError";
  constructor(cid: string, cause?: unknown) {
    super(`${cid} is no CIDv1 of a raw or dag-pb block with sha2-256.`, { cause });
  }
}

/** What the root names is no flat UnixFS directory of files. */
export class UnixfsError extends CarError {
  override readonly name = "UnixfsError";
  constructor(fact: string, cause?: unknown) {
    super("The CAR's contents cannot be read as files.", { happened: [fact], cause });
  }
}

/** No file of that name under the root. */
export class NoSuchFileError extends CarError {
  override readonly name = "NoSuchFileError";
  constructor(path: string) {
    super(`The CAR holds no file "${path}".`);
  }
}

/** A file gave other bytes when it was read a second time. */
export class ContentChangedError extends CarError {
  override readonly name = "ContentChangedError";
  constructor() {
    super("A file changed while it was being packed.", {
      remedy: "Let nothing write to it, then pack it again.",
    });
  }
}

/** The decrypted manifest or a decrypted file is not what the contributor put in. */
export class DatasetContentError extends CarError {
  override readonly name = "DatasetContentError";
  constructor(fact: string, cause?: unknown) {
    super("The dataset is not what its manifest says.", { happened: [fact], cause });
  }
}
