import { consentVersions, datasets, orderLines, orders } from "../database/schema/index.ts";
import { account, bytes, integer, json, small } from "./fields.ts";
import { notify } from "./notify.ts";
import { on, type Reducers } from "./reducer.ts";
import { existing, type Moment, type RowOf, type Rows } from "./rows.ts";

type Dataset = RowOf<typeof datasets>;

export const consents: Reducers = {
  ConsentGiven: on(
    {
      dataset: bytes,
      contributor: account,
      collection: small,
      root: bytes,
      size: integer,
      key_commitment: bytes,
      custodian: account,
      payee: account,
      price: integer,
      terms: json,
      root_version: small,
      expires_at: integer.nullable(),
      laboratory: account.nullable(),
    },
    (event, at, rows) => {
      const dataset: Dataset = {
        id: event.dataset,
        contributor: event.contributor,
        collection: event.collection,
        state: "Given",
        version: 1,
        root: event.root,
        size: event.size,
        keyCommitment: event.key_commitment,
        custodian: event.custodian,
        payee: event.payee,
        price: event.price,
        terms: event.terms,
        rootVersion: event.root_version,
        expiresAt: event.expires_at,
        laboratory: event.laboratory,
        registeredAt: at.timestamp,
        changedAt: at.timestamp,
        position: at.position,
      };
      change(rows, at, "ConsentGiven", dataset, {});
      notify(rows, at, "DatasetEntrusted", event.dataset, [event.custodian], {
        collection: event.collection,
      });
    },
  ),

  ConsentAmended: on(
    {
      dataset: bytes,
      version: small,
      price: integer,
      terms: json,
      root_version: small,
      expires_at: integer.nullable(),
    },
    async (
      { dataset, version, price, terms, root_version: rootVersion, expires_at: expiresAt },
      at,
      rows,
    ) => {
      const before = await existing(rows, datasets, "dataset", dataset);
      change(rows, at, "ConsentAmended", before, { version, price, terms, rootVersion, expiresAt });
    },
  ),

  ConsentWithdrawn: on({ dataset: bytes, version: small }, async ({ dataset, version }, at, rows) => {
    const before = await existing(rows, datasets, "dataset", dataset);
    change(rows, at, "ConsentWithdrawn", before, { version, state: "Withdrawn" });
    await tellThoseWhoHave(rows, at, "ConsentWithdrawn", before);
  }),

  DatasetErased: on({ dataset: bytes, version: small }, async ({ dataset, version }, at, rows) => {
    const before = await existing(rows, datasets, "dataset", dataset);
    change(rows, at, "DatasetErased", before, {
      version,
      state: "Erased",
      root: null,
      keyCommitment: null,
      terms: null,
    });
    await tellThoseWhoHave(rows, at, "DatasetErased", before);
  }),

  CustodianSet: on(
    { dataset: bytes, version: small, custodian: account },
    async ({ dataset, version, custodian }, at, rows) => {
      const before = await existing(rows, datasets, "dataset", dataset);
      change(rows, at, "CustodianSet", before, { version, custodian });
      notify(rows, at, "DatasetEntrusted", dataset, [custodian], { collection: before.collection });
    },
  ),

  PayeeSet: on(
    { dataset: bytes, version: small, payee: account },
    async ({ dataset, version, payee }, at, rows) => {
      const before = await existing(rows, datasets, "dataset", dataset);
      change(rows, at, "PayeeSet", before, { version, payee });
    },
  ),
};

/** Writes the dataset with its change, and the version that this makes. */
function change(rows: Rows, at: Moment, name: string, before: Dataset, changes: Partial<Dataset>): void {
  const dataset: Dataset = { ...before, ...changes, changedAt: at.timestamp };
  rows.put(datasets, dataset);
  rows.put(consentVersions, {
    dataset: dataset.id,
    version: dataset.version,
    state: dataset.state,
    change: name,
    custodian: dataset.custodian,
    payee: dataset.payee,
    price: dataset.price,
    terms: dataset.terms,
    rootVersion: dataset.rootVersion,
    expiresAt: dataset.expiresAt,
    position: at.position,
    changedAt: at.timestamp,
  });
}

/** GDPR art. 19: whoever had the data delivered is told, and the custodian who keeps its key. */
async function tellThoseWhoHave(rows: Rows, at: Moment, kind: string, dataset: Dataset): Promise<void> {
  const accounts = [dataset.custodian];
  for (const line of await rows.where(orderLines, { dataset: dataset.id })) {
    if (line.packet === null) continue;
    const order = await rows.get(orders, line.order);
    if (order) accounts.push(order.buyer);
  }
  notify(rows, at, kind, dataset.id, accounts, { collection: dataset.collection });
}
