import { ChainError, RuntimeCallError, StateDiscarded, UnknownBlock } from "../chain/errors.ts";
import { PoolError, type PoolRefusal } from "../pool/errors.ts";
import type { Json } from "./json.ts";

/** An error as JSON-RPC carries it: the code is what programs decide by. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: Json | undefined;
  constructor(code: number, message: string, data?: Json) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

export const parseError = () => new RpcError(-32700, "Parse error");
export const invalidRequest = () => new RpcError(-32600, "Invalid request");
export const methodNotFound = () => new RpcError(-32601, "Method not found");
export const invalidParams = (data: string) => new RpcError(-32602, "Invalid params", data);
export const internalError = (message = "Internal error") => new RpcError(-32603, message);
/** Codes of jsonrpsee, the node's server library. */
export const requestTooBig = (limit: number) =>
  new RpcError(-32007, "Request is too big", `Exceeded max limit of ${limit}`);
export const responseTooBig = (limit: number) =>
  new RpcError(-32008, "Response is too big", `Exceeded max limit of ${limit}`);
export const batchTooBig = (limit: number) =>
  new RpcError(-32011, "The batch response was too large", `Exceeded max limit of ${limit}`);
export const tooManySubscriptions = (limit: number) =>
  new RpcError(-32006, "Too many subscriptions on the connection", `Exceeded max limit of ${limit}`);

/** The text of sp_blockchain's error for what the chain threw. */
export function clientErrorText(error: unknown): string {
  if (error instanceof UnknownBlock)
    return `UnknownBlock: Header was not found in the database: ${error.hash}`;
  if (error instanceof StateDiscarded) return `UnknownBlock: State already discarded for ${error.hash}`;
  return executionErrorText(error);
}

/** The same where a runtime call was asked for. */
export function callErrorText(error: unknown): string {
  if (error instanceof UnknownBlock)
    return `UnknownBlock: Expect block number from id: BlockId::Hash(${error.hash})`;
  return clientErrorText(error);
}

/** The same where the node goes through its runtime API object. */
export function apiErrorText(error: unknown): string {
  if (error instanceof UnknownBlock)
    return `Api called for an unknown Block: Header was not found in the database: ${error.hash}`;
  return clientErrorText(error);
}

function executionErrorText(error: unknown): string {
  if (error instanceof RuntimeCallError) {
    if (isMissingMethod(error))
      return `Execution failed: Other: Exported method ${error.method} is not found`;
    const panic = error.panic === undefined ? "" : `\n${error.panic}`;
    return `Execution failed: Execution aborted due to trap: wasm trap: wasm \`unreachable\` instruction executed${panic}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function isMissingMethod(error: RuntimeCallError): boolean {
  return error.cause instanceof TypeError && error.cause.message.startsWith("The runtime has no method");
}

/** `state_*` and `childstate_*`: code 4003. */
export const stateError = (error: unknown) => new RpcError(4003, `Client error: ${clientErrorText(error)}`);
export const stateCallError = (error: unknown) => new RpcError(4003, `Client error: ${callErrorText(error)}`);
export const stateApiError = (error: unknown) => new RpcError(4003, `Client error: ${apiErrorText(error)}`);

/** What `author_*` answers for a refusal of the pool. Source: sc_rpc_api::author::error. */
export function poolError(refusal: PoolRefusal): RpcError {
  switch (refusal.kind) {
    case "verification": {
      const text = executionErrorText(refusal.cause);
      const data = `RuntimeApi(${JSON.stringify(text)})`;
      return new RpcError(1002, `Verification Error: Runtime error: ${text}`, data);
    }
    case "invalid": {
      const custom = /^Custom\((\d+)\)$/.exec(refusal.reason.name);
      const data = custom ? `Custom error: ${custom[1]}` : refusal.reason.text;
      return new RpcError(1010, "Invalid Transaction", data);
    }
    case "unknown":
      return new RpcError(1011, "Unknown Transaction Validity", refusal.reason.name);
    case "banned":
      return new RpcError(1012, "Transaction is temporarily banned");
    case "alreadyImported":
      return new RpcError(1013, "Transaction Already Imported", "Any { .. }");
    case "tooLowPriority":
      return new RpcError(
        1014,
        `Priority is too low: (${refusal.old} vs ${refusal.new})`,
        "The transaction has too low priority to replace another transaction already in the pool.",
      );
    case "cycle":
      return new RpcError(1015, "Cycle Detected");
    case "immediatelyDropped":
      return new RpcError(
        1016,
        "Immediately Dropped",
        "The transaction couldn't enter the pool because of the limit",
      );
    case "noTags":
      return new RpcError(
        1019,
        "No tags provided",
        "Transaction does not provide any tags, so the pool can't identify it",
      );
  }
}

/** Whether an error is an answer. Others are defects: they are answered too, but somebody should know. */
export function isForeseen(error: unknown): boolean {
  return error instanceof RpcError || error instanceof PoolError || error instanceof ChainError;
}

/** Any throw of a method as an answer; what is not foreseen becomes an internal error with its text. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof PoolError) return poolError(error.refusal);
  return internalError(error instanceof Error ? error.message : String(error));
}
