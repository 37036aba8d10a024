import type { ApiPromise } from "@polkadot/api";
import type { Deployment } from "../deployment.ts";
import { BaseError } from "../errors.ts";
import { type ContractClient, contractClient } from "./client.ts";
import { type AttestationsMessages, attestationsAbi } from "./generated/attestations.ts";
import { type ConsentsMessages, consentsAbi } from "./generated/consents.ts";
import { type EscrowMessages, escrowAbi } from "./generated/escrow.ts";
import { type GovernorMessages, governorAbi } from "./generated/governor.ts";
import { type IdentityMessages, identityAbi } from "./generated/identity.ts";
import { type PoliciesMessages, policiesAbi } from "./generated/policies.ts";
import { type VoiceMessages, voiceAbi } from "./generated/voice.ts";

export * from "./abi.ts";
export * from "./client.ts";
export { CodecError, SS58_PREFIX } from "./codec.ts";
export * from "./instantiate.ts";
export * from "./values.ts";
export { attestationsAbi, consentsAbi, escrowAbi, governorAbi, identityAbi, policiesAbi, voiceAbi };

/** The node's chain is not the one of the deployment record, or the record lacks a contract. */
export class DeploymentMismatch extends BaseError {
  override readonly name = "DeploymentMismatch";
}

/** Typed clients of a deployment. */
export interface Contracts {
  readonly api: ApiPromise;
  readonly deployment: Deployment;
  readonly identity: ContractClient<IdentityMessages>;
  readonly policies: ContractClient<PoliciesMessages>;
  readonly consents: ContractClient<ConsentsMessages>;
  readonly attestations: ContractClient<AttestationsMessages>;
  readonly escrow: ContractClient<EscrowMessages>;
  readonly voice: ContractClient<VoiceMessages>;
  readonly governor: ContractClient<GovernorMessages>;
}

/**
 * Clients for every contract of a deployment.
 *
 * @throws {@link DeploymentMismatch} when the node runs another chain
 */
export const contractsOf = (api: ApiPromise, deployment: Deployment): Contracts => {
  const genesis = api.genesisHash.toHex();
  if (genesis !== deployment.genesis)
    throw new DeploymentMismatch("This node runs another chain than the deployment record.", {
      happened: [`The record is of ${deployment.genesis}, the node's genesis is ${genesis}.`],
      remedy: "Connect to the record's node, or deploy to this chain (npm run deploy).",
    });
  const address = (name: string): string => {
    const contract = deployment.contracts[name];
    if (!contract)
      throw new DeploymentMismatch(`The deployment record has no contract ${name}.`, {
        remedy: "Deploy again: what is there already is kept (npm run deploy).",
      });
    return contract.address;
  };
  return {
    api,
    deployment,
    identity: contractClient(api, identityAbi, address("identity")),
    policies: contractClient(api, policiesAbi, address("policies")),
    consents: contractClient(api, consentsAbi, address("consents")),
    attestations: contractClient(api, attestationsAbi, address("attestations")),
    escrow: contractClient(api, escrowAbi, address("escrow")),
    voice: contractClient(api, voiceAbi, address("voice")),
    governor: contractClient(api, governorAbi, address("governor")),
  };
};
