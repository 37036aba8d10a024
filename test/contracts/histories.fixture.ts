/** Performs histories that the Rust reference model wrote (contracts-ink/commons/tests/order/history.rs). */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { fromHex, toHex } from "@keystrand/sdk/bytes";
import { accountFrom, fund } from "@keystrand/sdk/chain";
import type { ContractClient, Contracts, MessageTypes } from "@keystrand/sdk/contracts";
import { developmentPolicy, TOKEN } from "@keystrand/sdk/deploy";
import type { Receipt } from "@keystrand/sdk/generated/escrow";
import type { Policy } from "@keystrand/sdk/generated/policies";
import {
  attestationMessage,
  blake2b256,
  concessionMessage,
  custodianReceiptMessage,
  enclaveMessage,
  orderId,
  receiptMessage,
  settlementMessage,
} from "@keystrand/sdk/signing";
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { expect } from "vitest";
import { MEASUREMENT, PURPOSE, registration, TERMS } from "./orders.fixture.ts";

/** One step, as the model wrote it. Money is text, times are ms since the history's start. */
export interface Step {
  readonly do: string;
  readonly now: number;
  readonly ok: boolean;
  readonly held: string;
  readonly balance: string;
  readonly order?: readonly [buyer: number, nonce: number];
  readonly state?: string;
  readonly pieces?: readonly string[];
  readonly owed?: Readonly<Record<string, string>>;
  readonly by?: number;
  readonly to?: number;
  readonly dataset?: number;
  readonly datasets?: readonly number[];
  readonly versions?: readonly number[];
  readonly policy?: number;
  readonly custodian?: number;
  readonly paid?: string;
  readonly price?: string;
  readonly amount?: string;
  readonly answer?: "Approve" | "Deny";
  readonly split?: readonly [number, number, number];
  readonly cohort?: number;
  readonly bond?: string;
  readonly treasury?: number;
  readonly arbitrator?: number;
  readonly widens?: boolean | null;
  readonly stands?: boolean;
  readonly evidence?: number;
  readonly named?: "Good" | "Bad" | null;
  readonly lines?: readonly number[];
  readonly worth?: "Good" | "Bad";
  readonly receipt?: "Good" | "Bad" | null;
  readonly shares?: readonly (readonly [number, number])[];
  readonly concession?: boolean;
  readonly share?: number;
  readonly inTime?: boolean;
  readonly signers?: readonly number[];
}

export interface History {
  readonly seed: number;
  readonly timed: boolean;
  readonly windows: readonly [number, number, number, number, number];
  readonly steps: readonly Step[];
}

/** A history of a file, packed or not. */
export const historyOf = (file: string | URL): History => {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("utf8");
  const [head, ...steps] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { ...(head as Omit<History, "steps">), steps: steps as Step[] };
};

/** Where a history is performed. */
export interface Ground {
  readonly contracts: Contracts;
  readonly governor: KeyringPair;
  /** Sends a call in a block at this time of the history, ms. False: the contract refused it. */
  readonly send: (
    extrinsic: ReturnType<NonNullable<Contracts["api"]["tx"]["contracts"]>["call"] & object>,
    by: KeyringPair,
    now: number,
  ) => Promise<boolean>;
  /** The chain's time at this time of the history, ms since 1970. */
  readonly time: (now: number) => Promise<number>;
}

const BUYERS = [1, 13];
const [CUSTODIAN, ARBITRATOR, TREASURY, STRANGER] = [2, 3, 4, 5] as const;
const DATASETS = 8;
const [CONTRIBUTOR, PAYEE] = [100, 150] as const;
const YEAR = 365n * 24n * 3_600_000n;
const HOUR = 3_600_000;
/** Room for any message of an order of a few lines. */
const GAS = { refTime: 60_000_000_000n, proofSize: 1_500_000n };
const PACKET = 108;
const DENYING = { ...TERMS, permission: "DiseaseSpecific", diseases: [5] } as const;

const packet = (line: number, worth: "Good" | "Bad" = "Good") => {
  const bytes = new Uint8Array(PACKET).fill(line);
  if (worth === "Bad") bytes[3]! ^= 0x10;
  return toHex(bytes);
};
const flipped = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

/** The market of a history: numbered accounts, eight datasets and one collection. */
export class Performance {
  private readonly ground: Ground;
  private readonly history: History;
  private readonly keys = new Map<number, KeyringPair>();
  private readonly datasets: string[] = [];
  private enclave!: KeyringPair;
  private verifiers: KeyringPair[] = [];
  private collection = 0;
  private policy!: Policy;
  private version = 1;
  private policyHash = "0x";
  private startBalance = 0n;

  constructor(ground: Ground, history: History) {
    this.ground = ground;
    this.history = history;
  }

