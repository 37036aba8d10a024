import type { EscrowError } from "../contracts/generated/escrow.ts";
import { reasonSentence } from "../duo/index.ts";

export { decisionSentence, reasonSentence } from "../duo/index.ts";

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
