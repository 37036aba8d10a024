import { blocks, contractEvents, contracts, extrinsics, parameters } from "../../database/schema/index.ts";
import { builder } from "../builder.ts";
import { children, entity, list, reference, single } from "../entity.ts";

export const block = entity({
  name: "Block",
  table: blocks,
  description: "A block of the best chain.",
  columns: { timestamp: "ms since 1970, from the block's timestamp inherent." },
});

export const extrinsic = entity({
  name: "Extrinsic",
  table: extrinsics,
  description: "A signed extrinsic that called a contract or made one speak, failed ones included.",
  columns: {
    fee: "Planck, tip included.",
    error: "`Pallet.Error`, where it failed.",
    call: "`Pallet.call`.",
    message: "The contract's message, where its metadata is known.",
    value: "Planck sent with the call.",
  },
});

export const contractEvent = entity({
  name: "ContractEvent",
  table: contractEvents,
  description: "What a contract said, in its own words: together the audit log.",
  columns: {
    index: "Among all events of the block.",
    position: "Orders all events of the chain: height times a million, and the index.",
    timestamp: "ms since 1970 of its block.",
    signer: "Who signed the extrinsic.",
    codeHash: "The code that the contract ran when it spoke.",
    data: "The encoded fields, 0x hex.",
    name: "Null when the bytes could not be decoded.",
    fields: "The fields by their names in the contract.",
    subject: "Id of what it is about: an order, a dataset, an account, `collection/1`, `proposal/1`.",
    problem: "Why it was not decoded, or changed nothing.",
  },
});

const contract = entity({
  name: "Contract",
  table: contracts,
  description: "A contract of the deployment.",
  columns: { codeHash: "The code that it runs.", since: "Height since which it runs this code." },
});

const parameter = entity({
  name: "Parameter",
  table: parameters,
  description: "A value that a contract publishes: its governor, the limits of policies.",
});

children(block, "extrinsics", extrinsic, {
  description: "Extrinsics of the contracts in this block.",
  from: "hash",
  to: "blockHash",
  sort: "index",
});
children(block, "events", contractEvent, {
  description: "Events of the contracts in this block.",
  from: "hash",
  to: "blockHash",
  sort: "position",
});
reference(contractEvent, "block", block, { description: "Its block.", from: "height" });
reference(extrinsic, "block", block, { description: "Its block.", from: "height" });

single(block, "block", "The block at a height, if it is indexed.");
list(block, {
  field: "blocks",
  description: "Indexed blocks.",
  filter: ["height", "hash", "timestamp"],
  sort: ["height"],
  newestFirst: true,
});
list(extrinsic, {
  field: "extrinsics",
  description: "Extrinsics of the contracts.",
  filter: ["hash", "signer", "success", "contract", "message", "height"],
  sort: ["height"],
  newestFirst: true,
});
list(contractEvent, {
  field: "auditLog",
  description: "Everything that the contracts said.",
  filter: ["contract", "name", "subject", "signer", "height", "timestamp", "problem"],
  sort: ["position"],
  newestFirst: true,
});

builder.queryFields((t) => ({
  contracts: t.field({
    type: [contract.ref],
    description: "The deployment's contracts.",
    resolve: (_root, _args, { reads }) =>
      reads.run((queries) => queries.select().from(contracts).orderBy(contracts.name)),
  }),
  parameters: t.field({
    type: [parameter.ref],
    description: "What the contracts publish of their settings.",
    resolve: (_root, _args, { reads }) =>
      reads.run((queries) => queries.select().from(parameters).orderBy(parameters.contract, parameters.name)),
  }),
}));
