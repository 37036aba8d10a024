import { z } from "zod";
import { credentials, issuers, revocations, suspensions } from "../database/schema/index.ts";
import { account, bytes, credentialKind, integer, small } from "./fields.ts";
import { handedOver } from "./governing.ts";
import { notify } from "./notify.ts";
import { on, type Reducer, type Reducers } from "./reducer.ts";
import type { Moment, Rows } from "./rows.ts";

export const identity: Reducers = {
  IssuerAccredited: on({ issuer: account, kinds: small }, async ({ issuer, kinds }, at, rows) => {
    await putIssuer(rows, at, issuer, { kinds });
    notify(rows, at, "IssuerAccredited", issuer, [issuer], { kinds });
  }),

  IssuerDiscredited: on({ issuer: account }, async ({ issuer }, at, rows) => {
    await putIssuer(rows, at, issuer, { kinds: 0 });
    notify(rows, at, "IssuerDiscredited", issuer, [issuer]);
  }),

  IssuerWithheld: on({ issuer: account, withheld: z.boolean() }, async ({ issuer, withheld }, at, rows) => {
    await putIssuer(rows, at, issuer, { withheld });
    notify(rows, at, withheld ? "IssuerWithheld" : "IssuerRestored", issuer, [issuer]);
  }),

  GrantPresented: on(
    {
      holder: account,
      issuer: account,
      grant: bytes,
      kind: credentialKind,
      scope: bytes,
      valid_from: integer,
      valid_until: integer,
    },
    ({ valid_from: validFrom, valid_until: validUntil, ...grant }, at, rows) => {
      rows.put(credentials, {
        ...grant,
        validFrom,
        validUntil,
        state: "Presented",
        presentedAt: at.timestamp,
        endedAt: null,
        position: at.position,
      });
    },
  ),

  GrantRevoked: on({ issuer: account, grant: bytes }, async ({ issuer, grant }, at, rows) => {
    await endGrant(rows, at, "Revoked", issuer, grant);
  }),

  GrantDropped: on({ holder: account, grant: bytes }, async ({ holder, grant }, at, rows) => {
    await endGrant(rows, at, "Dropped", holder, grant);
  }),

  AccountSuspended: suspension(true),
  SuspensionLifted: suspension(false),
  HandedOver: handedOver("identity"),
};

function suspension(suspended: boolean): Reducer {
  return on({ account }, (event, at, rows) => {
    rows.put(suspensions, {
      account: event.account,
      suspended,
      changedAt: at.timestamp,
      position: at.position,
    });
    notify(rows, at, suspended ? "AccountSuspended" : "SuspensionLifted", event.account, [event.account]);
  });
}

async function putIssuer(
  rows: Rows,
  at: Moment,
  issuer: string,
  changes: { kinds?: number; withheld?: boolean },
): Promise<void> {
  const before = (await rows.get(issuers, issuer)) ?? { account: issuer, kinds: 0, withheld: false };
  rows.put(issuers, { ...before, ...changes, changedAt: at.timestamp, position: at.position });
}

/** Only the grant's own issuer or holder ends it; anyone else's word concerns a hash of their own. */
async function endGrant(
  rows: Rows,
  at: Moment,
  state: "Revoked" | "Dropped",
  by: string,
  grant: string,
): Promise<void> {
  rows.put(revocations, { account: by, grant, state, revokedAt: at.timestamp, position: at.position });
  const presented = await rows.get(credentials, grant);
  if (!presented || by !== (state === "Revoked" ? presented.issuer : presented.holder)) return;
  rows.put(credentials, { ...presented, state, endedAt: at.timestamp });
  if (state === "Revoked")
    notify(rows, at, "CredentialRevoked", grant, [presented.holder], { kind: presented.kind });
}
