/** What the deployer decides in the DAO's stead on a development chain: verifiers, reference values, issuers. */
import { fromHex } from "@keystrand/sdk/bytes";
import { type Account, accountFrom, faucet } from "@keystrand/sdk/chain";
import { type Contracts, SS58_PREFIX } from "@keystrand/sdk/contracts";
import { kindsMask } from "@keystrand/sdk/credentials";
import { handOver, TOKEN } from "@keystrand/sdk/deploy";
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
  const { attestations, identity } = contracts;
  for (const url of services.verifiers) {
    const verifier = address((await requestJson(`${url}/identity`, verifierIdentitySchema)).account);
    if (!(await attestations.query("verifier", { verifier })).allowed)
      await attestations.execute("addVerifier", { verifier }, deployer);
  }
  const enclave = await requestJson(`${services.enclave}/identity`, enclaveIdentitySchema);
  if ((await attestations.query("reference", { measurement: enclave.measurement })) === null)
    await attestations.execute(
      "addReference",
      {
        measurement: enclave.measurement,
        reference: { platform: enclave.platform, minTcbDate: 0n, label: enclave.computation.slice(0, 64) },
      },
      deployer,
    );
  const kinds = kindsMask(CREDENTIAL_KINDS);
  if ((await identity.query("issuer", { issuer })).kinds !== kinds)
    await identity.execute("accredit", { issuer, kinds }, deployer);
  const custodian = await requestJson(`${services.custodian}/identity`, custodianIdentitySchema);
  await faucet(contracts.api, [address(custodian.account), address(enclave.host)], WORKING_FUNDS);
  await handOver(contracts, deployer, contracts.governor.address);
  return enclave;
};
