import { concat } from "../../codec/bytes.ts";
import { encodeU32, ScaleReader } from "../../codec/scale.ts";
import { apiErrorText, RpcError } from "../errors.ts";
import { opaqueExtrinsic } from "../extrinsic.ts";
import type { Params } from "../params.ts";
import { bytes, hash } from "../params.ts";
import type { CallContext, Method } from "../session.ts";

const DISPATCH_CLASSES = ["normal", "operational", "mandatory"] as const;

/** Asks the runtime about an extrinsic; `failure` is the node's message for a refusal. */
function ask(api: string, failure: string, params: Params, { node: { chain } }: CallContext): ScaleReader {
  const extrinsic = params.required("extrinsic", bytes);
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    const args = concat(opaqueExtrinsic(extrinsic), encodeU32(extrinsic.length));
    return new ScaleReader(chain.call(at, api, args));
  } catch (error) {
    throw new RpcError(1, failure, apiErrorText(error));
  }
}

const queryInfo: Method = (params, context) => {
  const info = ask("TransactionPaymentApi_query_info", "Unable to query dispatch info.", params, context);
  const weight = { ref_time: info.compact(), proof_size: info.compact() };
  const dispatchClass = DISPATCH_CLASSES[info.u8()] ?? "normal";
  return { weight, class: dispatchClass, partialFee: u128(info).toString() };
};

const queryFeeDetails: Method = (params, context) => {
  const api = "TransactionPaymentApi_query_fee_details";
  const details = ask(api, "Unable to query fee details.", params, context);
  if (details.u8() === 0) return { inclusionFee: null };
  const next = () => `0x${u128(details).toString(16)}`;
  return { inclusionFee: { baseFee: next(), lenFee: next(), adjustedWeightFee: next() } };
};

function u128(reader: ScaleReader): bigint {
  const low = reader.u64();
  return low | (reader.u64() << 64n);
}

export const paymentMethods: readonly (readonly [string, Method])[] = [
  ["payment_queryInfo", queryInfo],
  ["payment_queryFeeDetails", queryFeeDetails],
];
