/** What the deployer decides in the DAO's stead on a development chain: verifiers, reference values, issuers. */
import { fromHex } from "@keystrand/sdk/bytes";
import { type Account, accountFrom, faucet } from "@keystrand/sdk/chain";
import { type Contracts, SS58_PREFIX } from "@keystrand/sdk/contracts";
import { admit, DEVELOPMENT_GOVERNANCE, handOver, TOKEN } from "@keystrand/sdk/deploy";
import {
  custodianIdentitySchema,
  type EnclaveIdentity,
  enclaveIdentitySchema,
  requestJson,
  verifierIdentitySchema,
} from "@keystrand/sdk/http";
import { CREDENTIAL_KINDS } from "@keystrand/sdk/signing";
import { encodeAddress, sortAddresses } from "@polkadot/util-crypto";

/** What deployer and services get from the faucet: room for thousands of transactions. */
export const WORKING_FUNDS = 100_000n * TOKEN;

const address = (account: string) => encodeAddress(fromHex(account), SS58_PREFIX);

/** Services as the constitution needs to know them. */
export interface ServicesToAdmit {
  readonly custodian: string;
  readonly verifiers: readonly string[];
  readonly enclave: string;
}

/** The issuer of the demonstration's credentials. */
export const issuerOf = (secret: string) => accountFrom(`${secret}//issuer`);

/** The founding members of the demonstration's DAO. */
export const membersOf = (secret: string) =>
  Promise.all([1, 2, 3].map((member) => accountFrom(`${secret}//member//${member}`)));

/** The guardians of the demonstration's DAO; any two of them act. */
export const guardiansOf = (secret: string) =>
  Promise.all([1, 2, 3].map((guardian) => accountFrom(`${secret}//guardian//${guardian}`)));

/** Development's numbers with those guardians, sorted as the governor wants them: by their bytes. */
export const governanceOf = async (secret: string) => ({
  ...DEVELOPMENT_GOVERNANCE,
  guardians: sortAddresses(
    (await guardiansOf(secret)).map((guardian) => guardian.address),
    SS58_PREFIX,
  ),
  guardianQuorum: 2,
});

/**
 * Admits verifiers, the enclave's measurement and an issuer of every kind, funds those who send transactions, and
 * hands every contract over to the governor contract. Repeating it changes nothing.
 */
export const constitute = async (
  contracts: Contracts,
  deployer: Account,
  issuer: string,
  services: ServicesToAdmit,
): Promise<EnclaveIdentity> => {
  const verifiers = await Promise.all(
    services.verifiers.map(async (url) =>
      address((await requestJson(`${url}/identity`, verifierIdentitySchema)).account),
    ),
  );
  const enclave = await requestJson(`${services.enclave}/identity`, enclaveIdentitySchema);
  const { measurement, platform, computation } = enclave;
  await admit(contracts, deployer, {
    verifiers,
    references: [{ measurement, platform, minTcbDate: 0n, label: computation.slice(0, 64) }],
    issuers: [{ issuer, kinds: CREDENTIAL_KINDS }],
  });
  const custodian = await requestJson(`${services.custodian}/identity`, custodianIdentitySchema);
  await faucet(contracts.api, [address(custodian.account), address(enclave.host)], WORKING_FUNDS);
  await handOver(contracts, deployer, contracts.governor.address);
  return enclave;
};
