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
  | { readonly call: HostCall; readonly args: readonly (number | bigint | Uint8Array | typeof OUT)[] }
  | "trap"
  | "loop";

/**
 * Host functions write to a buffer of their step's own, and their results go to a word of its own, so that all
 * of it can be told in an event: a wrong answer of the host must show in the state.
 */
export const OUT = Symbol("the step's out buffer");
/** Address of the word that holds the out buffer's length. */
export const OUT_LENGTH = 0x7ff0;
const RESULTS = 0x8000;
const BUFFERS = 0x8100;
const BUFFER = 64;
/** Longer than a buffer: what a step writes may run into the next one's, which writes later. */
const CAPACITY = 0x1000;
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

  #argument(value: number | bigint | Uint8Array | typeof OUT, step: number): number[] {
    if (value === OUT) return constant(BUFFERS + BUFFER * step);
    if (value instanceof Uint8Array) return constant(this.#place(value));
    return typeof value === "bigint" ? [0x42, ...signed(value)] : constant(value);
  }

  /** The body of a function without parameters. */
  body(steps: readonly Step[]): number[] {
    const code: number[] = [];
    for (const [i, step] of steps.entries()) {
      if (step === "trap") code.push(0x00);
      else if (step === "loop") code.push(0x03, 0x40, 0x0c, 0x00, 0x0b);
      else code.push(...this.#call(step, i));
    }
    const body = [0, ...code, 0x0b];
    return [...unsigned(body.length), ...body];
  }

  #call({ call, args }: Exclude<Step, string>, step: number): number[] {
    // The out buffer's capacity is set anew for each call: the callee replaces it by what it wrote.
    const code = [...constant(OUT_LENGTH), ...constant(CAPACITY), ...STORE];
    const answers = signatures[call].endsWith(">i");
    if (answers) code.push(...constant(RESULTS + 4 * step));
    for (const arg of args) code.push(...this.#argument(arg, step));
    code.push(0x10, ...unsigned(this.#index(call)));
    if (answers) code.push(...STORE);
    return code;
  }
}

/** i32.store, alignment 4, offset 0. */
const STORE = [0x36, 2, 0];

/** An event of all results and the beginnings of all buffers of that many steps. */
export function tellResults(steps: number): Step {
  return { call: "seal0.deposit_event", args: [0, 0, RESULTS, BUFFERS - RESULTS + BUFFER * steps] };
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
