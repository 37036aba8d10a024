/** Policies and consents with each other and with identity: what no test off the chain can run. */
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import type { ContractRefusal, Contracts } from "@keystrand/sdk/contracts";
import { issueGrant, kindsMask, presentGrant, UNSCOPED } from "@keystrand/sdk/credentials";
import { developmentPolicy, TOKEN } from "@keystrand/sdk/deploy";
import type { Terms } from "@keystrand/sdk/generated/consents";
import type { Policy, Purpose } from "@keystrand/sdk/generated/policies";
import { blake2b256, custodianReceiptMessage, datasetId, laboratoryMessage } from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ContractsOnChain, contractsOnChain } from "./chain.fixture.ts";

const LINES = 64;
/** The block's share for one order's `permits`: 10 % of the normal class (1.5 s of 2), in ps; and its proof. */
const MOST_TIME = 150_000_000_000n;
const MOST_PROOF = 3_000_000n;

const terms = (changes: Partial<Terms> = {}): Terms => ({
  permission: "GeneralResearch",
  diseases: [],
  modifiers: 0,
  region: null,
  months: null,
  user: null,
  project: null,
  institution: null,
  publishFrom: null,
  ...changes,
});

const purpose = (changes: Partial<Purpose> = {}): Purpose => ({
  kind: "Health",
  diseases: [],
  geneticStudy: true,
  nonProfit: false,
  commercialUse: false,
  region: toHex(new TextEncoder().encode("DE")),
  months: 12,
  publishAt: null,
  project: `0x${"50".repeat(32)}`,
  populations: 0,
  ...changes,
});

let chain: ContractsOnChain;
let contracts: Contracts;
let governor: KeyringPair;
let contributor: KeyringPair;
let buyer: KeyringPair;
let custodian: KeyringPair;
let issuer: KeyringPair;
let laboratory: KeyringPair;

const policy = (changes: Partial<Policy> = {}): Policy => ({
  ...developmentPolicy({
    measurement: `0x${"11".repeat(32)}`,
    arbitrator: governor.address,
    treasury: governor.address,
    committee: [governor.address],
  }),
  terms: terms(),
  required: [],
  minCohort: 1,
  ...changes,
});

const scope = () => ({
  genesis: fromHex(contracts.deployment.genesis),
  contract: decodeAddress(contracts.consents.address),
});

let registered = 0;

/** Registers a dataset and answers its id. */
const register = async (
  collection: number,
  changes: { terms?: Terms; laboratory?: KeyringPair; expiresAt?: bigint } = {},
): Promise<string> => {
  const number = ++registered;
  const nonce = blake2b256(Uint8Array.of(number >> 8, number & 0xff));
  const root = blake2b256(nonce);
  const keyCommitment = blake2b256(root);
  const dataset = datasetId(scope(), contributor.publicKey, nonce);
  const receipt = custodianReceiptMessage(scope(), {
    dataset,
    root,
    keyCommitment,
    custodian: custodian.publicKey,
  });
  const word = changes.laboratory;
  const { returned } = await contracts.consents.execute(
    "register",
    {
      nonce: toHex(nonce),
      collection,
      root: toHex(root),
      size: 1n,
      keyCommitment: toHex(keyCommitment),
      custodian: custodian.address,
      custodianReceipt: toHex(custodian.sign(receipt)),
      payee: contributor.address,
      price: TOKEN,
      terms: changes.terms ?? terms(),
      expiresAt: changes.expiresAt ?? null,
      laboratorySignature: word
        ? {
            laboratory: word.address,
            signature: toHex(word.sign(laboratoryMessage(scope(), dataset, contributor.publicKey))),
          }
        : null,
    },
    contributor,
  );
  expect(returned).toBe(toHex(dataset));
  return returned;
};

const open = async (changes: Partial<Policy> = {}): Promise<number> =>
  (await contracts.policies.execute("open", { policy: policy(changes), disease: null }, governor)).returned;

const ask = (collection: number, datasets: readonly string[], asked: Purpose = purpose()) => ({
  collection,
  custodian: custodian.address,
  datasets,
  purpose: asked,
  buyer: buyer.address,
});

