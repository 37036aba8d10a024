import { eq, sql } from "drizzle-orm";
import { credits, orderLines, orders, pauses, payments } from "../../database/schema/index.ts";
import { builder } from "../builder.ts";
import { children, entity, list, reference, single } from "../entity.ts";
import { contractEvent } from "./chain.ts";
import { collection } from "./collections.ts";
import { dataset } from "./datasets.ts";
import { attestation } from "./identity.ts";

export const order = entity({
  name: "Order",
  table: orders,
  description: "One escrowed deal.",
  columns: {
    clearedVersion: "The policy version under which the data access committee cleared it.",
    job: "Shared by the orders of one cohort.",
    readerKey: "The buyer's crypt4gh public key: the output is sealed to it.",
    total: "Planck.",
    deadline: "End of the state's window as it was set; a pause since then stretches it.",
    enclave: "The attested enclave: suite, encryption and signing key, measurement, evidence.",
    ending: "Why it was refunded.",
    reason: "The rule that denied, and whose rule it is.",
    output: "Root digest of the sealed output, where a receipt settled it.",
    forgotten: "Its cells on-chain were cleared.",
    position: "Of its creation.",
  },
});

const line = entity({
  name: "OrderLine",
  table: orderLines,
  description: "One dataset of an order.",
  columns: {
    consentVersion: "The consent's version that the buyer saw.",
    packet: "The key packet, sealed to the order's enclave.",
    bad: "The enclave's receipt called it bad.",
    answeredBy: "Who answered the dispute with a bond.",
    share: "The payees' share of the price in basis points; null until the line ended.",
  },
});

const credit = entity({
  name: "Credit",
  table: credits,
  description: "What ended lines of an order owe an account, and what was paid of it.",
});

const payment = entity({ name: "Payment", table: payments, description: "Money that left the escrow." });

const pause = entity({
  name: "Pause",
  table: pauses,
  description: "A time in which create, attest and release are blocked.",
});

children(order, "lines", line, { description: "Its lines.", from: "id", to: "order", sort: "line" });
children(order, "timeline", contractEvent, {
  description: "Everything that happened to it, the first first.",
  from: "id",
  to: "subject",
  sort: "position",
});
children(order, "credits", credit, {
  description: "Who is owed what.",
  from: "id",
  to: "order",
  sort: "account",
});
children(order, "payments", payment, {
  description: "What was paid.",
  from: "id",
  to: "order",
  sort: "position",
});
children(order, "attestations", attestation, {
  description: "Evidence that was used for it.",
  from: "id",
  to: "order",
  sort: "position",
});
reference(order, "inCollection", collection, { description: "Its collection.", from: "collection" });
reference(line, "ofDataset", dataset, { description: "Its dataset.", from: "dataset" });
reference(line, "ofOrder", order, { description: "Its order.", from: "order" });
reference(credit, "ofOrder", order, { description: "Its order.", from: "order" });
children(dataset, "orderLines", line, {
  description: "Orders that have it.",
  from: "id",
  to: "dataset",
  sort: "order",
});

single(order, "order", "The order with this id.");
list(order, {
  field: "orders",
  description: "Orders.",
  filter: [
    "id",
    "buyer",
    "custodian",
    "collection",
    "state",
    "job",
    "deadline",
    "createdAt",
    "endedAt",
    "total",
  ],
  sort: ["position", "total"],
  newestFirst: true,
});
list(line, {
  field: "orderLines",
  description: "Lines of orders.",
  filter: ["order", "dataset", "payee", "state", "ending"],
  sort: ["order"],
});
list(credit, {
  field: "credits",
  description: "What accounts are owed.",
  filter: ["order", "account"],
  sort: ["position"],
  newestFirst: true,
});
list(payment, {
  field: "payments",
  description: "Payments out of the escrow.",
  filter: ["order", "to", "amount"],
  sort: ["position"],
  newestFirst: true,
});
list(pause, {
  field: "pauses",
  description: "Pauses of the escrow.",
  filter: ["from", "until"],
  sort: ["position"],
  newestFirst: true,
});

const earnings = builder
  .objectRef<{ account: string; credited: bigint; withdrawn: bigint }>("Earnings")
  .implement({
    description: "All that the escrow's ended lines owe an account, planck.",
    fields: (t) => ({
      account: t.exposeString("account", { complexity: 0 }),
      credited: t.expose("credited", { type: "Amount", complexity: 0 }),
      withdrawn: t.expose("withdrawn", { type: "Amount", complexity: 0 }),
      available: t.field({
        type: "Amount",
        description: "What `withdraw` would pay in all.",
        complexity: 0,
        resolve: ({ credited, withdrawn }) => (credited > withdrawn ? credited - withdrawn : 0n),
      }),
    }),
  });

builder.queryField("earnings", (t) =>
  t.field({
    type: earnings,
    description: "What the escrow owes an account over all orders.",
    args: { account: t.arg.string({ required: true }) },
    complexity: { field: 5, multiplier: 1 },
    resolve: async (_root, { account }, { reads }) => {
      const [sums] = await reads.run((queries) =>
        queries
          .select({
            credited: sql<string>`coalesce(sum(${credits.credited}), 0)::text`,
            withdrawn: sql<string>`coalesce(sum(${credits.withdrawn}), 0)::text`,
          })
          .from(credits)
          .where(eq(credits.account, account.replaceAll("\0", ""))),
      );
      return { account, credited: BigInt(sums?.credited ?? 0), withdrawn: BigInt(sums?.withdrawn ?? 0) };
    },
  }),
);
