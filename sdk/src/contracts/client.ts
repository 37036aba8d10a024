/** Typed calls of one deployed contract: dry runs, transactions, events. */
import type { ApiPromise } from "@polkadot/api";
import type { EventRecord } from "@polkadot/types/interfaces";
import { u8aToHex } from "@polkadot/util";
import { shortOfFunds } from "../chain/balance.ts";
import { type Account, type Inclusion, type SubmitOptions, submit } from "../chain/submit.ts";
import { BaseError } from "../errors.ts";
import type { Abi, DecodedEvent } from "./abi.ts";

/** What generated interfaces say of each message. */
export interface MessageTypes {
  readonly [label: string]: { readonly args: object; readonly returns: unknown };
}

/** The `ok` side of a returned `Result`; any other type is itself. */
export type Unwrapped<T> = T extends { ok: infer V } | { err: unknown }
  ? T extends { ok: unknown }
    ? V
    : never
  : T;

export interface CallOptions {
  /** Amount sent with a payable message, in the chain's smallest unit. */
  readonly value?: bigint;
}
export interface QueryOptions extends CallOptions {
  /** Who asks; defaults to the zero account. */
  readonly caller?: string;
  /** Block hash whose state is asked; the best block by default. */
  readonly at?: string;
}

/** A message refused: the contract's own error, decoded. */
export class ContractRefusal extends BaseError {
  override readonly name = "ContractRefusal";
  readonly contract: string;
  readonly entry: string;
  /** The decoded error, shaped as the generated types say. */
  readonly refusal: unknown;
  constructor(contract: string, message: string, refusal: unknown) {
    super(`${contract}.${message} refused: ${describe(refusal)}.`);
    this.contract = contract;
    this.entry = message;
    this.refusal = refusal;
  }
}

/** A call that did not come to an answer: a trap, out of gas, no code, too little balance. */
export class ContractFailure extends BaseError {
  override readonly name = "ContractFailure";
  readonly reason: string;
  constructor(contract: string, message: string, reason: string, remedy?: string) {
    super(`${contract}.${message} did not run: ${reason}.`, { remedy });
    this.reason = reason;
  }
}

const describe = (refusal: unknown): string => {
  if (typeof refusal === "string") return refusal;
  return JSON.stringify(refusal, (_, value) => (typeof value === "bigint" ? value.toString() : value));
};

/** The outcome of a dry run. */
export interface DryRun<T> {
  readonly returned: T;
  readonly gasRequired: { readonly refTime: bigint; readonly proofSize: bigint };
  /** Storage deposit charged (positive) or refunded (negative). */
  readonly deposit: bigint;
}

/** What a transaction would cost its sender, smallest units. */
export interface Estimate {
  /** Fee of the transaction; what it does not use of its gas is given back. */
  readonly fee: bigint;
  /** Storage deposit charged (positive) or refunded (negative). */
  readonly deposit: bigint;
  /** Sent with the message. */
  readonly value: bigint;
}

export interface Executed<T> extends Inclusion {
  /** What the dry run just before the transaction returned. */
  readonly returned: T;
  /** Events of this contract in the transaction, in order. */
  readonly contractEvents: readonly DecodedEvent[];
  readonly deposit: bigint;
}

export interface ContractClient<M extends MessageTypes> {
  readonly address: string;
  readonly abi: Abi;
  readonly api: ApiPromise;
  /** Dry run: what the message would do and cost. A returned error is in `returned`, not thrown. */
  dryRun<L extends keyof M & string>(
    label: L,
    args: M[L]["args"],
    options?: QueryOptions,
  ): Promise<DryRun<M[L]["returns"]>>;
  /** Reads; throws {@link ContractRefusal} for a returned error. */
  query<L extends keyof M & string>(
    label: L,
    args: M[L]["args"],
    options?: QueryOptions,
  ): Promise<Unwrapped<M[L]["returns"]>>;
  /** Dry run and price of the transaction; throws {@link ContractRefusal} for what would be refused. */
  estimate<L extends keyof M & string>(
    label: L,
    args: M[L]["args"],
    options: CallOptions & { readonly caller: string },
  ): Promise<Estimate & { readonly returned: Unwrapped<M[L]["returns"]> }>;
  /** Dry run, then the transaction; nothing is sent when the dry run is refused. */
  execute<L extends keyof M & string>(
    label: L,
    args: M[L]["args"],
    account: Account,
    options?: CallOptions & SubmitOptions,
  ): Promise<Executed<Unwrapped<M[L]["returns"]>>>;
  /** This contract's events among a block's or a transaction's. */
  events(records: readonly EventRecord[]): DecodedEvent[];
}

/** Account that asks when nobody in particular does. */
const NOBODY = "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM";

/** A dry run's gas with room on top, since state may change before the transaction runs: 25 %. */
export const gasWithRoom = (gas: { refTime: { toBigInt(): bigint }; proofSize: { toBigInt(): bigint } }) => {
  const withRoom = (amount: bigint) => amount + amount / 4n;
  return { refTime: withRoom(gas.refTime.toBigInt()), proofSize: withRoom(gas.proofSize.toBigInt()) };
};

