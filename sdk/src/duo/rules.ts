import {
  type DuoTerm,
  MODIFIERS,
  type ModifierShorthand,
  PERMISSIONS,
  VALUED_MODIFIERS,
} from "./vocabulary.ts";

/** What a rule says, and what a buyer can do about it. */
export interface RuleWords {
  /** The rule without its code, as it reads after "refused: ". */
  readonly says: string;
  /** The term of the ontology that the rule comes from, where it comes from one. */
  readonly term?: DuoTerm;
  readonly remedy: string;
}

const modifier = (shorthand: ModifierShorthand): DuoTerm =>
  MODIFIERS.find((one) => one.shorthand === shorthand)!;
const OTHER_DATASETS = "Order datasets whose terms admit your purpose.";

/** The contracts' rules, by their names in `Rule`. */
export const RULES = {
  Permission: {
    says: "the permission does not admit this kind of purpose",
    remedy: OTHER_DATASETS,
  },
  Disease: {
    says: "a disease of the purpose descends from none that is admitted",
    term: PERMISSIONS.DiseaseSpecific,
    remedy:
      "If your disease is a kind of an admitted one, prove that to the policies contract; then ask again.",
  },
  Unlisted: {
    says: "the rules have no case for this purpose, so it is not admitted",
    remedy: OTHER_DATASETS,
  },
  NoMethods: {
    says: "no general methods research",
    term: modifier("NMDS"),
    remedy: OTHER_DATASETS,
  },
  GeneticStudiesOnly: {
    says: "genetic studies only",
    term: modifier("GSO"),
    remedy: "Declare a genetic study, if yours is one.",
  },
  NonProfitNonCommercial: {
    says: "non-profit organisations and non-commercial use only",
    term: modifier("NPUNCU"),
    remedy:
      "Present a credential of a non-profit affiliation and declare a non-commercial use, if both are true.",
  },
  NonProfitOrganisation: {
    says: "non-profit organisations only",
    term: modifier("NPU"),
    remedy: "Present a credential of a non-profit affiliation; a commercial one beside it counts against it.",
  },
  NonCommercialUse: {
    says: "non-commercial use only",
    term: modifier("NCU"),
    remedy: "Declare a non-commercial use, if yours is one.",
  },
  NoAncestry: {
    says: "no population origins or ancestry research",
    term: modifier("NPOA"),
    remedy: OTHER_DATASETS,
  },
  ClinicalCare: {
    says: "clinical care needs its own permission",
    term: modifier("CC"),
    remedy: OTHER_DATASETS,
  },
  EthicsApproval: {
    says: "an ethics approval for this project is required",
    term: modifier("IRB"),
    remedy: "Present an ethics approval whose scope is the purpose's project.",
  },
  Region: {
    says: "the data may be processed in another region only",
    term: VALUED_MODIFIERS.region,
    remedy: "Process the data in the named country and present a jurisdiction credential for it.",
  },
  TimeLimit: {
    says: "the data may not be kept that long",
    term: VALUED_MODIFIERS.months,
    remedy: "Declare fewer months.",
  },
  User: {
    says: "an approved user is required",
    term: VALUED_MODIFIERS.user,
    remedy: "Present the controlled access grant that names you.",
  },
  Project: {
    says: "an approved project is required",
    term: VALUED_MODIFIERS.project,
    remedy: "Present the controlled access grant that names your project.",
  },
  Institution: {
    says: "an approved institution is required",
    term: VALUED_MODIFIERS.institution,
    remedy: "Present the controlled access grant that names your institution.",
  },
  Moratorium: {
    says: "results may not be published before the date of the terms",
    term: VALUED_MODIFIERS.publishFrom,
    remedy: "Declare a later date of publication.",
  },
  SpecialPopulation: {
    says: "a special population is studied: the data access committee decides",
    remedy: "Wait for the committee of the collection.",
  },
  RequiredCredential: {
    says: "a credential that every buyer needs is missing",
    remedy: "Present the credentials that the policy of the collection names.",
  },
  Suspended: {
    says: "the buyer's account is suspended",
    remedy: "Ask the DAO to lift the suspension.",
  },
  CollectionClosed: {
    says: "the collection is closed",
    remedy: "Order from another collection.",
  },
  Withdrawn: {
    says: "the consent was withdrawn",
    remedy: "Leave the dataset out.",
  },
  Expired: {
    says: "the consent has expired",
    remedy: "Leave the dataset out.",
  },
  UnknownDataset: {
    says: "there is no such dataset",
    remedy: "Leave the dataset out.",
  },
  OtherCollection: {
    says: "the dataset belongs to another collection",
    remedy: "Order it under its own collection.",
  },
  OtherCustodian: {
    says: "another custodian holds the dataset's key",
    remedy: "Order it under its own custodian, as a further order of the same job.",
  },
  Laboratory: {
    says: "an accredited laboratory's signature is required",
    remedy: "Leave the dataset out.",
  },
  UnknownCollection: {
    says: "there is no such collection",
    remedy: "Check the collection's number.",
  },
} as const satisfies Readonly<Record<string, RuleWords>>;

export type RuleName = keyof typeof RULES;

/** A rule with its owner, as the contracts answer it. */
export interface RuleReason {
  readonly rule: RuleName;
  readonly whose: "Policy" | "Consent";
}

/** A decision, as the contracts answer it. */
export type RuleDecision =
  | { readonly type: "Approve"; readonly value: null }
  | { readonly type: "Abstain" | "Deny"; readonly value: RuleReason };

/** A rule in words, with the DUO code of its term where it has one. */
export function ruleSentence(rule: RuleName): string {
  const { says, term }: RuleWords = RULES[rule];
  return term === undefined ? says : `${says} (${term.shorthand}, ${term.code})`;
}

/** A rule and whose it is, in words. */
export const reasonSentence = ({ rule, whose }: RuleReason): string =>
  `${ruleSentence(rule)}, ${whose === "Policy" ? "by the collection's policy" : "by the contributor's consent"}`;

/** A decision in words: what was decided, by which rule, and whose rule it was. */
export function decisionSentence(decision: RuleDecision): string {
  if (decision.type === "Approve") return "approved";
  return `${decision.type === "Deny" ? "refused" : "waits for the committee"}: ${reasonSentence(decision.value)}`;
}
