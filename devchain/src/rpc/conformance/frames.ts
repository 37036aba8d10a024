/** What is put on the wire as it stands, to see how a node takes broken and odd requests. */

const name = (members: string) => `{"jsonrpc":"2.0","method":"system_name",${members}}`;

/** Frames whose answer (or silence) is the same from every node. */
export const frames: readonly string[] = [
  "{",
  "",
  "   ",
  "null",
  "1",
  '"x"',
  "[",
  "[}",
  "\u0000",
  "[]",
  "[1]",
  "[[]]",
  "[null,{}]",
  "{}",
  '{"jsonrpc":"2.0"}',
  '{"id":1}',
  '{"jsonrpc":"2.0","id":5}',
  '{"jsonrpc":"2.0","method":1,"id":1000}',
  '{"jsonrpc":"1.0","method":"system_name","id":1000}',
  '{"jsonrpc":"1.0","method":"system_name"}',
  '{"method":"system_name","id":1000}',
  name('"id":"abc"'),
  name('"id":null'),
  name('"id":{}'),
  name('"id":true'),
  name('"id":[]'),
  name('"id":-1'),
  name('"id":1.5'),
  name('"id":99999999999999999999'),
  name('"params":{},"id":1'),
  name('"params":null,"id":1'),
  name('"params":5,"id":1'),
  name('"params":[1,2],"id":1'),
  name('"id":1,"extra":5'),
  `  ${name('"id":1')}  `,
  `${name('"id":1')} trailing`,
  name('"params":[}'),
  name('"params":[]'),
  `[${name('"id":1')},{"jsonrpc":"2.0","method":"nope","id":2},5,{"jsonrpc":"2.0","method":"x"}]`,
  `[${name('"params":[]')}]`,
  `[${name('"id":1')},${name('"id":1')}]`,
  '{"jsonrpc":"2.0","method":"nope","id":7}',
  '{"jsonrpc":"2.0","method":"chain_getBlockHash","params":{"hash":0},"id":1}',
  '{"jsonrpc":"2.0","method":"chain_getBlockHash","params":{"at":0},"id":1}',
  '{"jsonrpc":"2.0","method":"state_getStorage","params":{"key":"0x11"},"id":1}',
  '{"jsonrpc":"2.0","method":"state_getStorage","params":{},"id":1}',
  '{"jsonrpc":"2.0","method":"state_getKeysPaged","params":{"prefix":"0x","count":1,"startKey":"0x26"},"id":1}',
  '{"jsonrpc":"2.0","method":"state_getKeysPaged","params":{"prefix":"0x","count":1,"start_key":"0x27"},"id":1}',
  '{"jsonrpc":"2.0","method":"chain_unsubscribeNewHeads","params":{"a":1},"id":1}',
  '{"jsonrpc":"2.0","method":"system_accountNextIndex","params":{"account":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"},"id":1}',
];

/** Sent after each frame: its answer shows that nothing more comes. */
export const SENTINEL = '{"jsonrpc":"2.0","method":"system_chain","id":"sentinel"}';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { "content-type": "application/json" };
const post = (body: string): HttpRequest => ({ method: "POST", path: "/", headers: json, body });

export const httpRequests: readonly HttpRequest[] = [
  post(name('"id":1')),
  { ...post(name('"id":1')), path: "/any/path?query" },
  { ...post(name('"id":1')), headers: { "content-type": "text/plain" } },
  { ...post(name('"id":1')), headers: { "content-type": "application/json; charset=utf-8" } },
  { ...post(name('"id":1')), headers: { ...json, origin: "http://localhost:3000" } },
  { ...post(name('"id":1')), method: "PUT" },
  post("{"),
  post(""),
  post(`[${name('"id":1')},${name('"id":2')}]`),
  post('{"jsonrpc":"2.0","method":"system_name"}'),
  post('{"jsonrpc":"2.0","method":"nope","id":1}'),
  post('{"jsonrpc":"2.0","method":"chain_subscribeNewHeads","id":1}'),
  post('{"jsonrpc":"2.0","method":"author_submitAndWatchExtrinsic","id":1,"params":["0x00"]}'),
  post('{"jsonrpc":"2.0","method":"chain_unsubscribeNewHeads","id":1,"params":["x"]}'),
  { method: "GET", path: "/", headers: {} },
  { method: "GET", path: "/health", headers: {} },
  { method: "GET", path: "/health/readiness", headers: {} },
  { method: "DELETE", path: "/", headers: {} },
  {
    method: "OPTIONS",
    path: "/",
    headers: {
      origin: "http://localhost:3000",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  },
];

/** Headers of an HTTP answer that clients go by. */
const TELLING = [
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "content-type",
] as const;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** @param base `http://host:port` */
export async function askHttp(base: string, request: HttpRequest): Promise<HttpAnswer> {
  const { path, body, ...rest } = request;
  const response = await fetch(`${base}${path}`, { ...rest, ...(body === undefined ? {} : { body }) });
  const headers = Object.fromEntries(
    TELLING.flatMap((header) => {
      const value = response.headers.get(header);
      return value === null ? [] : [[header, value]];
    }),
  );
  return { status: response.status, headers, body: await response.text() };
}

/**
 * What a node sends for one frame, up to the sentinel's answer.
 * @param pause milliseconds before the sentinel: the real node answers frames side by side
 */
export async function askFrame(url: string, frame: string, pause = 0): Promise<string[]> {
  const socket = new WebSocket(url);
  const answers: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.onerror = () => reject(new Error(`no node at ${url}`));
    socket.onopen = () => {
      socket.send(frame);
      if (pause === 0) socket.send(SENTINEL);
      else setTimeout(() => socket.send(SENTINEL), pause);
    };
    socket.onmessage = ({ data }) => {
      const text = String(data);
      if (text.includes('"sentinel"')) resolve();
      else answers.push(text);
    };
    socket.onclose = () => resolve();
  });
  socket.close();
  return answers;
}
