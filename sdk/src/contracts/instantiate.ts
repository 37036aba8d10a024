import type { ApiPromise } from "@polkadot/api";
import { compactAddLength, hexToU8a, stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { blake2AsU8a, decodeAddress, encodeAddress } from "@polkadot/util-crypto";
import { type Account, type Inclusion, submit } from "../chain/submit.ts";
import type { Abi } from "./abi.ts";
import { ContractFailure, gasWithRoom } from "./client.ts";
import { SS58_PREFIX } from "./codec.ts";

/** A contract's code with its interface. */
export interface Code {
  readonly abi: Abi;
  readonly wasm: Uint8Array;
}

/**
 * Where a contract will stand: pallet-contracts derives the address from deployer, code, input and salt.
 * Source: `DefaultAddressGenerator` in pallet-contracts.
 */
export const contractAddress = (
  deployer: string,
  codeHash: string,
  input: Uint8Array,
  salt: Uint8Array,
): string =>
  encodeAddress(
    blake2AsU8a(
      u8aConcat(
        stringToU8a("contract_addr_v1"),
        decodeAddress(deployer),
        hexToU8a(codeHash),
        // These two are byte slices in the generator: SCALE puts their length in front.
        compactAddLength(input),
        compactAddLength(salt),
      ),
      256,
    ),
    SS58_PREFIX,
  );

/** Whether code lives at the address, at a block (the best one by default). */
export const contractExists = async (api: ApiPromise, address: string, at?: string): Promise<boolean> => {
  const state = at ? await api.at(at) : api;
  return !(await state.query.contracts!.contractInfoOf!(address)).isEmpty;
};

export interface Instantiated {
  readonly address: string;
  /** Height of the block that instantiated it. */
  readonly block: number;
  /** Absent when the contract was there already. */
  readonly inclusion?: Inclusion;
}

/**
 * Uploads and instantiates, unless the very same instance is there already: repeating it is harmless.
 *
 * @param salt - tells apart instances of one code by one deployer
 * @throws {@link ContractFailure} when the dry run fails or the constructor reverts
 */
export const instantiate = async (
  api: ApiPromise,
  { abi, wasm }: Code,
  entry: string,
  args: Record<string, unknown>,
  deployer: Account,
  salt: Uint8Array,
): Promise<Instantiated> => {
  const input = abi.constructorEntry(entry).encode(args);
  const address = contractAddress(deployer.address, abi.codeHash, input, salt);
  if (await contractExists(api, address)) return { address, block: await birthOf(api, address) };
  const code = u8aToHex(wasm);
  const outcome = await api.call.contractsApi!.instantiate!(
    deployer.address,
    0,
    null,
    null,
    { Upload: code },
    u8aToHex(input),
    u8aToHex(salt),
  );
  const { result, gasRequired, debugMessage } = outcome as unknown as InstantiateResult;
  if (result.isErr) {
    const error = result.asErr;
    const meta = error.isModule ? api.registry.findMetaError(error.asModule) : undefined;
    throw new ContractFailure(
      abi.contract,
      entry,
      `${meta ? `${meta.section}.${meta.name}` : error.toString()} ${String(debugMessage.toHuman() ?? "").slice(0, 300)}`,
    );
  }
  if (result.asOk.result.flags.isRevert)
    throw new ContractFailure(
      abi.contract,
      entry,
      `the constructor reverted with ${result.asOk.result.data.toHex()}`,
    );
  const extrinsic = api.tx.contracts!.instantiateWithCode!(
    0,
    gasWithRoom(gasRequired),
    null,
    code,
    u8aToHex(input),
    u8aToHex(salt),
  );
  const inclusion = await submit(api, extrinsic, deployer);
  return { address, block: inclusion.blockNumber, inclusion };
};

/** Height at which the contract appeared, found by halving. Needs a node that keeps old states. */
const birthOf = async (api: ApiPromise, address: string): Promise<number> => {
  let without = 0;
  let present = (await api.rpc.chain.getHeader()).number.toNumber();
  while (present - without > 1) {
    const middle = Math.floor((without + present) / 2);
    const hash = (await api.rpc.chain.getBlockHash(middle)).toHex();
    if (await contractExists(api, address, hash)) present = middle;
    else without = middle;
  }
  return present;
};

/** The part of the runtime API's answer that is read here. */
interface InstantiateResult {
  readonly gasRequired: { refTime: { toBigInt(): bigint }; proofSize: { toBigInt(): bigint } };
  readonly debugMessage: { toHuman(): unknown };
  readonly result: {
    isErr: boolean;
    asErr: {
      isModule: boolean;
      asModule: Parameters<ApiPromise["registry"]["findMetaError"]>[0];
      toString(): string;
    };
    asOk: { result: { flags: { isRevert: boolean }; data: { toHex(): string } } };
  };
}
