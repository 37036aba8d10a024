import { WebSocket } from "ws";
import { z } from "zod";

/** The node could not be reached, or answered an error. */
export class NodeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NodeError";
  }
}

const answerSchema = z.object({
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
});

/** Calls a node over WebSocket. */
export class NodeClient {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  private lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.take(String(data)));
    socket.on("close", () => this.fail(new NodeError("The node closed the connection")));
    socket.on("error", (error) => this.fail(new NodeError(error.message, { cause: error })));
  }

  /** @throws NodeError */
  static async connect(url: string): Promise<NodeClient> {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, { maxPayload: 256 * 1024 * 1024 });
    } catch (error) {
      throw new NodeError(`${url} is not the address of a node, such as ws://127.0.0.1:9944`, {
        cause: error,
      });
    }
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) =>
        reject(new NodeError(`No node answers at ${url}: ${error.message}`, { cause: error })),
      );
    });
    return new NodeClient(socket);
  }

  /** @throws NodeError when the node answers an error, or another shape */
  async call<T>(method: string, params: readonly unknown[], schema: z.ZodType<T>): Promise<T> {
    this.lastId += 1;
    const id = this.lastId;
    const result = await new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
    const parsed = schema.safeParse(result);
    if (parsed.success) return parsed.data;
    throw new NodeError(
      `${method} was answered in another form than expected: ${z.prettifyError(parsed.error)}`,
    );
  }

  close(): void {
    this.socket.removeAllListeners("close");
    this.socket.close();
  }

  private take(text: string): void {
    const parsed = answerSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const { id, result, error } = parsed.data;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting?.reject(new NodeError(`${error.message} (${error.code})`));
    else waiting?.resolve(result);
  }

  private fail(error: NodeError): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
