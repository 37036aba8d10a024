/** Races of key-release.md up to the release: whichever comes first, money and packet have one owner each. */
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import type { Policy } from "@keystrand/sdk/generated/policies";
import { orderId } from "@keystrand/sdk/signing";
import { decodeAddress } from "@polkadot/util-crypto";
import { afterAll, beforeAll, describe } from "vitest";
import { attestArguments, hashesOf, PRICE, requestFor } from "./orders.fixture.ts";
import { after, type End, type Race, race, type Sent, send } from "./races.fixture.ts";
import {
  attestFor,
  changeQueued,
  LINES,
  lastMoment,
  moved,
  policySet,
  type Stage,
  type Stages,
  stages,
  verdict,
} from "./stages.fixture.ts";

let all: Stages;
beforeAll(async () => {
  all = await stages();
}, 300_000);
afterAll(() => all?.close());
const market = () => all;

const RESEARCH_ON_A_DISEASE: Partial<Policy["terms"]> = { permission: "DiseaseSpecific", diseases: [5] };
const REFUNDED: End = { state: "Refunded", lines: "Refunded Refunded Refunded", owed: 3n * PRICE };

const release = () =>
  send(all.contracts.escrow, "release", { order: all.order, packets: hashesOf(LINES) }, all.custodian);
const attest = async () =>
  send(all.contracts.escrow, "attest", await attestArguments(all, all.order), all.buyer);
const cancel = () => send(all.contracts.escrow, "cancel", { order: all.order }, all.buyer);
const expire = () => send(all.contracts.escrow, "expire", { order: all.order }, all.stranger);
const abort = () => send(all.contracts.escrow, "abort", { order: all.order }, all.stranger);
const pause = () => send(all.contracts.escrow, "pause", {}, all.governor);
const withdrawConsent = () =>
  send(all.contracts.consents, "withdraw", { dataset: all.datasets[0]! }, all.contributor);
const eraseDataset = () =>
  send(all.contracts.consents, "erase", { dataset: all.datasets[0]! }, all.contributor);
const amend = () =>
  send(
    all.contracts.consents,
    "amend",
    { dataset: all.datasets[0]!, terms: all.policy.terms, price: 2n * PRICE, expiresAt: null },
    all.contributor,
  );
const denyPolicy = () => policySet(all, { terms: { ...all.policy.terms, ...RESEARCH_ON_A_DISEASE } });
const withholdVerifier = () =>
  send(all.contracts.attestations, "withholdVerifier", { verifier: all.verifiers[0]!.address }, all.governor);
const withholdMeasurement = () =>
  send(
    all.contracts.attestations,
    "withholdMeasurement",
    { measurement: `0x${"11".repeat(32)}` },
    all.governor,
  );
const revokeCredential = () => send(all.contracts.identity, "revoke", { grant: all.grant }, all.issuer);
const suspendBuyer = () =>
  send(all.contracts.identity, "suspend", { account: all.buyer.address }, all.governor);

/** A race about the order at a stage, after what must come before. */
const at = async (
  stage: Stage,
  contenders: Readonly<Record<string, Sent>>,
  ends: Readonly<Record<string, End>>,
  before: readonly Sent[] = [],
): Promise<Race> => ({
  base: before.length > 0 ? await after(all, all.at[stage], before) : all.at[stage],
  order: all.order,
  contenders,
  ends,
});

