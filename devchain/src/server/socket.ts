import type { WebSocket } from "ws";
import type { ChainNode } from "../node/node.ts";
import { requestTooBig } from "../rpc/errors.ts";
import { type MethodTable, RpcSession, respond } from "../rpc/session.ts";
import type { ServerLimits } from "./server.ts";

/** Runs a JSON-RPC session over a WebSocket until it closes. */
export function attachSocket(
  socket: WebSocket,
  {
    node,
    methods,
    limits,
  }: { readonly node: ChainNode; readonly methods: MethodTable; readonly limits: ServerLimits },
): void {
  const send = (text: string) => {
    if (socket.readyState !== socket.OPEN) return;
    // A client that never reads would make the process grow; the node drops it too.
    if (socket.bufferedAmount > limits.unreadBytes) {
      socket.terminate();
      return;
    }
    socket.send(text);
  };
  const session = new RpcSession({ node, methods, notify: send });
  socket.on("message", (data) => {
    const frame = Buffer.isBuffer(data)
      ? data
      : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    if (frame.length > limits.requestBytes) {
      send(respond(null, requestTooBig(limits.requestBytes)));
      return;
    }
    // The node takes text in binary messages too.
    session.receive(frame.toString("utf8"), send);
  });
  // After a protocol error (bad UTF-8, a frame above the hard limit) ws closes the socket by itself.
  socket.on("error", () => session.close());
  socket.on("close", () => session.close());
}