  private key(number: number): KeyringPair {
    return this.keys.get(number)!;
  }

  /** Accounts, verifiers, the policy and the datasets, as the model begins. */
  async prepare(): Promise<void> {
    const { contracts, governor } = this.ground;
    const { api, attestations, consents, policies, escrow } = contracts;
    const each = Array.from({ length: DATASETS }, (_, index) => index);
    const numbers = [
      ...BUYERS,
      CUSTODIAN,
      14,
      ARBITRATOR,
      TREASURY,
      STRANGER,
      ...each.flatMap((index) => [CONTRIBUTOR + index, PAYEE + index]),
    ];
    for (const number of numbers) this.keys.set(number, await accountFrom(`//Alice//history/${number}`));
    const rich = numbers.filter((number) => BUYERS.includes(number));
    const address = (number: number) => this.key(number).address;
    await fund(api, governor, numbers.map(address), 2_000n * TOKEN);
    await fund(api, governor, rich.map(address), 50_000n * TOKEN);
    this.enclave = await accountFrom("//Alice//history/enclave");
    this.verifiers = await Promise.all([1, 2].map((number) => accountFrom(`//Alice//history/v/${number}`)));
    for (const { address: verifier } of this.verifiers)
      await attestations.execute("addVerifier", { verifier }, governor);
    const measurement = toHex(MEASUREMENT);
    const reference = { platform: "Simulated", minTcbDate: 0n, label: "history" } as const;
    await attestations.execute("addReference", { measurement, reference }, governor);
    const [fulfil, release, dispute, answer, arbitration] = this.history.windows.map(BigInt) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const base = developmentPolicy({
      measurement,
      arbitrator: address(ARBITRATOR),
      treasury: address(TREASURY),
      committee: [governor.address],
    });
    this.policy = {
      ...base,
      attestation: { ...base.attestation, maxAge: YEAR },
      terms: TERMS,
      required: [],
      minCohort: 2,
      windows: { fulfil, release, dispute, answer, arbitration },
      bond: TOKEN,
    };
    const opened = await policies.execute("open", { policy: this.policy, disease: null }, governor);
    this.collection = opened.returned;
    for (const index of each) {
      const contributor = this.key(CONTRIBUTOR + index);
      const custodian = this.key(CUSTODIAN);
      const payee = address(PAYEE + index);
      const args = registration(contracts, this.collection, 0, payee, contributor, custodian);
      this.datasets.push((await consents.execute("register", args, contributor)).returned);
    }
    await this.readPolicy();
    this.startBalance = await this.balance();
    expect(await escrow.query("held", {})).toBe(0n);
  }

  private async readPolicy(): Promise<void> {
    const view = await this.ground.contracts.policies.query("view", { collection: this.collection });
    this.version = view.version;
    this.policyHash = view.hash;
  }

  private async balance(): Promise<bigint> {
    const { api, escrow } = this.ground.contracts;
    const account = (await api.query.system!.account!(escrow.address)) as unknown as {
      data: { free: { toBigInt(): bigint } };
    };
    return account.data.free.toBigInt();
  }

  private scope(order: string) {
    const { deployment, escrow } = this.ground.contracts;
    return {
      genesis: fromHex(deployment.genesis),
      contract: decodeAddress(escrow.address),
      order: fromHex(order),
    };
  }

  /** Performs a step and compares the chain with the model. */
  async perform(step: Step, number: number): Promise<void> {
    const where = `step ${number} of seed ${this.history.seed}: ${JSON.stringify(step)}`;
    if (step.do !== "time") {
      const done = await this.act(step);
      expect(done, where).toBe(step.ok);
      if (step.do === "policy") await this.readPolicy();
    }
    const { escrow } = this.ground.contracts;
    expect((await escrow.query("held", {})).toString(), where).toBe(step.held);
    expect(((await this.balance()) - this.startBalance).toString(), where).toBe(step.balance);
    if (!step.order) return;
    const order = this.orderOf(step);
    const view = await escrow.query("order", { order });
    expect(view?.head.state, where).toBe(step.state);
    const lines = await escrow.query("lines", { order });
    const pieces = lines.map(({ state }) => (state === "Paid" || state === "Refunded" ? "Ended" : state));
    expect(pieces, where).toEqual(step.pieces ?? []);
    for (const [who, amount] of Object.entries(step.owed ?? {})) {
      const account = this.key(Number(who)).address;
      expect((await escrow.query("credit", { order, account })).toString(), where).toBe(amount);
    }
  }

  private orderOf({ order }: Step): string {
    const [buyer, nonce] = order!;
    const { deployment, escrow } = this.ground.contracts;
    const scope = { genesis: fromHex(deployment.genesis), contract: decodeAddress(escrow.address) };
    return toHex(orderId(scope, this.key(buyer).publicKey, new Uint8Array(32).fill(nonce)));
  }

