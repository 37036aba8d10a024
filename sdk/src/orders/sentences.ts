import type { Decision, EscrowError, Reason, Rule } from "../contracts/generated/escrow.ts";

/** What each rule says, with the DUO code of its term where it has one. */
const RULES: Readonly<Record<Rule, string>> = {
  Permission: "the permission does not admit this kind of purpose",
  Disease: "a disease of the purpose descends from none that is admitted (DS, DUO:0000007)",
  Unlisted: "no rule admits this kind of purpose under this permission",
  NoMethods: "no general methods research (NMDS, DUO:0000015)",
  GeneticStudiesOnly: "genetic studies only (GSO, DUO:0000016)",
  NonProfitNonCommercial: "non-profit organisations and non-commercial use only (NPUNCU, DUO:0000018)",
  NonProfitOrganisation: "non-profit organisations only (NPU, DUO:0000045)",
  NonCommercialUse: "non-commercial use only (NCU, DUO:0000046)",
  NoAncestry: "no population origins or ancestry research (NPOA, DUO:0000044)",
  ClinicalCare: "clinical care needs its own permission (CC, DUO:0000043)",
  EthicsApproval: "an ethics approval for this project is required (IRB, DUO:0000021)",
  Region: "the data may be processed in another region only (GS, DUO:0000022)",
  TimeLimit: "the data may not be kept that long (TS, DUO:0000025)",
  User: "an approved user is required (US, DUO:0000026)",
  Project: "an approved project is required (PS, DUO:0000027)",
  Institution: "an approved institution is required (IS, DUO:0000028)",
  Moratorium: "results may not be published before the date of the terms (MOR, DUO:0000024)",
  SpecialPopulation: "a special population is studied: the data access committee decides",
  RequiredCredential: "a credential that every buyer needs is missing",
  Suspended: "the buyer's account is suspended",
  CollectionClosed: "the collection is closed",
  Withdrawn: "the consent was withdrawn",
  Expired: "the consent has expired",
  UnknownDataset: "there is no such dataset",
  OtherCollection: "the dataset belongs to another collection",
  OtherCustodian: "another custodian holds the dataset's key",
  Laboratory: "an accredited laboratory's signature is required",
  UnknownCollection: "there is no such collection",
};

const owner = (reason: Reason): string =>
  reason.whose === "Policy" ? "by the collection's policy" : "by the contributor's consent";

/** A rule and whose it is, in words. */
export const reasonSentence = (reason: Reason): string => `${RULES[reason.rule]}, ${owner(reason)}`;

/** A decision in words. */
export const decisionSentence = (decision: Decision): string => {
  if (decision.type === "Approve") return "approved";
  return `${decision.type === "Deny" ? "refused" : "waits for the committee"}: ${reasonSentence(decision.value)}`;
};

const short = (dataset: string): string => `${dataset.slice(0, 10)}…${dataset.slice(-6)}`;

const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** An escrow's refusal in words: the rule, whose it is, and the dataset where one is the cause. */
export const escrowSentence = (error: EscrowError): string => {
  switch (error.type) {
    case "PolicyDenied":
      return `Refused: ${reasonSentence(error.value.reason)}.`;
    case "LineDenied":
      return `Refused for dataset ${short(error.value.dataset)}: ${reasonSentence(error.value.reason)}.`;
    case "TooFewLines":
      return `Refused: ${error.value.live} datasets are admitted and the policy's smallest cohort is ${error.value.minimum}; a smaller one would tell too much about a person.`;
    case "ConsentChanged":
      return `Refused: the consent of dataset ${short(error.value.dataset)} is at version ${error.value.version} now; ask for a quote again.`;
    case "PolicyChanged":
      return `Refused: the policy is at version ${error.value.version} now; ask for a quote again.`;
    case "WideningQueued":
      return `Refused until ${new Date(Number(error.value.until)).toISOString()}: proposal ${error.value.proposal} would widen the policy.`;
    case "WrongPayment":
      return `Refused: exactly ${error.value.expected} smallest units must be paid.`;
    case "Paused":
      return `Refused: the guardians have paused orders until ${new Date(Number(error.value.until)).toISOString()}.`;
    case "WrongState":
      return `Refused: the order is ${error.value.state}.`;
    case "Attestation":
      return `Refused: the attestation is not accepted (${inWords(error.value)}).`;
    default:
      return `Refused: ${inWords(error.type)}${
        error.value === null
          ? ""
          : ` (${JSON.stringify(error.value, (_, value) => (typeof value === "bigint" ? value.toString() : value))})`
      }.`;
  }
};