const decisions = async (collection: number, datasets: readonly string[], asked?: Purpose) => {
  const permits = await contracts.consents.query("permits", ask(collection, datasets, asked));
  const told = ({ type, value }: { type: string; value: { rule: string; whose: string } | null }) =>
    value ? `${type} ${value.rule} of ${value.whose}` : type;
  return { policy: told(permits.policy), lines: permits.lines.map((line) => told(line.decision)) };
};

const grant = async (holder: KeyringPair, kind: Parameters<typeof issueGrant>[2]["kind"], at = UNSCOPED) =>
  presentGrant(
    contracts,
    issueGrant(contracts, issuer, {
      holder: holder.address,
      kind,
      scope: at,
      validFrom: 0n,
      validUntil: 2n ** 50n,
    }),
    holder,
  );

beforeAll(async () => {
  chain = await contractsOnChain();
  ({ contracts, governor } = chain);
  [contributor, buyer, custodian, issuer, laboratory] = (await Promise.all(
    ["contributor", "buyer", "custodian", "issuer", "laboratory"].map((name) => accountFrom(`//${name}`)),
  )) as [KeyringPair, KeyringPair, KeyringPair, KeyringPair, KeyringPair];
  await fund(
    contracts.api,
    governor,
    [contributor, buyer, laboratory].map(({ address }) => address),
    10_000n * TOKEN,
  );
  const kinds = kindsMask([
    "AffiliationNonProfit",
    "EthicsApproval",
    "AccreditedLaboratory",
    "ControlledAccessGrant",
  ]);
  await contracts.identity.execute("accredit", { issuer: issuer.address, kinds }, governor);
});
afterAll(() => chain.close());

describe("permits", () => {
  test("answers each dataset by its own consent, and the policy once", async () => {
    const collection = await open({ terms: terms({ modifiers: 1 << 4 }) });
    const other = await open();
    const datasets = [
      await register(collection),
      await register(collection, { terms: terms({ permission: "PopulationOrigins" }) }),
      await register(other),
      await register(collection, { terms: terms({ modifiers: 1 << 8 }) }),
      `0x${"00".repeat(32)}`,
    ];
    expect(await decisions(collection, datasets)).toEqual({
      policy: "Deny NonProfitOrganisation of Policy",
      lines: [
        "Approve",
        "Deny Permission of Consent",
        "Deny OtherCollection of Consent",
        "Deny EthicsApproval of Consent",
        "Deny UnknownDataset of Consent",
      ],
    });
    await grant(buyer, "AffiliationNonProfit");
    await grant(buyer, "EthicsApproval", purpose().project);
    const lawful = purpose({ nonProfit: true });
    expect(await decisions(collection, [datasets[0]!, datasets[3]!], lawful)).toEqual({
      policy: "Approve",
      lines: ["Approve", "Approve"],
    });
    expect((await decisions(collection, [datasets[0]!], { ...lawful, populations: 2 })).lines).toEqual([
      "Abstain SpecialPopulation of Consent",
    ]);
  });

  test("denies a suspended buyer, and a closed collection", async () => {
    const collection = await open();
    const dataset = await register(collection);
    await contracts.identity.execute("suspend", { account: buyer.address }, governor);
    expect((await decisions(collection, [dataset])).policy).toBe("Deny Suspended of Policy");
    await contracts.identity.execute("lift", { account: buyer.address }, governor);
    expect((await decisions(collection, [dataset])).policy).toBe("Approve");
    await contracts.policies.execute("close", { collection }, governor);
    expect((await decisions(collection, [dataset])).policy).toBe("Deny CollectionClosed of Policy");
    await expect(register(collection)).rejects.toMatchObject({
      refusal: { type: "Policies", value: { type: "CollectionClosed" } },
    });
    await contracts.consents.execute("withdraw", { dataset }, contributor);
    expect((await decisions(collection, [dataset])).lines).toEqual(["Deny Withdrawn of Consent"]);
  });

  test("asks for an accredited laboratory as of now, where the policy does", async () => {
    const collection = await open({ laboratory: true });
    const datasets = [await register(collection), await register(collection, { laboratory })];
    const unvouched = "Deny Laboratory of Policy";
    expect((await decisions(collection, datasets)).lines).toEqual([unvouched, unvouched]);
    await grant(laboratory, "AccreditedLaboratory");
    expect((await decisions(collection, datasets)).lines).toEqual([unvouched, "Approve"]);
    await contracts.identity.execute("withholdIssuer", { issuer: issuer.address }, governor);
    expect((await decisions(collection, datasets)).lines).toEqual([unvouched, unvouched]);
    await contracts.identity.execute("restoreIssuer", { issuer: issuer.address }, governor);
    expect((await decisions(collection, datasets)).lines).toEqual([unvouched, "Approve"]);
  });

  test("ends with the consent's own end", async () => {
    const collection = await open();
    const now = BigInt((await contracts.api.query.timestamp!.now!()).toString());
    const dataset = await register(collection, { expiresAt: now + 600_000n });
    expect((await decisions(collection, [dataset])).lines).toEqual(["Approve"]);
    await chain.pass(600_001);
    expect((await decisions(collection, [dataset])).lines).toEqual(["Deny Expired of Consent"]);
    const again = { dataset, terms: terms(), price: TOKEN, expiresAt: null };
    await contracts.consents.execute("amend", again, contributor);
    expect((await decisions(collection, [dataset])).lines).toEqual(["Approve"]);
  });

  test("refuses as a whole what is no question", async () => {
    const refusal = async (asking: Parameters<typeof ask>) => {
      const query = contracts.consents.query("permits", ask(...asking));
      return (await query.catch((error: unknown) => error)) as ContractRefusal;
    };
    expect((await refusal([999, []])).refusal).toMatchObject({ type: "UnknownCollection" });
    const malformed = await refusal([1, [], purpose({ months: 0 })]);
    expect(malformed.refusal).toMatchObject({ type: "Purpose", value: "NoMonths" });
    const many = Array.from({ length: LINES + 1 }, () => `0x${"00".repeat(32)}`);
    expect((await refusal([1, many])).refusal).toMatchObject({ type: "TooMany" });
  });
});

