/** Runs in a browser's worker: boots the chain, replays the recording at the address it is sent, says how it went. */
import { createChain, recording, replay } from "../index.ts";

interface WorkerScope {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

// The worker's global object; the library types of the page's window do not fit it.
const scope = globalThis as unknown as WorkerScope;

async function run(address: string): Promise<unknown> {
  const { body } = await fetch(address);
  if (body === null) throw new Error("The recording is empty");
  const text = await new Response(body.pipeThrough(new DecompressionStream("gzip"))).text();
  const blocks = recording.parse(JSON.parse(text));
  const chain = await createChain();
  const outcomes = [...replay(chain, blocks)];
  const agreeing = outcomes.filter(
    ({ hashAgrees, rootAgrees, eventsAgree }) => hashAgrees && rootAgrees && eventsAgree,
  );
  const sealed = chain.seal({ extrinsics: [] }).block.number;
  return { genesis: chain.genesisHash, replayed: outcomes.length, agreeing: agreeing.length, sealed };
}

scope.onmessage = ({ data }) => {
  run(String(data)).then(
    (result) => scope.postMessage({ result }),
    (error: unknown) => scope.postMessage({ error: error instanceof Error ? error.stack : String(error) }),
  );
};
// The hash functions compile while this module loads, and a message that comes before its end is lost.
scope.postMessage("ready");
