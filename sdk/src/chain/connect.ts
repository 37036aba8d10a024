import { ApiPromise, WsProvider } from "@polkadot/api";
import { BaseError } from "../errors.ts";

/** Any polkadot-js provider. */
export type Provider = NonNullable<NonNullable<ConstructorParameters<typeof ApiPromise>[0]>["provider"]>;

/** The node did not answer, or is no node with pallet-contracts. */
export class ConnectionError extends BaseError {
  override readonly name = "ConnectionError";
  constructor(node: string, problem: string, cause?: unknown) {
    super(`No usable node at ${node}.`, {
      happened: [problem],
      remedy: "Start one with npm run chain, or name another with --node ws://HOST:PORT.",
      cause,
    });
  }
}

/** Time a node may take to answer the first questions, ms. */
const CONNECT_TIMEOUT = 30_000;

/**
 * Connects to a node; the caller disconnects.
 *
 * @param node - WebSocket address, or any polkadot-js provider (an embedded chain's, for one)
 * @throws {@link ConnectionError} when nothing answers or the runtime has no contracts
 */
export const connect = async (node: string | Provider): Promise<ApiPromise> => {
  const name = typeof node === "string" ? node : "the given provider";
  // WsProvider is a provider; only its declaration of an optional member is looser than our compiler options.
  const provider = (
    typeof node === "string" ? new WsProvider(node, 1_000, {}, CONNECT_TIMEOUT) : node
  ) as Provider;
  const api = new ApiPromise({ provider, noInitWarn: true, throwOnConnect: false });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([
      api.isReadyOrError,
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`no answer in ${CONNECT_TIMEOUT / 1000} s`)),
          CONNECT_TIMEOUT,
        );
      }),
    ]);
  } catch (cause) {
    await api.disconnect();
    throw new ConnectionError(name, cause instanceof Error ? `${cause.message}.` : String(cause), cause);
  } finally {
    clearTimeout(timer);
  }
  if (!api.tx.contracts?.call) {
    await api.disconnect();
    throw new ConnectionError(name, "Its runtime has no pallet-contracts.");
  }
  return api;
};
