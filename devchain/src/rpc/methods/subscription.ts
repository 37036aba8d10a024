import type { Params } from "../params.ts";
import type { CallContext, Emit, Method } from "../session.ts";

/** How one subscription begins: emits what it has, then returns how to stop. */
export type Start = (context: CallContext, emit: Emit, end: () => void, params: Params) => () => void;

/** The pair of methods of one kind of subscription. */
export function subscription(notification: string, start: Start): { subscribe: Method; unsubscribe: Method } {
  return {
    subscribe: (params, context) =>
      context.session.subscribe(notification, (emit, end) => start(context, emit, end, params)),
    unsubscribe: unsubscribe(notification),
  };
}

/** Anything that is not an id of ours is answered with false, as the node does. */
export function unsubscribe(notification: string): Method {
  return (params, { session }) => {
    const id = params.optional("subscription", (value) => (typeof value === "string" ? value : ""));
    return id !== undefined && session.unsubscribe(notification, id);
  };
}
