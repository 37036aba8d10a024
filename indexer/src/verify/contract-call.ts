import { decodeAddress } from "@polkadot/util-crypto";
import type { ContractAbi } from "../chain/abi.ts";
import type { Rpc } from "../chain/rpc.ts";
import { hex, type Json, ScaleError, ScaleInput, unhex } from "../chain/scale.ts";
import { join, littleEndian } from "../chain/scale-write.ts";
import { NodeAnswerInvalid } from "../errors.ts";

/** An argument of a contract's message: an id (0x hex), an account (SS58), or a u32. */
export type Argument = { hash: string } | { account: string } | { u32: number };

/** Asks a contract in the state of one block. */
export class ContractReader {
  readonly #rpc: Rpc;
  readonly #at: string;

  /** @param at hash of the block */
  constructor(rpc: Rpc, at: string) {
    this.#rpc = rpc;
    this.#at = at;
  }

  /**
   * What a message that changes nothing answers.
   *
   * @throws NodeAnswerInvalid when the contract does not answer
   */
  async ask(address: string, abi: ContractAbi, message: string, ...values: Argument[]): Promise<Json> {
    const { selector, decode } = abi.query(message);
    const contract = decodeAddress(address);
    const input = join([unhex(selector), ...values.map(encodeArgument)]);
    // origin, dest, value, no gas limit, no deposit limit, input (runtime API `ContractsApi`, version 2).
    const call = join([
      contract,
      contract,
      littleEndian(0n, 16),
      new Uint8Array([0, 0]),
      compactBytes(input),
    ]);
    const answer = await this.#rpc.send("state_call", ["ContractsApi_call", hex(call), this.#at]);
    if (typeof answer !== "string") throw new NodeAnswerInvalid(`${abi.contract}.${message}`);
    try {
      return resultOf(decode(new ScaleInput(returned(new ScaleInput(unhex(answer))))));
    } catch (error) {
      throw new NodeAnswerInvalid(`${abi.contract}.${message}`, error);
    }
  }
}

function encodeArgument(argument: Argument): Uint8Array {
  if ("hash" in argument) return unhex(argument.hash);
  if ("account" in argument) return decodeAddress(argument.account);
  return littleEndian(BigInt(argument.u32), 4);
}

function compactBytes(bytes: Uint8Array): Uint8Array {
  const length = bytes.length;
  if (length >= 1 << 14) throw new ScaleError("arguments are longer than any message's");
  const prefix = length < 64 ? [length << 2] : [((length << 2) | 1) & 0xff, length >> 6];
  return join([new Uint8Array(prefix), bytes]);
}

/** The data of a `ContractResult<Result<ExecReturnValue, DispatchError>, ...>`. */
function returned(input: ScaleInput): Uint8Array {
  // gas_consumed and gas_required: two compact weights each.
  for (let part = 0; part < 4; part++) input.compact();
  // storage_deposit: a variant and an amount.
  input.take(17);
  // debug_message.
  input.take(input.count(1));
  if (input.u8() !== 0) throw new ScaleError("the call failed");
  const reverted = (input.u32() & 1) === 1;
  const data = input.take(input.count(1));
  if (reverted) throw new ScaleError(`the contract reverted with ${hex(data)}`);
  return data;
}

/** ink! wraps every answer in `Result<T, LangError>`. */
function resultOf(value: Json): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && "Ok" in value)
    return value.Ok ?? null;
  throw new ScaleError(`the contract answered ${JSON.stringify(value)}`);
}