describe("release against", () => {
  const RELEASING: End = { state: "Releasing", lines: "Locked Locked Locked", owed: 0n };

  race("a cancel while a change is queued", market, "qualified", async () =>
    at(
      "qualified",
      { cancel: cancel(), release: release() },
      {
        "cancel, release": { ...REFUNDED, refused: { release: "WrongState" } },
        "release, cancel": { ...RELEASING, refused: { cancel: "WrongState" } },
      },
      [changeQueued(all, "Narrower")],
    ),
  );

  race("the deadline", market, "qualified", async () => ({
    ...(await at(
      "qualified",
      { expire: expire(), release: release() },
      {
        last: { ...RELEASING, refused: { expire: "WindowOpen" } },
        late: { ...REFUNDED, refused: { release: "WrongState" } },
        "expire, release": {
          state: "Qualified",
          lines: "Open Open Open",
          refused: { expire: "WindowOpen", release: "WindowOver" },
        },
        "release, expire": { ...RELEASING, refused: { expire: "WindowOpen" } },
      },
    )),
    last: await lastMoment(all, all.at.qualified),
  }));

  const ONE_DROPPED: End = { state: "Releasing", lines: "Refunded Locked Locked", owed: PRICE };
  race("a consent's withdrawal", market, "qualified", () =>
    at(
      "qualified",
      { withdraw: withdrawConsent(), release: release() },
      { "withdraw, release": ONE_DROPPED, "release, withdraw": RELEASING },
    ),
  );

  race("a dataset's erasure", market, "qualified", () =>
    at(
      "qualified",
      { erase: eraseDataset(), release: release() },
      { "erase, release": ONE_DROPPED, "release, erase": RELEASING },
    ),
  );

  race("an amendment of price: what create pinned stays", market, "qualified", () =>
    at(
      "qualified",
      { amend: amend(), release: release() },
      { "amend, release": RELEASING, "release, amend": RELEASING },
    ),
  );

  race("a move to another custodian: open orders stay where they are", market, "qualified", async () =>
    at(
      "qualified",
      { move: await moved(all, all.stranger), release: release() },
      { "move, release": RELEASING, "release, move": RELEASING },
    ),
  );

  race("the guardians' pause", market, "qualified", () =>
    at(
      "qualified",
      { pause: pause(), release: release() },
      {
        "pause, release": { state: "Qualified", refused: { release: "Paused" } },
        "release, pause": RELEASING,
      },
    ),
  );

  race("a policy that denies", market, "qualified", () =>
    at(
      "qualified",
      { policy: denyPolicy(), release: release() },
      { "policy, release": REFUNDED, "release, policy": RELEASING },
    ),
  );

  race("an abort under a policy that denies", market, "qualified", () =>
    at(
      "qualified",
      { abort: abort(), release: release() },
      {
        "abort, release": { ...REFUNDED, refused: { release: "WrongState" } },
        "release, abort": { ...REFUNDED, refused: { abort: "WrongState" } },
      },
      [denyPolicy()],
    ),
  );

  race("a verifier's withholding", market, "qualified", () =>
    at(
      "qualified",
      { withhold: withholdVerifier(), release: release() },
      {
        "withhold, release": { state: "Qualified", refused: { release: "Attestation TooFewVerifiers" } },
        "release, withhold": RELEASING,
      },
    ),
  );

  race("a measurement's withholding", market, "qualified", () =>
    at(
      "qualified",
      { withhold: withholdMeasurement(), release: release() },
      {
        "withhold, release": { state: "Qualified", refused: { release: "Attestation MeasurementRevoked" } },
        "release, withhold": RELEASING,
      },
    ),
  );

  race("invalidation of an attestation that fell", market, "qualified", () =>
    at(
      "qualified",
      {
        invalidate: send(all.contracts.escrow, "invalidate", { order: all.order }, all.stranger),
        release: release(),
      },
      {
        "invalidate, release": { state: "Funded", refused: { release: "WrongState" } },
        "release, invalidate": { state: "Funded", refused: { release: "Attestation TooFewVerifiers" } },
      },
      [withholdVerifier()],
    ),
  );

  race("a credential's revocation", market, "qualified", () =>
    at(
      "qualified",
      { revoke: revokeCredential(), release: release() },
      { "revoke, release": REFUNDED, "release, revoke": RELEASING },
    ),
  );

  race("the buyer's suspension", market, "qualified", () =>
    at(
      "qualified",
      { suspend: suspendBuyer(), release: release() },
      { "suspend, release": REFUNDED, "release, suspend": RELEASING },
    ),
  );
});

