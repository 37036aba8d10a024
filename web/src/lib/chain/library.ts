/** What signs, encrypts and talks to a node: one chunk, loaded when a person first wants to do something. */
export {
  ConnectionError,
  connect,
  isDevelopmentChain,
  TransactionError,
} from "@keystrand/sdk/chain";
export {
  ContractFailure,
  ContractRefusal,
  contractsOf,
  DeploymentMismatch,
} from "@keystrand/sdk/contracts";
export { registrationOf, storeDataset } from "@keystrand/sdk/datasets";
export { explainProposal, monthOf, monthText, readVoice } from "@keystrand/sdk/governance";
export { enclaveOrderSchema, requestJson } from "@keystrand/sdk/http";
export { attestationOf, escrowSentence, quoteOrder, requestsFor } from "@keystrand/sdk/orders";
