import { z } from "zod";
import {
  attestations as attestationRows,
  measurements,
  parameters,
  verifiers,
} from "../database/schema/index.ts";
import { account, bytes, integer, platform } from "./fields.ts";
import { handedOver } from "./governing.ts";
import { notify } from "./notify.ts";
import { on, type Reducers } from "./reducer.ts";
import type { Moment, RowOf, Rows } from "./rows.ts";

export const attestations: Reducers = {
  VerifierAdded: on({ verifier: account }, async ({ verifier }, at, rows) => {
    await putVerifier(rows, at, verifier, { allowed: true });
    notify(rows, at, "VerifierAdded", verifier, [verifier]);
  }),
  VerifierRemoved: on({ verifier: account }, async ({ verifier }, at, rows) => {
    await putVerifier(rows, at, verifier, { allowed: false });
    notify(rows, at, "VerifierRemoved", verifier, [verifier]);
  }),
  VerifierWithheld: on(
    { verifier: account, withheld: z.boolean() },
    async ({ verifier, withheld }, at, rows) => {
      await putVerifier(rows, at, verifier, { withheld });
      notify(rows, at, withheld ? "VerifierWithheld" : "VerifierRestored", verifier, [verifier]);
    },
  ),

  ReferenceSet: on(
    { measurement: bytes, platform, min_tcb_date: integer, label: z.string() },
    async ({ measurement, platform, min_tcb_date: minTcbDate, label }, at, rows) => {
      await putMeasurement(rows, at, measurement, { referenced: true, platform, minTcbDate, label });
    },
  ),
  ReferenceRemoved: on({ measurement: bytes }, async ({ measurement }, at, rows) => {
    await putMeasurement(rows, at, measurement, { referenced: false });
  }),
  MeasurementWithheld: on(
    { measurement: bytes, withheld: z.boolean() },
    async ({ measurement, withheld }, at, rows) => {
      await putMeasurement(rows, at, measurement, { withheld });
    },
  ),

  EvidenceConsumed: on(
    { order: bytes, evidence: bytes, measurement: bytes },
    ({ order, evidence, measurement }, at, rows) => {
      rows.put(attestationRows, {
        order,
        evidence,
        measurement,
        attestedAt: at.timestamp,
        invalidatedAt: null,
        position: at.position,
      });
    },
  ),

  EscrowNamed: on({ escrow: account }, ({ escrow }, at, rows) => {
    rows.put(parameters, { contract: "attestations", name: "escrow", value: escrow, position: at.position });
  }),
  HandedOver: handedOver("attestations"),
};

async function putVerifier(
  rows: Rows,
  at: Moment,
  verifier: string,
  changes: { allowed?: boolean; withheld?: boolean },
): Promise<void> {
  const before = (await rows.get(verifiers, verifier)) ?? {
    account: verifier,
    allowed: false,
    withheld: false,
  };
  rows.put(verifiers, { ...before, ...changes, changedAt: at.timestamp, position: at.position });
}

async function putMeasurement(
  rows: Rows,
  at: Moment,
  measurement: string,
  changes: Partial<RowOf<typeof measurements>>,
): Promise<void> {
  const before = (await rows.get(measurements, measurement)) ?? {
    measurement,
    referenced: false,
    platform: null,
    minTcbDate: null,
    label: null,
    withheld: false,
  };
  rows.put(measurements, { ...before, ...changes, changedAt: at.timestamp, position: at.position });
}