  private call<M extends MessageTypes, L extends keyof M & string>(
    client: ContractClient<M>,
    label: L,
    args: M[L]["args"],
    by: KeyringPair,
    now: number,
    value = 0n,
  ): Promise<boolean> {
    const data = toHex(client.abi.message(label).encode(args as Record<string, unknown>));
    const { tx } = this.ground.contracts.api;
    return this.ground.send(tx.contracts!.call!(client.address, value, GAS, null, data), by, now);
  }

  private async act(step: Step): Promise<boolean> {
    const { contracts, governor } = this.ground;
    const { api, attestations, consents, escrow, policies } = contracts;
    const { collection } = this;
    const by = this.key(step.by ?? STRANGER);
    const anyone = this.key(STRANGER);
    const { now } = step;
    const dataset = this.datasets[step.dataset ?? 0]!;
    const contributor = this.key(CONTRIBUTOR + (step.dataset ?? 0));
    switch (step.do) {
      case "donate":
        return this.ground.send(
          api.tx.balances!.transferKeepAlive!(escrow.address, BigInt(step.amount!)),
          anyone,
          now,
        );
      case "amend": {
        const terms = step.answer === "Deny" ? DENYING : TERMS;
        const args = {
          dataset,
          terms: { ...terms, diseases: [...terms.diseases] },
          price: BigInt(step.price!),
          expiresAt: null,
        };
        return this.call(consents, "amend", args, contributor, now);
      }
      case "move":
        return this.call(
          consents,
          "setCustodian",
          await this.moved(dataset, step.custodian!),
          contributor,
          now,
        );
      case "policy": {
        const [contributors, custodian, treasury] = step.split!;
        this.policy = {
          ...this.policy,
          terms: step.answer === "Deny" ? DENYING : TERMS,
          // So that no two policies in a row are the same.
          attestation: { ...this.policy.attestation, maxAge: this.policy.attestation.maxAge + 1n },
          split: { contributor: contributors, custodian, treasury },
          minCohort: step.cohort!,
          bond: BigInt(step.bond!),
          treasury: this.key(step.treasury!).address,
          arbitrator: this.key(step.arbitrator!).address,
        };
        const args = { collection, expected: this.version, policy: this.policy };
        return this.call(policies, "setPolicy", args, governor, now);
      }
      case "queue": {
        if (step.widens === null)
          return this.call(policies, "clear", { collection, proposal: 1 }, governor, now);
        const change = {
          proposal: 1,
          version: this.version + 1,
          hash: `0x${"02".repeat(32)}`,
          direction: step.widens ? ("Mixed" as const) : ("Narrower" as const),
          from: 0n,
          until: 2n ** 60n,
        };
        return this.call(policies, "queue", { collection, change }, governor, now);
      }
      case "attestation": {
        const label = step.stands ? "restoreMeasurement" : "withholdMeasurement";
        return this.call(attestations, label, { measurement: toHex(MEASUREMENT) }, governor, now);
      }
      case "pause":
      case "resume":
        return this.call(escrow, step.do, {}, governor, now);
      case "create":
        return this.create(step);
      default:
        return this.message(step, this.orderOf(step), by, anyone);
    }
  }

  private async moved(dataset: string, to: number) {
    const { consents, deployment } = this.ground.contracts;
    const custodian = this.key(to);
    const { root, keyCommitment } = (await consents.query("dataset", { dataset }))!;
    const message = custodianReceiptMessage(
      { genesis: fromHex(deployment.genesis), contract: decodeAddress(consents.address) },
      {
        dataset: fromHex(dataset),
        root: fromHex(root),
        keyCommitment: fromHex(keyCommitment),
        custodian: custodian.publicKey,
      },
    );
    return { dataset, custodian: custodian.address, custodianReceipt: toHex(custodian.sign(message)) };
  }

  private create(step: Step): Promise<boolean> {
    const request = {
      collection: this.collection,
      custodian: this.key(step.custodian!).address,
      lines: step.datasets!.map((number, index) => ({
        dataset: this.datasets[number] ?? `0x${"00".repeat(32)}`,
        consentVersion: step.versions![index]!,
      })),
      purpose: PURPOSE,
      policyVersion: step.policy!,
      policyHash: this.policyHash,
      readerKey: `0x${"03".repeat(32)}`,
      job: `0x${"04".repeat(32)}`,
      nonce: toHex(new Uint8Array(32).fill(step.order![1])),
    };
    const { escrow } = this.ground.contracts;
    return this.call(escrow, "create", { request }, this.key(step.by!), step.now, BigInt(step.paid!));
  }

