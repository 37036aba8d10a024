/**
 * Every failure that the indexer names. `retryable` says whether trying again can help; whoever catches asks
 * only this, and never the message. `advice` tells an operator what to do.
 */
export class IndexerError extends Error {
  override readonly name: string = "IndexerError";
  readonly retryable: boolean;
  readonly advice: string;

  constructor(message: string, options: { retryable: boolean; advice: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.advice = options.advice;
  }
}

/** The node does not answer, or not in time, or answered that it cannot now. */
export class NodeUnavailable extends IndexerError {
  override readonly name = "NodeUnavailable";
  constructor(what: string, cause?: unknown) {
    super(`The node did not answer: ${what}`, {
      retryable: true,
      advice: "The indexer tries again by itself. Check that the node runs and that its URL is right.",
      cause,
    });
  }
}

/** The node answered something that is no valid answer. */
export class NodeAnswerInvalid extends IndexerError {
  override readonly name = "NodeAnswerInvalid";
  constructor(what: string, cause?: unknown) {
    super(`The node's answer cannot be read: ${what}`, {
      retryable: true,
      advice: "If it goes on, the node is no Substrate node with pallet-contracts, or its runtime is newer.",
      cause,
    });
  }
}

/** The fork changed under a reading; the next attempt reads the new one. */
export class ForkChanged extends IndexerError {
  override readonly name = "ForkChanged";
  constructor(height: number) {
    super(`The chain was reorganised while block ${height} was read`, {
      retryable: true,
      advice: "Nothing: the indexer follows the new fork.",
    });
  }
}

/** The node threw away the state of a block that has not been indexed. */
export class ArchiveMissing extends IndexerError {
  override readonly name = "ArchiveMissing";
  constructor(height: number, cause?: unknown) {
    super(`The node no longer has the state of block ${height}, so its events cannot be read`, {
      retryable: false,
      advice:
        "The indexer needs a node that keeps all state: start it with `--state-pruning archive --blocks-pruning archive` on a fresh database, or use another archive node (NODE_URL).",
      cause,
    });
  }
}

/** The database, the deployment record and the node do not speak of one chain. */
export class OtherChain extends IndexerError {
  override readonly name = "OtherChain";
  constructor(whose: string, expected: string, found: string) {
    super(`The node's genesis is ${found}, and ${whose} is of ${expected}`, {
      retryable: false,
      advice: "Point NODE_URL at the right node, or start over with `indexer reset` for the new chain.",
    });
  }
}

/** A finalised block that was indexed is no longer part of the chain. */
export class ChainLostBlocks extends IndexerError {
  override readonly name = "ChainLostBlocks";
  constructor(height: number, expected: string, found: string | null) {
    super(
      `Finalised block ${height} was ${expected} when it was indexed; the node now has ${found ?? "no block there"}`,
      {
        retryable: false,
        advice:
          "The chain was restarted or lost its tail. `indexer reset` (or --reset) indexes it anew; nothing was changed.",
      },
    );
  }
}

/** The database's tables are of another deployment. */
export class OtherDeployment extends IndexerError {
  override readonly name = "OtherDeployment";
  constructor(contract: string, stored: string, recorded: string) {
    super(`The database was filled from ${contract} at ${stored}; the deployment record says ${recorded}`, {
      retryable: false,
      advice: "Use the database of this deployment, or start over with `indexer reset`.",
    });
  }
}

/** Another process writes to this database. */
export class DatabaseInUse extends IndexerError {
  override readonly name = "DatabaseInUse";
  constructor(where: string, cause?: unknown) {
    super(`Another process uses the database ${where}`, {
      retryable: false,
      advice: "Stop the other indexer, or give this one its own KEYSTRAND_HOME or DATABASE_URL.",
      cause,
    });
  }
}

/** The database failed in a way that passes: the connection broke, a deadlock, a shutdown. */
export class DatabaseUnavailable extends IndexerError {
  override readonly name = "DatabaseUnavailable";
  constructor(cause: unknown) {
    super("The database did not answer", {
      retryable: true,
      advice: "The indexer tries again by itself. Check that the database runs.",
      cause,
    });
  }
}

/** The lock that keeps other writers out is lost, so this process must write no more. */
export class LockLost extends IndexerError {
  override readonly name = "LockLost";
  constructor(cause: unknown) {
    super("The connection that holds the writer's lock broke", {
      retryable: false,
      advice: "Start the indexer again: it goes on where it stopped.",
      cause,
    });
  }
}

/** Whether trying again can help; what is not ours is a defect and is not retried. */
export function isRetryable(error: unknown): boolean {
  return error instanceof IndexerError && error.retryable;
}
