/** A small JSON-RPC client over WebSocket: a full one would be measured along with the node. */
import { z } from "zod";

const message = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
  params: z.object({ subscription: z.string(), result: z.unknown() }).optional(),
});

const inBlock = z.object({ inBlock: z.string() });

export class RpcClient {
  readonly #socket: WebSocket;
  readonly #answers = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #listeners = new Map<string, (result: unknown) => void>();
  /** Notifications that came before the answer that names their subscription was handled. */
  readonly #early = new Map<string, unknown[]>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(String(data)));
  }

  static async connect(url: string): Promise<RpcClient> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new Error(`No node answers at ${url}`)), { once: true });
    });
    return new RpcClient(socket);
  }

  call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /** Submits an extrinsic; resolves when it is in a block. @throws Error when the node refuses or drops it */
  async submit(extrinsic: string): Promise<void> {
    const subscription = z.string().parse(await this.call("author_submitAndWatchExtrinsic", [extrinsic]));
    await new Promise<void>((resolve, reject) => {
      const listen = (status: unknown) => {
        if (inBlock.safeParse(status).success) resolve();
        else if (["invalid", "dropped"].includes(String(status)))
          reject(new Error(`It became ${String(status)}`));
        else return;
        this.#listeners.delete(subscription);
      };
      this.#listeners.set(subscription, listen);
      for (const status of this.#early.get(subscription) ?? []) listen(status);
      this.#early.delete(subscription);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(text: string): void {
    const { id, result, error, params } = message.parse(JSON.parse(text));
    if (params !== undefined) {
      const listener = this.#listeners.get(params.subscription);
      if (listener !== undefined) listener(params.result);
      else
        this.#early.set(params.subscription, [
          ...(this.#early.get(params.subscription) ?? []),
          params.result,
        ]);
      return;
    }
    const waiting = id === undefined ? undefined : this.#answers.get(id);
    if (id === undefined || waiting === undefined) return;
    this.#answers.delete(id);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(`${error.code}: ${error.message} ${JSON.stringify(error.data ?? "")}`));
  }
}