describe("attest against", () => {
  const QUALIFIED: End = { state: "Qualified", lines: "Open Open Open", owed: 0n };

  race("a cancel", market, "funded", async () =>
    at(
      "funded",
      { cancel: cancel(), attest: await attestFor(all) },
      {
        "cancel, attest": { ...REFUNDED, refused: { attest: "WrongState" } },
        "attest, cancel": { ...QUALIFIED, refused: { cancel: "NoChangeQueued" } },
      },
    ),
  );

  race("the deadline", market, "funded", async () => ({
    ...(await at(
      "funded",
      { expire: expire(), attest: await attest() },
      {
        last: { ...QUALIFIED, refused: { expire: "WindowOpen" } },
        late: { ...REFUNDED, refused: { attest: "WrongState" } },
        "expire, attest": { state: "Funded", refused: { expire: "WindowOpen", attest: "WindowOver" } },
        // Attested too late to be released, it is refunded all the same.
        "attest, expire": REFUNDED,
      },
    )),
    last: await lastMoment(all, all.at.funded),
  }));

  race("a consent's withdrawal", market, "funded", async () =>
    at(
      "funded",
      { withdraw: withdrawConsent(), attest: await attest() },
      {
        "withdraw, attest": { state: "Qualified", lines: "Refunded Open Open", owed: PRICE },
        "attest, withdraw": QUALIFIED,
      },
    ),
  );

  race("the guardians' pause", market, "funded", async () =>
    at(
      "funded",
      { pause: pause(), attest: await attest() },
      {
        "pause, attest": { state: "Funded", refused: { attest: "Paused" } },
        "attest, pause": QUALIFIED,
      },
    ),
  );

  race("a front-runner with the same results: no evidence is burnt", market, "funded", async () =>
    at(
      "funded",
      {
        copy: send(all.contracts.escrow, "attest", await attestArguments(all, all.order), all.stranger),
        attest: await attest(),
      },
      {
        "copy, attest": { ...QUALIFIED, refused: { copy: "NotBuyer" } },
        "attest, copy": { ...QUALIFIED, refused: { copy: "WrongState" } },
      },
    ),
  );

  race("another enclave of the same order: the first is the order's", market, "funded", async () =>
    at(
      "funded",
      { one: await attest(), other: await attestFor(all, 2) },
      {
        "one, other": { ...QUALIFIED, refused: { other: "WrongState" } },
        "other, one": { ...QUALIFIED, refused: { one: "WrongState" } },
      },
    ),
  );

  race("a verifier's withholding", market, "funded", async () =>
    at(
      "funded",
      { withhold: withholdVerifier(), attest: await attest() },
      {
        "withhold, attest": { state: "Funded", refused: { attest: "Attestation UnknownVerifier" } },
        "attest, withhold": QUALIFIED,
      },
    ),
  );

  race("a policy that denies", market, "funded", async () =>
    at(
      "funded",
      { policy: denyPolicy(), attest: await attest() },
      { "policy, attest": REFUNDED, "attest, policy": QUALIFIED },
    ),
  );

  race("a credential's revocation", market, "funded", async () =>
    at(
      "funded",
      { revoke: revokeCredential(), attest: await attest() },
      { "revoke, attest": REFUNDED, "attest, revoke": QUALIFIED },
    ),
  );
});

describe("create against", () => {
  const FUNDED: End = { state: "Funded", lines: "Open Open Open" };
  const NONE = { state: "none", lines: "" };

  /** An order that a buyer opens while something else happens to what they saw. */
  const creation = async (name: string, other: Sent, why: string): Promise<Race> => {
    const request = await requestFor(all, LINES);
    const { contracts, buyer } = all;
    const scope = {
      genesis: fromHex(contracts.deployment.genesis),
      contract: decodeAddress(contracts.escrow.address),
    };
    return {
      base: all.at.review,
      order: toHex(orderId(scope, buyer.publicKey, fromHex(request.nonce))),
      contenders: { [name]: other, create: send(contracts.escrow, "create", { request }, buyer, 3n * PRICE) },
      ends: {
        [`${name}, create`]: { ...NONE, refused: { create: why } },
        [`create, ${name}`]: FUNDED,
      },
    };
  };

  race("a consent's withdrawal", market, "review", () =>
    creation("withdraw", withdrawConsent(), "LineDenied"),
  );
  race("an amendment of price", market, "review", () => creation("amend", amend(), "ConsentChanged"));
  race("a policy that the buyer did not see", market, "review", () =>
    creation("policy", policySet(all, { minCohort: 3 }), "PolicyChanged"),
  );
  race("the announcement of a widening", market, "review", () =>
    creation("announce", changeQueued(all, "Mixed"), "WideningQueued"),
  );
  race("the guardians' pause", market, "review", () => creation("pause", pause(), "Paused"));
  race("the buyer's suspension", market, "review", () => creation("suspend", suspendBuyer(), "PolicyDenied"));
});

describe("the committee", () => {
  race("clears against refuses: the first verdict counts", market, "review", async () => ({
    base: all.at.review,
    order: all.orderUnderReview,
    contenders: {
      clear: await verdict(all, true, all.stranger),
      refuse: await verdict(all, false, all.custodian),
    },
    ends: {
      "clear, refuse": { state: "Funded", lines: "Open Open Open", refused: { refuse: "WrongState" } },
      "refuse, clear": { ...REFUNDED, refused: { clear: "WrongState" } },
    },
  }));

  race("clears against the announcement of a widening", market, "review", async () => ({
    base: all.at.review,
    order: all.orderUnderReview,
    contenders: { clear: await verdict(all, true, all.stranger), announce: changeQueued(all, "Mixed") },
    ends: {
      "clear, announce": { state: "Funded" },
      "announce, clear": { state: "UnderReview", refused: { clear: "WideningQueued" } },
    },
  }));
});
