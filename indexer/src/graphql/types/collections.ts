import {
  collections,
  diseasePairs,
  ontologyRoots,
  policyVersions,
  queuedChanges,
} from "../../database/schema/index.ts";
import { children, entity, list, reference, single } from "../entity.ts";
import { contractEvent } from "./chain.ts";

export const collection = entity({
  name: "Collection",
  table: collections,
  description: "Datasets under one access policy, governed by the DAO.",
  columns: {
    disease: "MONDO number of the one disease that it is for.",
    version: "Version of the present policy.",
    hash: "Hash of the present policy.",
    policy: "The present policy, as the contract has it.",
    closed: "It admits nothing and takes no dataset any more.",
  },
});

const policyVersion = entity({
  name: "PolicyVersion",
  table: policyVersions,
  description: "A policy that a collection has or had.",
  columns: {
    direction:
      "What the change did to the purposes that are admitted; null for the first version and for a closing.",
    difference: "What changed since the version before: a list of {path, before, after}.",
    closes: "This version closed the collection.",
  },
});

const queuedChange = entity({
  name: "QueuedChange",
  table: queuedChanges,
  description: "A change that the DAO has decided and that waits. Ignored by the contracts after `until`.",
  columns: {
    collection: "0 stands for every collection: a new ontology root.",
    version: "The version that it would make current.",
  },
});

const root = entity({
  name: "OntologyRoot",
  table: ontologyRoots,
  description: "A release of the disease ontology.",
});
const pair = entity({
  name: "DiseasePair",
  table: diseasePairs,
  description: "A disease that was proved to descend from another. MONDO numbers.",
});

children(collection, "versions", policyVersion, {
  description: "Its policies, the newest first.",
  from: "id",
  to: "collection",
  sort: "version",
  newestFirst: true,
});
reference(collection, "queued", queuedChange, { description: "A change that waits.", from: "id" });
children(collection, "audit", contractEvent, {
  description: "What was said of it, the newest first.",
  from: (row) => `collection/${row.id}`,
  to: "subject",
  sort: "position",
  newestFirst: true,
});

single(collection, "collection", "The collection with this number.");
list(collection, {
  field: "collections",
  description: "Collections.",
  filter: ["id", "disease", "closed"],
  sort: ["id"],
});
single(policyVersion, "policyVersion", "One version of a collection's policy.");
list(queuedChange, {
  field: "queuedChanges",
  description: "Changes that wait.",
  filter: ["collection", "direction", "until"],
  sort: ["collection"],
});
list(root, {
  field: "ontologyRoots",
  description: "Releases of the ontology.",
  filter: ["version"],
  sort: ["version"],
  newestFirst: true,
});
list(pair, {
  field: "diseasePairs",
  description: "Proved pairs.",
  filter: ["rootVersion", "child", "ancestor"],
  sort: ["rootVersion"],
  newestFirst: true,
});