const isResult = (value: unknown): value is { ok: unknown } | { err: unknown } =>
  typeof value === "object" && value !== null && ("ok" in value || "err" in value);

/** Binds an interface to an address. Makes no request. */
export const contractClient = <M extends MessageTypes>(
  api: ApiPromise,
  abi: Abi,
  address: string,
): ContractClient<M> => {
  const contract = abi.contract.replace("keystrand-", "");

  const dryRun = async (label: string, args: object, options: QueryOptions = {}) => {
    const entry = abi.message(label);
    const data = entry.encode(args as Record<string, unknown>);
    const at = options.at ? await api.at(options.at) : api;
    const outcome = await at.call.contractsApi!.call!(
      options.caller ?? NOBODY,
      address,
      options.value ?? 0n,
      null,
      null,
      u8aToHex(data),
    );
    const { result, gasRequired, storageDeposit, debugMessage } = outcome as unknown as ContractResult;
    if (result.isErr) {
      const error = result.asErr;
      let reason = error.toString();
      if (error.isModule) {
        const meta = api.registry.findMetaError(error.asModule);
        reason = `${meta.section}.${meta.name}`;
      }
      const detail = debugMessage.toHuman();
      const poor = /StorageDepositNotEnoughFunds|TransferFailed|FundsUnavailable/.test(reason);
      const short =
        poor && options.caller
          ? await shortOfFunds(api, options.caller, {
              amount: options.value ?? 0n,
              what: "that the call sends, with fee and storage deposit on top",
            })
          : undefined;
      throw new ContractFailure(
        contract,
        label,
        `${reason}${detail ? ` (${String(detail).slice(0, 200)})` : ""}${short ? `. ${short.happened}` : ""}`,
        short?.remedy,
      );
    }
    const decoded = entry.decodeReturn(result.asOk.data.toU8a(true));
    const returned = isResult(decoded) && "ok" in decoded ? decoded.ok : decoded;
    if (isResult(decoded) && "err" in decoded)
      throw new ContractFailure(contract, label, "the arguments were not understood");
    return {
      returned,
      gas: gasRequired,
      gasRequired: { refTime: gasRequired.refTime.toBigInt(), proofSize: gasRequired.proofSize.toBigInt() },
      deposit: storageDeposit.isCharge
        ? storageDeposit.asCharge.toBigInt()
        : -storageDeposit.asRefund.toBigInt(),
      data,
    };
  };

  const unwrap = (label: string, returned: unknown): unknown => {
    if (!isResult(returned)) return returned;
    if ("err" in returned) throw new ContractRefusal(contract, label, returned.err);
    return returned.ok;
  };

  const extrinsicOf = (run: Awaited<ReturnType<typeof dryRun>>, value: bigint) =>
    api.tx.contracts!.call!(address, value, gasWithRoom(run.gas), null, u8aToHex(run.data));

  const events = (records: readonly EventRecord[]): DecodedEvent[] =>
    records
      .filter(
        ({ event }) =>
          event.section === "contracts" &&
          event.method === "ContractEmitted" &&
          event.data[0]!.toString() === address,
      )
      .map((record) =>
        abi.decodeEvent(
          record.topics.map((topic) => topic.toHex()),
          (record.event.data[1] as unknown as { toU8a(bare: boolean): Uint8Array }).toU8a(true),
        ),
      );

  const client = {
    address,
    abi,
    api,
    async dryRun(label: string, args: object, options?: QueryOptions) {
      const { returned, gasRequired, deposit } = await dryRun(label, args, options);
      return { returned, gasRequired, deposit };
    },
    query: async (label: string, args: object, options?: QueryOptions) =>
      unwrap(label, (await dryRun(label, args, options)).returned),
    async estimate(label: string, args: object, options: CallOptions & { readonly caller: string }) {
      const value = options.value ?? 0n;
      const run = await dryRun(label, args, options);
      const returned = unwrap(label, run.returned);
      const { partialFee } = await extrinsicOf(run, value).paymentInfo(options.caller);
      return { returned, fee: partialFee.toBigInt(), deposit: run.deposit, value };
    },
    async execute(label: string, args: object, account: Account, options: CallOptions & SubmitOptions = {}) {
      const value = options.value ?? 0n;
      const run = await dryRun(label, args, { caller: account.address, value });
      const returned = unwrap(label, run.returned);
      const inclusion = await submit(api, extrinsicOf(run, value), account, options);
      return { ...inclusion, returned, deposit: run.deposit, contractEvents: events(inclusion.events) };
    },
    events,
  };
  return client as unknown as ContractClient<M>;
};

/** The part of the runtime API's answer that is read here. */
interface ContractResult {
  readonly gasRequired: { refTime: { toBigInt(): bigint }; proofSize: { toBigInt(): bigint } };
  readonly storageDeposit: {
    isCharge: boolean;
    asCharge: { toBigInt(): bigint };
    asRefund: { toBigInt(): bigint };
  };
  readonly debugMessage: { toHuman(): unknown };
  readonly result: {
    isErr: boolean;
    asErr: {
      isModule: boolean;
      asModule: Parameters<ApiPromise["registry"]["findMetaError"]>[0];
      toString(): string;
    };
    asOk: { data: { toU8a(bare: boolean): Uint8Array } };
  };
}
