import type { Json } from "../chain/scale.ts";
import { notifications } from "../database/schema/index.ts";
import type { Moment, Rows } from "./rows.ts";

/** Tells accounts of the event; each account once, and not the one who did it. */
export function notify(
  rows: Rows,
  at: Moment,
  kind: string,
  subject: string,
  accounts: Iterable<string>,
  details: { [name: string]: Json } = {},
): void {
  for (const account of new Set(accounts)) {
    if (account === at.signer) continue;
    rows.put(notifications, {
      account,
      position: at.position,
      kind,
      subject,
      details,
      notifiedAt: at.timestamp,
    });
  }
}