/** A tree of two pairs, (7, 5) and (9, 5): each is the other's only sibling. */
const tree = () => {
  const text = new TextEncoder();
  const u32 = (value: number) => Uint8Array.of(value & 0xff, value >> 8, 0, 0);
  const hash = (domain: string, ...parts: Uint8Array[]) =>
    blake2b256(Uint8Array.from([...text.encode(domain), ...parts.flatMap((part) => [...part])]));
  const leaves = [7, 9].map((child) => hash("keystrand/ontology-leaf", u32(child), u32(5)));
  const [left, right] = leaves as [Uint8Array, Uint8Array];
  const root = hash("keystrand/ontology-root", u32(2), hash("keystrand/ontology-node", left, right));
  const proof = (index: number) => ({ index, count: 2, siblings: [toHex(leaves[1 - index]!)] });
  return { root: toHex(root), proof };
};

describe("a new ontology root", () => {
  test("widens policies and no consent, until its contributor amends it", async () => {
    const { root, proof } = tree();
    const before = await contracts.policies.query("rootVersion", {});
    const cancer = terms({ permission: "DiseaseSpecific", diseases: [5] });
    const collection = await open({ terms: cancer });
    const dataset = await register(collection, { terms: cancer });
    const research = purpose({ kind: "Disease", diseases: [7] });
    const denied = { policy: "Deny Disease of Policy", lines: ["Deny Disease of Consent"] };
    expect(await decisions(collection, [dataset], research)).toEqual(denied);
    const change = { expected: before, root };
    const { returned: version } = await contracts.policies.execute("setRoot", change, governor);
    expect(version).toBe(before + 1);
    expect(await decisions(collection, [dataset], research)).toEqual(denied);
    const pair = { rootVersion: version, child: 7, ancestor: 5 };
    await expect(
      contracts.policies.execute("prove", { ...pair, proof: proof(1) }, buyer),
    ).rejects.toMatchObject({ refusal: "BadProof" });
    await contracts.policies.execute("prove", { ...pair, proof: proof(0) }, buyer);
    expect(await decisions(collection, [dataset], research)).toEqual({
      policy: "Approve",
      lines: ["Deny Disease of Consent"],
    });
    const amendment = { dataset, terms: cancer, price: TOKEN, expiresAt: null };
    await contracts.consents.execute("amend", amendment, contributor);
    expect((await decisions(collection, [dataset], research)).lines).toEqual(["Approve"]);
  });
});

