/**
 * The real system for the browser tests, as a process of its own: the main job has run once, six further datasets
 * and a buyer's credentials wait for a person. Prints what a test needs as one line of JSON; runs until SIGTERM.
 */
import { secureRandom, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, datasetAccounts, faucet } from "@keystrand/sdk/chain";
import { issueGrant, presentGrant } from "@keystrand/sdk/credentials";
import { generateKeyPair } from "@keystrand/sdk/crypt4gh";
import { registerDataset, storeDataset } from "@keystrand/sdk/datasets";
import { TOKEN } from "@keystrand/sdk/deploy";
import { readPeople } from "keystrand/split";
import { webEnvironment } from "../../scripts/system/web.ts";
import { REAL_VCF, startTestSystem } from "../main-job/running-system.ts";

/** The smallest cohort that the demonstration's policy admits, and one who will withdraw. */
const COHORT = 5;
const DAY = 86_400_000n;
const CONSENT_TERMS = {
  permission: "HealthMedicalBiomedical",
  diseases: [],
  // NPUNCU: non-profit organisations and non-commercial use only.
  modifiers: 1 << 3,
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
} as const;

const running = await startTestSystem();
const { home, contracts, endpoints } = running.system;
const stop = async () => {
  await running.stop();
  process.exit();
};
process.once("SIGTERM", () => void stop());
// Whoever started this may be killed: a system that nobody uses any more ends itself.
process.stdin.on("end", () => void stop()).resume();

const { collection, orders } = await running.demo(REAL_VCF, COHORT);

const secret = `${home.secret}//browser`;
const project = toHex(secureRandom(32));
const buyer = `${home.secret}//buyer`;
const contributors = Array.from({ length: COHORT + 1 }, (_, dataset) => `${secret}//dataset//${dataset}`);
const people = await readPeople(REAL_VCF, COHORT + 1, running.output);
const accounts = await Promise.all(contributors.map((_, dataset) => datasetAccounts(secret, dataset)));
await faucet(
  contracts.api,
  accounts.map(({ contributor }) => contributor.address),
  5n * TOKEN,
);
await faucet(
  contracts.api,
  accounts.map(({ payee }) => payee.address),
  TOKEN / 100n,
);
const datasets = await Promise.all(
  accounts.map(async ({ contributor, payee }, dataset) => {
    const stored = await storeDataset(
      contracts,
      [people.people[dataset]!],
      contributor.address,
      [generateKeyPair().publicKey],
      endpoints,
    );
    const registered = await registerDataset(
      contracts,
      stored,
      { collection, terms: CONSENT_TERMS, price: TOKEN, payee: payee.address },
      contributor,
    );
    return registered.returned;
  }),
);
people.remove();

const issuer = await accountFrom(`${home.secret}//issuer`);
const holder = await accountFrom(buyer);
const now = BigInt(Date.now());
await presentGrant(
  contracts,
  issueGrant(contracts, issuer, {
    kind: "EthicsApproval",
    scope: project,
    holder: holder.address,
    validFrom: now - DAY,
    validUntil: now + 365n * DAY,
  }),
  holder,
);

process.stdout.write(
  `${JSON.stringify({
    environment: webEnvironment(home, endpoints),
    genesis: running.system.deployment.genesis,
    processes: Object.fromEntries([...running.system.parts].map(([name, { pid }]) => [name, pid])),
    collection,
    project,
    datasets,
    settledOrder: orders[0],
    members: [1, 2, 3].map((member) => `${home.secret}//member//${member}`),
    buyer,
    contributors,
    stranger: `${secret}//stranger`,
  })}\n`,
);
