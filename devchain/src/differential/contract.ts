/**
 * Assembles small Wasm contracts for pallet-contracts: straight-line code that calls the pallet's host
 * functions on constants. Random ones reach every part of the runtime that a contract can reach, without a
 * compiler. Source: WebAssembly core specification, section 5; `pallet-contracts` 38, `wasm/runtime.rs`.
 */
import { ascii, concat } from "../codec/bytes.ts";

const I32 = 0x7f;
const I64 = 0x7e;

/** Parameters (i: i32, I: i64) and result of each function of the pallet that is used, by `module.name`. */
const signatures = {
  "seal2.set_storage": "iiii>i",
  "seal1.clear_storage": "ii>i",
  "seal1.get_storage": "iiii>i",
  "seal1.contains_storage": "ii>i",
  "seal0.take_storage": "iiii>i",
  "seal0.transfer": "iiii>i",
  "seal1.call": "iiIiiiii>i",
  "seal0.delegate_call": "iiiiii>i",
  "seal1.instantiate": "iIiiiiiiiii>i",
  "seal1.terminate": "i>",
  "seal0.input": "ii>",
  "seal0.seal_return": "iii>",
  "seal0.caller": "ii>",
  "seal0.address": "ii>",
  "seal0.balance": "ii>",
  "seal0.now": "ii>",
  "seal0.block_number": "ii>",
  "seal0.gas_left": "ii>",
  "seal0.deposit_event": "iiii>",
  "seal0.hash_sha2_256": "iii>",
  "seal0.hash_keccak_256": "iii>",
  "seal0.hash_blake2_256": "iii>",
  "seal0.hash_blake2_128": "iii>",
  "seal0.ecdsa_recover": "iii>i",
  "seal0.sr25519_verify": "iiii>i",
  "seal0.set_code_hash": "i>i",
  "seal0.ecdsa_to_eth_address": "ii>i",
  "seal0.is_contract": "i>i",
  "seal0.code_hash": "iii>i",
  "seal0.debug_message": "ii>i",
} as const;

export type HostCall = keyof typeof signatures;

/** One step: a host call on constants (bytes are put into memory and passed as pointer), a trap, or a loop without end. */
export type Step =
  | { readonly call: HostCall; readonly args: readonly (number | bigint | Uint8Array)[] }
  | "trap"
  | "loop";

/** Where host functions write: a buffer whose length word is set anew before each call. */
export const OUT = 0x8000;
export const OUT_LENGTH = 0x7ff0;
const CAPACITY = 0x4000;
const DATA = 0x100;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    const ends = (rest >> 7n === 0n && (low & 64) === 0) || (rest >> 7n === -1n && (low & 64) !== 0);
    if (ends) return [...bytes, low];
    bytes.push(low | 128);
  }
}

const vector = (items: readonly number[][]) => [...unsigned(items.length), ...items.flat()];
const name = (text: string) => [...unsigned(text.length), ...ascii(text)];
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];
const constant = (value: number) => [0x41, ...signed(BigInt(value | 0))];

class Program {
  readonly imports: HostCall[] = [];
  readonly #data: number[] = [];

  get data(): readonly number[] {
    return this.#data;
  }

  #place(bytes: Uint8Array): number {
    const at = DATA + this.#data.length;
    this.#data.push(...bytes);
    if (at + bytes.length > OUT_LENGTH) throw new RangeError("The contract's constants do not fit");
    return at;
  }

  #index(call: HostCall): number {
    const known = this.imports.indexOf(call);
    return known >= 0 ? known : this.imports.push(call) - 1;
  }

  #argument(value: number | bigint | Uint8Array): number[] {
    if (value instanceof Uint8Array) return constant(this.#place(value));
    return typeof value === "bigint" ? [0x42, ...signed(value)] : constant(value);
  }

  /** The body of a function without parameters. */
  body(steps: readonly Step[]): number[] {
    const code: number[] = [];
    for (const step of steps) {
      if (step === "trap") code.push(0x00);
      else if (step === "loop") code.push(0x03, 0x40, 0x0c, 0x00, 0x0b);
      else {
        // i32.store of the out buffer's capacity, then the call; results are dropped.
        code.push(...constant(OUT_LENGTH), ...constant(CAPACITY), 0x36, 2, 0);
        for (const arg of step.args) code.push(...this.#argument(arg));
        code.push(0x10, ...unsigned(this.#index(step.call)));
        if (signatures[step.call].endsWith(">i")) code.push(0x1a);
      }
    }
    const body = [0, ...code, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

/** A module whose `deploy` and `call` do these steps. */
export function assembleContract(deploy: readonly Step[], call: readonly Step[]): Uint8Array {
  const program = new Program();
  const bodies = [program.body(deploy), program.body(call)];
  const types = program.imports.map((each) => {
    const [parameters = "", result = ""] = signatures[each].split(">");
    const type = (letter: string) => [letter === "I" ? I64 : I32];
    return [0x60, ...vector([...parameters].map(type)), ...vector([...result].map(type))];
  });
  const noParameters = [0x60, 0, 0];
  const functionType = types.length;
  const count = program.imports.length;
  const imports = program.imports.map((each, type) => {
    const [module = "", field = ""] = each.split(".");
    return [...name(module), ...name(field), 0, ...unsigned(type)];
  });
  const memory = [...name("env"), ...name("memory"), 2, 1, 2, 16];
  const exports = [
    [...name("deploy"), 0, ...unsigned(count)],
    [...name("call"), 0, ...unsigned(count + 1)],
  ];
  return concat(
    Uint8Array.of(0, ...ascii("asm"), 1, 0, 0, 0),
    Uint8Array.from([
      ...section(1, vector([...types, noParameters])),
      ...section(2, vector([...imports, memory])),
      ...section(3, vector([unsigned(functionType), unsigned(functionType)])),
      ...section(7, vector(exports)),
      ...section(10, vector(bodies)),
      ...section(
        11,
        vector([[0, ...constant(DATA), 0x0b, ...unsigned(program.data.length), ...program.data]]),
      ),
    ]),
  );
}
