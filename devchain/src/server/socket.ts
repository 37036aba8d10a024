import type { WebSocket } from "ws";
import type { ChainNode } from "../node/node.ts";
import { requestTooBig } from "../rpc/errors.ts";
import { type MethodTable, RpcSession, respond } from "../rpc/session.ts";
import type { Complaints } from "./complaints.ts";
import type { ServerLimits } from "./server.ts";

/** Runs a JSON-RPC session over a WebSocket until it closes. */
export function attachSocket(
  socket: WebSocket,
  {
    node,
    methods,
    limits,
    complaints,
  }: {
    readonly node: ChainNode;
    readonly methods: MethodTable;
    readonly limits: ServerLimits;
    readonly complaints: Complaints;
  },
): void {
  const send = (text: string) => {
    if (socket.readyState !== socket.OPEN) return;
    // A client that never reads would make the process grow; the node drops it too.
    if (socket.bufferedAmount > limits.unreadBytes) {
      complaints.add(`A client left ${limits.unreadBytes} bytes unread: its connection was closed`);
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
      complaints.add(`A client sent more than ${limits.requestBytes} bytes at once: answered with an error`);
      send(respond(null, requestTooBig(limits.requestBytes)));
      return;
    }
    // The node takes text in binary messages too.
    session.receive(frame.toString("utf8"), send);
  });
  // After a protocol error (bad UTF-8, a frame above the hard limit) ws closes the socket by itself.
  socket.on("error", ({ message }) => {
    complaints.add(`A client's connection was closed: ${message}`);
    session.close();
  });
  socket.on("close", () => session.close());
}
