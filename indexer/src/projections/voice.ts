import { z } from "zod";
import { delegations, members } from "../database/schema/index.ts";
import { account, integer, small } from "./fields.ts";
import { codeSet, handedOverFromTo } from "./governing.ts";
import { notify } from "./notify.ts";
import { on, type Reducer, type Reducers } from "./reducer.ts";

/** Stands for the list that binds every track without one of its own. */
export const ALL_TRACKS = "All";

export const voice: Reducers = {
  Minted: voiceSet("VoiceMinted"),
  Burned: voiceSet("VoiceBurned"),

  DelegationSet: on(
    {
      owner: account,
      track: z.string().nullable(),
      delegations: z.array(
        z.object({ delegate: account, share: small, narrow_only: z.boolean(), ends: small }),
      ),
    },
    async (event, at, rows) => {
      const { owner } = event;
      const track = event.track ?? ALL_TRACKS;
      const before = await rows.where(delegations, { owner, track });
      for (const delegation of before) rows.remove(delegations, delegation);
      for (const { delegate, share, narrow_only: narrowOnly, ends } of event.delegations) {
        rows.put(delegations, {
          owner,
          track,
          delegate,
          share,
          narrowOnly,
          ends,
          setAt: at.timestamp,
          position: at.position,
        });
        notify(rows, at, "VoiceDelegated", owner, [delegate], {
          track,
          share,
          narrow_only: narrowOnly,
          ends,
        });
      }
      const kept = new Set(event.delegations.map(({ delegate }) => delegate));
      notify(
        rows,
        at,
        "DelegationEnded",
        owner,
        before.map(({ delegate }) => delegate).filter((delegate) => !kept.has(delegate)),
        { track },
      );
    },
  ),

  HandedOver: handedOverFromTo("voice"),
  CodeSet: codeSet("voice"),
};

function voiceSet(kind: string): Reducer {
  return on({ account, amount: integer, voice: integer }, async (event, at, rows) => {
    const before = await rows.get(members, event.account);
    rows.put(members, {
      account: event.account,
      voice: event.voice,
      joinedAt: before?.joinedAt ?? at.timestamp,
      changedAt: at.timestamp,
      position: at.position,
    });
    notify(rows, at, kind, event.account, [event.account], { amount: event.amount.toString() });
  });
}
