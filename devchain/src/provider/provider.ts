import type {
  ProviderInterface,
  ProviderInterfaceCallback,
  ProviderInterfaceEmitCb,
  ProviderInterfaceEmitted,
} from "@polkadot/rpc-provider/types";
import type { ChainNode } from "../node/node.ts";
import { RpcError } from "../rpc/errors.ts";
import type { Json } from "../rpc/json.ts";
import { methodTable } from "../rpc/methods/table.ts";
import { RpcSession } from "../rpc/session.ts";

/** An error of the node with the message that @polkadot/api's own providers give it. */
export class ProviderRpcError extends Error {
  readonly code: number;
  readonly data: Json | undefined;
  constructor({ code, message, data }: RpcError) {
    const shown = typeof data === "string" || data === undefined ? data : JSON.stringify(data);
    super(`${code}: ${message}${shown === undefined ? "" : `: ${shown}`}`);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/**
 * Lets `ApiPromise` run on a chain in the same process, without a socket:
 * `await ApiPromise.create({ provider: new ChainProvider(node) })`.
 */
export class ChainProvider implements ProviderInterface {
  readonly hasSubscriptions = true;
  readonly isClonable = true;
  private readonly node: ChainNode;
  private session: RpcSession | undefined;
  private readonly listeners = new Map<ProviderInterfaceEmitted, Set<ProviderInterfaceEmitCb>>();
  private readonly subscribers = new Map<string, ProviderInterfaceCallback>();

  constructor(node: ChainNode) {
    this.node = node;
    // Later, so that whoever made this can listen first.
    queueMicrotask(() => void this.connect());
  }

  get isConnected(): boolean {
    return this.session !== undefined;
  }

  clone(): ChainProvider {
    return new ChainProvider(this.node);
  }

  async connect(): Promise<void> {
    if (this.session) return;
    this.session = new RpcSession({
      node: this.node,
      methods: methodTable(),
      notify: (text) => this.deliver(text),
    });
    this.emit("connected");
  }

  async disconnect(): Promise<void> {
    this.session?.close();
    this.session = undefined;
    this.subscribers.clear();
    this.emit("disconnected");
  }

  on(type: ProviderInterfaceEmitted, listener: ProviderInterfaceEmitCb): () => void {
    const set = this.listeners.get(type) ?? new Set();
    set.add(listener);
    this.listeners.set(type, set);
    return () => set.delete(listener);
  }

  /** The interface leaves the type of the answer to the caller, who knows the method. */
  async send<T>(method: string, params: unknown[]): Promise<T> {
    if (!this.session) throw new Error("The provider is not connected");
    // What goes over a socket is JSON: this turns undefined, bigint-free objects and codecs into just that.
    const asJson = JSON.parse(JSON.stringify(params)) as Json;
    try {
      return this.session.call(method, asJson) as T;
    } catch (error) {
      throw error instanceof RpcError ? new ProviderRpcError(error) : error;
    }
  }

  async subscribe(
    type: string,
    method: string,
    params: unknown[],
    callback: ProviderInterfaceCallback,
  ): Promise<number | string> {
    const id = await this.send<string>(method, params);
    this.subscribers.set(`${type}::${id}`, callback);
    const early = this.undelivered.get(`${type}::${id}`) ?? [];
    this.undelivered.delete(`${type}::${id}`);
    for (const result of early) callback(null, result);
    return id;
  }

  async unsubscribe(type: string, method: string, id: number | string): Promise<boolean> {
    this.subscribers.delete(`${type}::${id}`);
    return this.send<boolean>(method, [id]);
  }

  /** Notifications of a subscription whose id its caller does not know yet. */
  private readonly undelivered = new Map<string, unknown[]>();

  private deliver(text: string): void {
    const { method, params } = JSON.parse(text) as {
      method: string;
      params: { subscription: string; result: unknown };
    };
    const key = `${method}::${params.subscription}`;
    const subscriber = this.subscribers.get(key);
    if (subscriber) {
      // Each in its own task, as from a socket: clients merge what comes in one.
      setTimeout(() => this.subscribers.get(key)?.(null, params.result), 0);
      return;
    }
    const waiting = this.undelivered.get(key);
    if (waiting) waiting.push(params.result);
    else this.undelivered.set(key, [params.result]);
  }

  private emit(type: ProviderInterfaceEmitted): void {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }
}
