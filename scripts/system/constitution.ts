/** What the deployer decides in the DAO's stead on a development chain: verifiers, reference values, issuers. */
import { fromHex } from "@keystrand/sdk/bytes";
import { type Account, accountFrom, faucet } from "@keystrand/sdk/chain";
import { type Contracts, SS58_PREFIX } from "@keystrand/sdk/contracts";
import { admit, handOver, TOKEN } from "@keystrand/sdk/deploy";
import {
  custodianIdentitySchema,
  type EnclaveIdentity,
  enclaveIdentitySchema,
  requestJson,
  verifierIdentitySchema,
} from "@keystrand/sdk/http";
import { CREDENTIAL_KINDS } from "@keystrand/sdk/signing";
import { encodeAddress } from "@polkadot/util-crypto";

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
