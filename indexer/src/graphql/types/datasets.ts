import { consentVersions, datasets } from "../../database/schema/index.ts";
import { children, entity, list, reference, single } from "../entity.ts";
import { contractEvent } from "./chain.ts";
import { collection } from "./collections.ts";

export const dataset = entity({
  name: "Dataset",
  table: datasets,
  description: "A dataset with its contributor's consent, as it stands.",
  columns: {
    version: "The consent's version; it rises with every change.",
    root: "Digest of the CAR's root; null once erased.",
    size: "Bytes of the encrypted files.",
    keyCommitment: "Hides the data key; null once erased.",
    price: "Planck.",
    terms: "DUO permission and modifiers; null once erased.",
    rootVersion: "Ontology root under which the terms are judged.",
    expiresAt: "When the consent ends; null for no end.",
    laboratory: "The laboratory that signed for the contributor.",
    position: "Of its registration.",
  },
});

const consentVersion = entity({
  name: "ConsentVersion",
  table: consentVersions,
  description: "One version of a consent.",
  columns: { change: "What made this version: the event's name." },
});

children(dataset, "versions", consentVersion, {
  description: "The consent's versions, the newest first.",
  from: "id",
  to: "dataset",
  sort: "version",
  newestFirst: true,
});
children(dataset, "audit", contractEvent, {
  description: "What was said of it, the newest first.",
  from: "id",
  to: "subject",
  sort: "position",
  newestFirst: true,
});
reference(dataset, "inCollection", collection, { description: "Its collection.", from: "collection" });

single(dataset, "dataset", "The dataset with this id.");
list(dataset, {
  field: "datasets",
  description: "Datasets with their consents.",
  filter: [
    "id",
    "collection",
    "state",
    "contributor",
    "custodian",
    "payee",
    "price",
    "laboratory",
    "expiresAt",
  ],
  sort: ["position", "price"],
  newestFirst: true,
});
