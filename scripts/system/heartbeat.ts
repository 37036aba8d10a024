/**
 * A development node makes blocks for transactions only, so its clock stands still while nobody acts. Periods would
 * never end there. Where the embedded chain makes an empty block, an account of its own sends an empty transaction.
 */
import { accountFrom, faucet, submit } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import { TOKEN } from "@keystrand/sdk/deploy";

/** Longest pause between two blocks, ms; the embedded chain's own. */
const PERIOD = 6_000;

/**
 * Sends an empty transaction whenever no block came for a while.
 *
 * @returns ends it
 */
export const startHeartbeat = async (
  api: Contracts["api"],
  secret: string,
  say: (line: string) => void,
): Promise<() => void> => {
  const account = await accountFrom(`${secret}//heartbeat`);
  await faucet(api, [account.address], 1_000n * TOKEN);
  say(
    "heartbeat    this node makes blocks for transactions only: after 6 s without one an empty one is sent",
  );
  let last = Date.now();
  let sending = false;
  const unsubscribe = await api.rpc.chain.subscribeNewHeads(() => {
    last = Date.now();
  });
  const timer = setInterval(() => {
    if (sending || Date.now() - last < PERIOD || !api.isConnected) return;
    sending = true;
    submit(api, api.tx.system!.remark!("0x"), account)
      .catch((error: unknown) =>
        say(`heartbeat    ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        sending = false;
      });
  }, PERIOD / 6);
  timer.unref();
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
};
