import type { ChainNode } from "../node/node.ts";
import {
  batchTooBig,
  internalError,
  invalidRequest,
  isForeseen,
  methodNotFound,
  parseError,
  type RpcError,
  responseTooBig,
  tooManySubscriptions,
  toRpcError,
} from "./errors.ts";
import type { Json } from "./json.ts";
import { Params } from "./params.ts";

/** What a method may use besides its parameters. */
export interface CallContext {
  readonly node: ChainNode;
  readonly session: RpcSession;
}

/** Answers at once, or later for the few that wait. @throws RpcError, PoolError, ChainError */
export type Method = (params: Params, context: CallContext) => Json;

export type MethodTable = ReadonlyMap<string, Method>;

export interface SessionLimits {
  readonly subscriptions: number;
  /** Bytes of one answer. */
  readonly responseBytes: number;
}

/** The node's defaults. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  subscriptions: 1024,
  responseBytes: 15 * 1024 * 1024,
};

export interface SessionOptions {
  readonly node: ChainNode;
  readonly methods: MethodTable;
  /** Where notifications go, as JSON-RPC text; undefined on transports that cannot push (HTTP). */
  readonly notify?: (notification: string) => void;
  readonly limits?: SessionLimits;
}

interface Subscription {
  /** The `method` of its notifications; unsubscribing goes by it and the id. */
  readonly notification: string;
  readonly stop: () => void;
}

/** How a subscription pushes. */
export type Emit = (result: Json) => void;

/**
 * One connection: takes JSON-RPC frames, answers them, and holds its subscriptions. Notifications that a call
 * causes follow its answer.
 */
export class RpcSession {
  readonly node: ChainNode;
  private readonly methods: MethodTable;
  private readonly notify: ((notification: string) => void) | undefined;
  private readonly limits: SessionLimits;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly closers = new Set<() => void>();
  private readonly context: CallContext;
  /** Notifications held back while a call is being answered; undefined when none is. */
  private heldBack: string[] | undefined;

  constructor(options: SessionOptions) {
    this.node = options.node;
    this.methods = options.methods;
    this.notify = options.notify;
    this.limits = options.limits ?? DEFAULT_SESSION_LIMITS;
    this.context = { node: this.node, session: this };
  }

  /**
   * Answers a frame and then sends the notifications it caused.
   * @param send takes the answer; not called when none is due (notifications of the client)
   */
  receive(frame: string, send: (answer: string) => void): void {
    this.heldBack = [];
    try {
      const answer = this.answer(frame);
      if (answer !== undefined) send(answer);
    } finally {
      this.flush();
    }
  }

  /** Runs one method without JSON around it. Notifications follow in a later task. @throws RpcError */
  call(method: string, params: Json | undefined): Json {
    const found = this.methods.get(method);
    if (!found) throw methodNotFound();
    try {
      return found(new Params(params), this.context);
    } catch (error) {
      if (!isForeseen(error)) this.node.report(`${method} failed in a way that was not foreseen`, error);
      throw toRpcError(error);
    }
  }

  /**
   * Starts a subscription.
   * @param start gets `emit` for results and `end` for when nothing will follow; returns how to stop
   * @returns its id
   * @throws RpcError when the transport cannot push, or there are too many
   */
  subscribe(notification: string, start: (emit: Emit, end: () => void, id: string) => () => void): string {
    if (!this.notify) throw internalError();
    if (this.subscriptions.size >= this.limits.subscriptions)
      throw tooManySubscriptions(this.limits.subscriptions);
    const id = subscriptionId();
    let ended = false;
    const emit: Emit = (result) => {
      if (!ended) this.push(notification, id, result);
    };
    const end = () => {
      ended = true;
      this.subscriptions.delete(id);
    };
    const stop = start(emit, end, id);
    if (!ended) this.subscriptions.set(id, { notification, stop });
    return id;
  }

  /** @returns false when there is no such subscription of this kind */
  unsubscribe(notification: string, id: string): boolean {
    if (!this.notify) throw internalError();
    const subscription = this.subscriptions.get(id);
    if (subscription?.notification !== notification) return false;
    this.subscriptions.delete(id);
    subscription.stop();
    return true;
  }

  hasSubscription(notification: string, id: string): boolean {
    return this.subscriptions.get(id)?.notification === notification;
  }
  countSubscriptions(notification: string): number {
    let count = 0;
    for (const subscription of this.subscriptions.values())
      if (subscription.notification === notification) count += 1;
    return count;
  }

  /** Run when the connection goes; returns a function that forgets it. */
  onClose(closer: () => void): () => void {
    this.closers.add(closer);
    return () => this.closers.delete(closer);
  }

  /** Stops all subscriptions. */
  close(): void {
    const stops = [...this.subscriptions.values()].map((subscription) => subscription.stop);
    this.subscriptions.clear();
    for (const stop of stops) stop();
    for (const closer of this.closers) closer();
    this.closers.clear();
  }

  private push(notification: string, subscription: string, result: Json): void {
    const text = JSON.stringify({ jsonrpc: "2.0", method: notification, params: { subscription, result } });
    if (this.heldBack) this.heldBack.push(text);
    else this.notify?.(text);
  }

  private flush(): void {
    const held = this.heldBack ?? [];
    this.heldBack = undefined;
    for (const text of held) this.notify?.(text);
  }

  private answer(frame: string): string | undefined {
    let message: Json;
    try {
      message = JSON.parse(frame) as Json;
    } catch {
      return respond(null, parseError());
    }
    if (!Array.isArray(message)) {
      // The node cannot tell what such a message wanted to be.
      const answer = this.answerOne(message);
      return answer === "unreadable" ? respond(null, parseError()) : answer;
    }
    if (message.length === 0) return respond(null, invalidRequest());
    const answers: string[] = [];
    let bytes = 0;
    for (const entry of message as readonly Json[]) {
      const answer = this.answerOne(entry);
      if (answer === undefined) continue;
      const text = answer === "unreadable" ? respond(null, invalidRequest()) : answer;
      bytes += text.length + 1;
      if (bytes > this.limits.responseBytes) return respond(null, batchTooBig(this.limits.responseBytes));
      answers.push(text);
    }
    return answers.length === 0 ? undefined : `[${answers.join(",")}]`;
  }

  /** The answer, nothing for a notification, or "unreadable" when not even an id can be found. */
  private answerOne(message: Json): string | undefined {
    if (typeof message !== "object" || message === null || Array.isArray(message)) return "unreadable";
    const request = message as { readonly [key: string]: Json | undefined };
    const { id, method, jsonrpc, params } = request;
    const wellFormed = jsonrpc === "2.0" && typeof method === "string";
    if (!isId(id)) return wellFormed ? undefined : "unreadable";
    if (!wellFormed) return respond(id, invalidRequest());
    try {
      const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(this.call(method, params))}}`;
      return text.length > this.limits.responseBytes
        ? respond(id, responseTooBig(this.limits.responseBytes))
        : text;
    } catch (error) {
      return respond(id, toRpcError(error));
    }
  }
}

type Id = string | number | null;

/** Text, null or an unsigned 64-bit integer: what jsonrpsee takes. Others make the message a notification. */
function isId(id: Json | undefined): id is Id {
  if (id === null || typeof id === "string") return true;
  return typeof id === "number" && Number.isInteger(id) && id >= 0 && id < 2 ** 64;
}

/** An error answer. */
export function respond(id: Id, error: RpcError): string {
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  });
}

const ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Sixteen random characters, as the node's. */
export function subscriptionId(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (value) => ID_CHARACTERS[value % ID_CHARACTERS.length]).join("");
}
