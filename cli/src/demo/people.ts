/** Everyone who takes part in the demonstration; each key is derived from the home folder's secret. */
import { accountFrom, datasetAccounts, faucet } from "@keystrand/sdk/chain";
import type { Contracts } from "@keystrand/sdk/contracts";
import { issueGrant, presentGrant, type SignedGrant } from "@keystrand/sdk/credentials";
import { TOKEN } from "@keystrand/sdk/deploy";
import type { Purpose } from "@keystrand/sdk/generated/escrow";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Timeline } from "../timeline.ts";

export interface Contributor {
  readonly contributor: KeyringPair;
  readonly payee: KeyringPair;
}

export interface People {
  /** Founding members of the DAO. */
  readonly members: readonly KeyringPair[];
  /** Sends what anyone may send. */
  readonly relayer: KeyringPair;
  readonly issuer: KeyringPair;
  readonly buyer: KeyringPair;
  readonly arbitrator: KeyringPair;
  readonly treasury: KeyringPair;
  readonly committee: readonly KeyringPair[];
  readonly contributors: readonly Contributor[];
}

const DAY = 86_400_000n;

/** Derives everybody's accounts. */
export const peopleOf = async (secret: string, job: string, datasets: number): Promise<People> => {
  const contributors: Contributor[] = [];
  for (let dataset = 0; dataset < datasets; dataset++)
    contributors.push(await datasetAccounts(`${secret}//${job}`, dataset));
  return {
    members: await Promise.all([1, 2, 3].map((member) => accountFrom(`${secret}//member//${member}`))),
    relayer: await accountFrom(`${secret}//relayer`),
    issuer: await accountFrom(`${secret}//issuer`),
    buyer: await accountFrom(`${secret}//buyer`),
    arbitrator: await accountFrom(`${secret}//arbitrator`),
    treasury: await accountFrom(`${secret}//treasury`),
    committee: await Promise.all([1, 2, 3].map((member) => accountFrom(`${secret}//committee//${member}`))),
    contributors,
  };
};

/** What a contributor's account needs: fees and the deposit of one dataset, with room to withdraw. */
const CONTRIBUTOR_FUNDS = 5n * TOKEN;
/** A payee only has to exist. */
const PAYEE_FUNDS = TOKEN / 100n;

/** Funds everybody from the faucet, as a laboratory or a relayer would. */
export const fundPeople = async (contracts: Contracts, people: People, timeline: Timeline): Promise<void> => {
  const { api } = contracts;
  const add = async (text: string, addresses: readonly string[], amount: bigint) => {
    for (const inclusion of await faucet(api, addresses, amount)) timeline.add("faucet", text, inclusion);
  };
  await add(
    `funded ${people.contributors.length} contributors' accounts, one a dataset`,
    people.contributors.map(({ contributor }) => contributor.address),
    CONTRIBUTOR_FUNDS,
  );
  await add(
    "funded their payees' accounts",
    people.contributors.map(({ payee }) => payee.address),
    PAYEE_FUNDS,
  );
  await add(
    "funded buyer, members and a relayer",
    [people.buyer, people.relayer, ...people.members].map(({ address }) => address),
    10_000n * TOKEN,
  );
  await add("funded the treasury's account", [people.treasury.address], PAYEE_FUNDS);
};

/** The buyer's credentials: bona fide researcher, non-profit affiliation, ethics approval for the project. */
export const grantsFor = (
  contracts: Contracts,
  people: People,
  purpose: Purpose,
  now: bigint,
): SignedGrant[] =>
  (
    [
      { kind: "BonaFideResearcher" },
      { kind: "AffiliationNonProfit" },
      { kind: "EthicsApproval", scope: purpose.project },
    ] as const
  ).map((wanted) =>
    issueGrant(contracts, people.issuer, {
      ...wanted,
      holder: people.buyer.address,
      validFrom: now - DAY,
      validUntil: now + 365n * DAY,
    }),
  );

/** Presents what the buyer does not hold on-chain yet. */
export const presentCredentials = async (
  contracts: Contracts,
  people: People,
  purpose: Purpose,
  timeline: Timeline,
): Promise<void> => {
  const now = (await contracts.api.query.timestamp!.now!()) as unknown as { toBigInt(): bigint };
  for (const signed of grantsFor(contracts, people, purpose, now.toBigInt())) {
    const { kind, scope } = signed.grant;
    const held = await contracts.identity.query("holds", {
      account: people.buyer.address,
      kind,
      scope,
      now: now.toBigInt(),
    });
    if (held) timeline.note("buyer", `holds ${kind} already`);
    else
      timeline.add(
        "buyer",
        `presented a credential: ${kind}`,
        await presentGrant(contracts, signed, people.buyer),
      );
  }
};