describe("deposits", () => {
  test("only register takes one: no later message of a consent creates storage", async () => {
    const collection = await open();
    const dataset = await register(collection);
    const long = terms({
      permission: "DiseaseSpecific",
      diseases: [1, 2, 3, 4, 5, 6, 7, 8],
      region: toHex(new TextEncoder().encode("DE")),
      months: 1,
      user: `0x${"01".repeat(32)}`,
      project: `0x${"02".repeat(32)}`,
      institution: `0x${"03".repeat(32)}`,
      publishFrom: 1n,
    });
    const amendment = { dataset, terms: long, price: 2n ** 100n, expiresAt: 2n ** 60n };
    const { consents } = contracts;
    expect((await consents.execute("amend", amendment, contributor)).deposit).toBe(0n);
    const paid = { dataset, payee: buyer.address };
    expect((await consents.execute("setPayee", paid, contributor)).deposit).toBe(0n);
    const { root, keyCommitment } = (await consents.query("dataset", { dataset }))!;
    const receipt = custodianReceiptMessage(scope(), {
      dataset: fromHex(dataset),
      root: fromHex(root),
      keyCommitment: fromHex(keyCommitment),
      custodian: laboratory.publicKey,
    });
    const moved = {
      dataset,
      custodian: laboratory.address,
      custodianReceipt: toHex(laboratory.sign(receipt)),
    };
    expect((await consents.execute("setCustodian", moved, contributor)).deposit).toBe(0n);
    expect((await consents.execute("withdraw", { dataset }, contributor)).deposit).toBe(0n);
    expect((await consents.execute("erase", { dataset }, contributor)).deposit).toBe(0n);
    expect(await consents.query("dataset", { dataset })).toMatchObject({ state: "Erased", terms: null });
  });
});

describe("a cohort of 64", () => {
  /** Beside two affiliations and the ethics approval, each scope is one lookup; one list of ancestors is the last. */
  const SCOPES = 60;
  const scopeOf = (number: number) => `0x${(number + 1).toString(16).padStart(64, "0")}`;
  let collection: number;
  const datasets: string[] = [];
  /** The dearest terms that one order may have: as many lookups as the contract does, and all of them held. */
  const dear = (number: number) =>
    terms({
      permission: "DiseaseSpecific",
      diseases: [1, 2, 3, 4, 6, 7, 8, 10],
      modifiers: (1 << 4) | (1 << 8),
      user: scopeOf(number % SCOPES),
    });
  const research = purpose({ kind: "Disease", diseases: [7], nonProfit: true });

  beforeAll(async () => {
    collection = await open({ laboratory: true });
    for (let line = 0; line < LINES; line++)
      datasets.push(await register(collection, { terms: dear(line), laboratory }));
    for (let number = 0; number < SCOPES; number++)
      await grant(buyer, "ControlledAccessGrant", scopeOf(number));
  });

  test("is permitted in one call within 10 % of a block and 3 MB of proof", async () => {
    const run = await contracts.consents.dryRun("permits", ask(collection, datasets, research));
    const { lines } = await decisions(collection, datasets, research);
    expect(lines).toEqual(Array.from({ length: LINES }, () => "Approve"));
    expect(run.gasRequired.refTime).toBeLessThan(MOST_TIME);
    expect(run.gasRequired.proofSize).toBeLessThan(MOST_PROOF);
    if (process.env["PRINT_COSTS"]) console.info("permits of 64", run.gasRequired);
  });

  test("that would need more lookups is refused as too many", async () => {
    const more = purpose({ ...research, diseases: [7, 9] });
    await expect(contracts.consents.query("permits", ask(collection, datasets, more))).rejects.toMatchObject({
      refusal: { type: "TooMany" },
    });
    const fewer = await decisions(collection, datasets.slice(0, SCOPES - 1), more);
    expect(new Set(fewer.lines)).toEqual(new Set(["Deny Disease of Consent"]));
  });

  test("is withdrawn in one call that takes no deposit", async () => {
    const owned = await contracts.consents.query("datasetsOf", { contributor: contributor.address });
    const all = { from: owned - LINES, limit: LINES };
    const done = await contracts.consents.execute("withdrawAll", all, contributor);
    expect(done.deposit).toBe(0n);
    expect(done.returned).toBeNull();
    expect(done.contractEvents.map((event) => event.name)).toEqual(
      Array.from({ length: LINES }, () => "ConsentWithdrawn"),
    );
    const { lines } = await decisions(collection, datasets, research);
    expect(new Set(lines)).toEqual(new Set(["Deny Withdrawn of Consent"]));
  });
});