  private async message(step: Step, order: string, by: KeyringPair, anyone: KeyringPair): Promise<boolean> {
    const { escrow } = this.ground.contracts;
    const { now } = step;
    const named = toHex(Uint8Array.from(step.lines ?? []));
    switch (step.do) {
      case "cancel":
      case "forget":
        return this.call(escrow, step.do, { order }, by, now);
      case "invalidate":
      case "expire":
      case "abort":
      case "finalize":
      case "concede":
        return this.call(escrow, step.do, { order }, anyone, now);
      case "timeout":
        return this.call(escrow, "arbitrationTimeout", { order }, anyone, now);
      case "attest":
        return this.call(escrow, "attest", await this.attestation(step, order), by, now);
      case "release": {
        const packets = step.lines!.map((line) => ({ line, hash: toHex(blake2b256(fromHex(packet(line)))) }));
        return this.call(escrow, "release", { order, packets }, by, now);
      }
      case "deliver": {
        const packets = step.lines!.map((line, index) => ({
          line,
          bytes: packet(line, index === 0 ? step.worth : "Good"),
        }));
        return this.call(escrow, "deliver", { order, packets }, by, now);
      }
      case "accept": {
        const receipt = step.receipt ? await this.receipt(order, [], step.receipt) : null;
        return this.call(escrow, "accept", { order, receipt }, by, now);
      }
      case "reject": {
        const receipt = await this.receipt(order, step.lines!, step.worth!);
        return this.call(escrow, "reject", { order, bad: named, receipt }, anyone, now);
      }
      case "dispute":
      case "answer":
        return this.call(escrow, step.do, { order, lines: named }, by, now, BigInt(step.paid!));
      case "rule": {
        const shares = step.shares!.map(([line, share]) => ({ line, share }));
        return this.call(escrow, "rule", { order, shares }, by, now);
      }
      case "settle": {
        const deadline = BigInt((await this.ground.time(now)) + (step.inTime ? HOUR : -HOUR));
        const agreed = { lines: step.lines!, share: step.share!, deadline };
        const layout = step.concession ? concessionMessage : settlementMessage;
        const message = layout(this.scope(order), agreed);
        const signatures = step.signers!.map((signer) => ({
          signer: this.key(signer).address,
          signature: toHex(this.key(signer).sign(message)),
        }));
        const parts = step.concession ? ("Custodian" as const) : ("All" as const);
        const agreement = { lines: named, parts, share: step.share!, deadline };
        return this.call(escrow, "settleMutually", { order, agreement, signatures }, anyone, now);
      }
      case "withdraw":
        return this.call(escrow, "withdraw", { order, to: this.key(step.to!).address }, anyone, now);
      default:
        throw new Error(`No such step: ${step.do}`);
    }
  }

  private async attestation(step: Step, order: string) {
    const issued = BigInt(await this.ground.time(step.now));
    const encryption = new Uint8Array(32).fill(8);
    const keys = { suite: 1, encryption, signing: this.enclave.publicKey };
    const fields = {
      keys,
      platform: "Simulated" as const,
      measurement: MEASUREMENT,
      tcbDate: issued,
      debug: false,
      evidence: new Uint8Array(32).fill(step.evidence!),
      issued,
      expires: issued + 3n * YEAR,
    };
    const message = attestationMessage(this.scope(order), fields);
    const buyer = this.key(step.order![0]);
    const naming = { ...keys, signing: step.named === "Bad" ? flipped(keys.signing, 5) : keys.signing };
    return {
      claim: {
        ...fields,
        order,
        keys: { suite: 1, encryption: toHex(encryption), signing: toHex(keys.signing) },
        measurement: toHex(MEASUREMENT),
        evidence: toHex(fields.evidence),
      },
      signatures: this.verifiers.map((verifier) => ({
        verifier: verifier.address,
        signature: toHex(verifier.sign(message)),
      })),
      buyerSignature: step.named ? toHex(buyer.sign(enclaveMessage(this.scope(order), naming))) : null,
    };
  }

  private async receipt(order: string, bad: readonly number[], worth: "Good" | "Bad"): Promise<Receipt> {
    const lines = await this.ground.contracts.escrow.query("lines", { order });
    const output = new Uint8Array(32).fill(0xaa);
    const message = receiptMessage(this.scope(order), {
      suite: 1,
      output,
      lines: lines.flatMap((line, index) =>
        (line.flags & 1) === 0
          ? []
          : [
              {
                dataset: fromHex(line.dataset),
                root: fromHex(line.root),
                keyCommitment: fromHex(line.keyCommitment),
                packet: fromHex(line.packet),
                good: !bad.includes(index),
              },
            ],
      ),
    });
    const signature = toHex(this.enclave.sign(message));
    return { output: toHex(worth === "Bad" ? flipped(output, 0) : output), signature };
  }
}
