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
export { escrowSentence } from "@keystrand/sdk/orders";
