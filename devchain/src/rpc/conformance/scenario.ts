/** What both nodes are asked: every method, well and badly, and the ways of transactions. */
import { type ApiPromise, Keyring } from "@polkadot/api";

import type { Json } from "../json.ts";

export const GENESIS = "0xecd3ff3d99c67b8faef84a466562482d3cdb00bd81ff82dc974b0a43bad04417";
const NOWHERE = `0x${"11".repeat(32)}`;
const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
/** `System.Number`: absent at genesis. */
const NUMBER = "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac";
/** `Timestamp.Now` */
const NOW = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
const SYSTEM = "0x26aa394eea5630e07c48ae0c9558cef7";
/** The child trie with an empty name. */
const CHILD = "0x3a6368696c645f73746f726167653a64656661756c743a00";
/** A timestamp inherent: what no user may send. */
const INHERENT = "0x280403000b1e17a709a201";

type Call = readonly [method: string, ...params: Json[]];

/** Calls on a chain at block 0. */
export const genesisCalls: readonly Call[] = [
  ["rpc_methods"],
  ["system_name"],
  ["system_version"],
  ["system_chain"],
  ["system_chainType"],
  ["system_properties"],
  ["system_health"],
  ["system_localPeerId"],
  ["system_localListenAddresses"],
  ["system_peers"],
  ["system_nodeRoles"],
  ["system_syncState"],
  ["system_reservedPeers"],
  ["system_unstable_networkState"],
  ["system_addLogFilter", "info"],
  ["system_resetLogFilter"],
  ["system_accountNextIndex", ALICE],
  ["account_nextIndex", ALICE],
  ["system_accountNextIndex", "bad"],
  ["system_accountNextIndex", `${ALICE.slice(0, -1)}X`],
  ["system_accountNextIndex", "0OIl"],
  ["system_accountNextIndex"],
  ["system_accountNextIndex", 1],
  ["system_accountNextIndex", null],
  ["system_dryRun", "0x00"],
  ["system_dryRun", "0x00", NOWHERE],
  ["system_dryRunAt", "0x00", NOWHERE],
  ["chain_getBlock"],
  ["chain_getBlock", NOWHERE],
  ["chain_getBlock", "0x11"],
  ["chain_getBlock", "zz"],
  ["chain_getBlock", null],
  ["chain_getBlock", 5],
  ["chain_getBlock", true],
  ["chain_getBlock", {}],
  ["chain_getBlock", GENESIS, "extra"],
  ["chain_getBlockHash"],
  ["chain_getBlockHash", null],
  ["chain_getBlockHash", 0],
  ["chain_getBlockHash", "0x0"],
  ["chain_getBlockHash", "0x"],
  ["chain_getBlockHash", "0"],
  ["chain_getBlockHash", [0, 1, 99]],
  ["chain_getBlockHash", 99],
  ["chain_getBlockHash", -1],
  ["chain_getBlockHash", 4294967296],
  ["chain_getBlockHash", "0x1ffffffff"],
  ["chain_getBlockHash", 1.5],
  ["chain_getFinalizedHead"],
  ["chain_getFinalisedHead"],
  ["chain_getHead"],
  ["chain_getHeader"],
  ["chain_getHeader", NOWHERE],
  ["chain_getRuntimeVersion"],
  ["chain_getRuntimeVersion", NOWHERE],
  ["state_getRuntimeVersion", GENESIS],
  ["state_getMetadata"],
  ["state_getMetadata", NOWHERE],
  ["state_call", "Core_version", "0x"],
  ["state_call", "Core_version", "0x", NOWHERE],
  ["state_call", "Nope_x", "0x"],
  ["state_call", "Metadata_metadata_versions", "0x"],
  ["state_call", "Metadata_metadata_at_version", "0x"],
  ["state_call", "Metadata_metadata_at_version", "0x0f000000"],
  ["state_call", "Core_execute_block", "0x00"],
  ["state_call", "TransactionPaymentApi_query_info", "0x0000"],
  ["state_callAt", "Core_version", "0x", GENESIS],
  ["state_call", "Core_version", "zz"],
  ["state_call", "Core_version"],
  ["state_call", 1, "0x"],
  ["state_getStorage", "0x3a636f6465aa"],
  ["state_getStorage", NUMBER],
  ["state_getStorage", NUMBER, NOWHERE],
  ["state_getStorage", "26aa"],
  ["state_getStorage", "0x2"],
  ["state_getStorage", ""],
  ["state_getStorage", "0x"],
  ["state_getStorage", [58, 99]],
  ["state_getStorage", 5],
  ["state_getStorage", "0x1", 5],
  ["state_getStorageHash", "0x3a636f6465"],
  ["state_getStorageSize", "0x3a636f6465"],
  ["state_getStorageHash", "0x3a63"],
  ["state_getStorageSize", "0x3a63"],
  ["state_getStorageSize", "0xffff"],
  ["state_getStorageAt", "0x3a63"],
  ["state_getStorageHashAt", "0x3a636f6465", GENESIS],
  ["state_getStorageSizeAt", "0x3a636f6465"],
  ["state_getKeys", SYSTEM],
  ["state_getKeys"],
  ["state_getKeys", SYSTEM, NOWHERE],
  ["state_getPairs", SYSTEM],
  ["state_getKeysPaged", "0x", 3],
  ["state_getKeysPaged", null, 3],
  ["state_getKeysPaged", "0x26aa", 2, NUMBER],
  ["state_getKeysPaged", "0x", 1001],
  ["state_getKeysPaged", "0x", 1000],
  ["state_getKeysPaged", "0x", 0],
  ["state_getKeysPaged", "0x"],
  ["state_getKeysPaged", "0x", "3"],
  ["state_getKeysPaged", "0x", -1],
  ["state_getKeysPagedAt", "0x", 2, null, GENESIS],
  ["state_queryStorage", ["0x3a63"], GENESIS],
  ["state_queryStorage", [NUMBER], GENESIS, null],
  ["state_queryStorage", ["0x00"], NOWHERE],
  ["state_queryStorageAt", [NUMBER, "0x00"]],
  ["state_queryStorageAt", ["0x00"], NOWHERE],
  ["state_queryStorageAt"],
  ["state_queryStorageAt", "0x00"],
  ["state_getReadProof", [NUMBER]],
  ["state_getReadProof", ["0x3a"]],
  ["state_getReadProof", [], GENESIS],
  ["state_getReadProof", [`${SYSTEM}b99d880ec681799c0cf30e8886371da9`]],
  ["state_getReadProof", ["0x00"], NOWHERE],
  ["state_getChildReadProof", CHILD, ["0x00"]],
  ["state_getChildReadProof", "0x00", ["0x00"]],
  ["state_traceBlock", GENESIS, null, null, null],
  ["state_traceBlock", NOWHERE],
  ["childstate_getStorage", CHILD, "0x00"],
  ["childstate_getStorage", "0x00", "0x00"],
  ["childstate_getStorage", CHILD, "0x00", NOWHERE],
  ["childstate_getKeys", CHILD, "0x"],
  ["childstate_getKeysPaged", CHILD, "0x", 10],
  ["childstate_getKeysPaged", "0x00", "0x", 10],
  ["childstate_getKeysPaged", CHILD, "0x", 1001],
  ["childstate_getKeysPagedAt", CHILD, "0x", 10, null, GENESIS],
  ["childstate_getStorageEntries", CHILD, ["0x00"]],
  ["childstate_getStorageEntries", "0x00", ["0x00"]],
  ["childstate_getStorageHash", CHILD, "0x00"],
  ["childstate_getStorageSize", CHILD, "0x00"],
  ["author_pendingExtrinsics"],
  ["author_submitExtrinsic", "0x00"],
  ["author_submitExtrinsic", "0x00"],
  ["author_submitExtrinsic", "0x"],
  ["author_submitExtrinsic", "0x04"],
  ["author_submitExtrinsic", "0x0c010203"],
  ["author_submitExtrinsic", INHERENT],
  ["author_submitExtrinsic", "zz"],
  ["author_submitExtrinsic"],
  ["author_submitExtrinsic", 5],
  ["author_hasKey", "0x00", "aura"],
  ["author_hasKey", "0x00", "toolong"],
  ["author_hasSessionKeys", "0x"],
  ["author_rotateKeys"],
  ["author_insertKey", "test", "//Alice", "0x0102"],
  ["author_removeExtrinsic", []],
  ["author_removeExtrinsic", [{ hash: NOWHERE }]],
  ["author_removeExtrinsic", [{ extrinsic: "0x00" }]],
  ["author_submitAndWatchExtrinsic", "0x00"],
  ["author_submitAndWatchExtrinsic", "0x"],
  ["author_unwatchExtrinsic", "x"],
  ["author_unwatchExtrinsic"],
  ["payment_queryInfo", "0x00"],
  ["payment_queryFeeDetails", "0x00"],
  ["payment_queryInfo", "0x00", NOWHERE],
  ["offchain_localStorageGet", "PERSISTENT", "0x01"],
  ["offchain_localStorageSet", "PERSISTENT", "0x01", "0x02"],
  ["offchain_localStorageGet", "PERSISTENT", "0x01"],
  ["offchain_localStorageGet", "LOCAL", "0x01"],
  ["offchain_localStorageSet", "LOCAL", "0x01", "0x02"],
  ["offchain_localStorageGet", "X", "0x01"],
  ["chainSpec_v1_chainName"],
  ["chainSpec_v1_genesisHash"],
  ["chainSpec_v1_properties"],
  ["archive_unstable_genesisHash"],
  ["archive_unstable_finalizedHeight"],
  ["archive_unstable_hashByHeight", 0],
  ["archive_unstable_hashByHeight", 99],
  ["archive_unstable_body", GENESIS],
  ["archive_unstable_body", NOWHERE],
  ["archive_unstable_header", GENESIS],
  ["archive_unstable_header", NOWHERE],
  ["archive_unstable_call", GENESIS, "Core_version", "0x"],
  ["archive_unstable_call", NOWHERE, "Core_version", "0x"],
  ["archive_unstable_call", GENESIS, "Nope", "0x"],
  ["archive_unstable_storage", GENESIS, [{ key: NUMBER, type: "value" }], null],
  [
    "archive_unstable_storage",
    GENESIS,
    [
      { key: "0x3a686561707061676573", type: "value" },
      { key: "0x3a686561707061676573", type: "hash" },
      { key: SYSTEM, type: "descendantsHashes" },
      { key: "0x3a63", type: "closestDescendantMerkleValue" },
      { key: "0x", type: "closestDescendantMerkleValue" },
      { key: SYSTEM, type: "closestDescendantMerkleValue" },
      { key: "0x26", type: "closestDescendantMerkleValue" },
      { key: `${SYSTEM}b99d880ec681799c0cf30e8886371da9`, type: "closestDescendantMerkleValue" },
      { key: "0xffff", type: "closestDescendantMerkleValue" },
    ],
  ],
  ["archive_unstable_storage", NOWHERE, []],
  ["archive_unstable_storage", GENESIS, [{ key: "0x00", type: "bad" }]],
  ["chainHead_v1_header", "x", GENESIS],
  ["chainHead_v1_body", "x", GENESIS],
  ["chainHead_v1_call", "x", GENESIS, "Core_version", "0x"],
  ["chainHead_v1_storage", "x", GENESIS, []],
  ["chainHead_v1_continue", "x", "1"],
  ["chainHead_v1_stopOperation", "x", "1"],
  ["chainHead_v1_unfollow", "x"],
  ["chainHead_v1_unpin", "x", GENESIS],
  ["transaction_v1_broadcast", "zz"],
  ["transaction_v1_stop", "x"],
  ["transactionWatch_v1_submitAndWatch", "zz"],
  ["transactionWatch_v1_unwatch", "x"],
  ["nope"],
  ["chain_unsubscribeNewHeads", "x"],
  ["chain_unsubscribeNewHeads", 5],
  ["chain_unsubscribeNewHeads"],
  ["state_unsubscribeStorage", "zz"],
];

/** How a scenario drives a node; the recorder writes down what it says. */
export interface Stage {
  readonly api: ApiPromise;
  /** A recorded extrinsic that has the flipper's code in it. */
  readonly instantiateFlipper: string;
  call(method: string, ...params: Json[]): Promise<Json>;
  subscribe(name: string, method: string, ...params: Json[]): Promise<void>;
  until(name: string, test: (result: Json) => boolean): Promise<Json>;
  block(hash: string): Promise<void>;
  final(hash: string): void;
}

const field = (value: Json, name: string): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json | undefined })[name]
    : undefined;

export async function runScenario(stage: Stage): Promise<void> {
  const { api, call, subscribe, until } = stage;
  const keyring = new Keyring({ type: "sr25519" });
  const [alice, bob, charlie] = ["//Alice", "//Bob", "//Charlie"].map((uri) => keyring.addFromUri(uri)) as [
    ReturnType<typeof keyring.addFromUri>,
    ReturnType<typeof keyring.addFromUri>,
    ReturnType<typeof keyring.addFromUri>,
  ];
  type Pair = typeof alice;
  const transfer = async (from: Pair, nonce: number, options: { tip?: bigint; amount?: bigint } = {}) => {
    const { tip = 0n, amount = 1_000_000_000n } = options;
    const call_ = api.tx.balances!.transferAllowDeath!(bob.address, amount);
    return (await call_.signAsync(from, { nonce, era: 0, tip })).toHex();
  };
  /** Waits until a watched transaction is in a block, and notes block and finality. */
  const settle = async (name: string) => {
    const inBlock = await until(name, (status) => field(status, "inBlock") !== undefined);
    const hash = String(field(inBlock, "inBlock"));
    await stage.block(hash);
    await until(name, (status) => field(status, "finalized") !== undefined);
    stage.final(hash);
    return hash;
  };

  await subscribe("newHeads", "chain_subscribeNewHeads");
  await subscribe("allHeads", "chain_subscribeAllHeads");
  await subscribe("finalizedHeads", "chain_subscribeFinalizedHeads");
  await subscribe("runtimeVersion", "state_subscribeRuntimeVersion");
  await subscribe("now", "state_subscribeStorage", [NOW, "0x00"]);
  await subscribe("nothing", "state_subscribeStorage", []);
  await subscribe("follow", "chainHead_v1_follow", true);
  await subscribe("followPlain", "chainHead_v1_follow", false);

  const first = await transfer(alice, 0);
  await subscribe("plain", "author_submitAndWatchExtrinsic", first);
  const firstBlock = await settle("plain");
  await call("author_submitExtrinsic", first);
  await call("chain_getBlock", firstBlock);
  await call("chain_getHeader", firstBlock);
  await call("state_getPairs", SYSTEM, firstBlock);
  await call("state_queryStorage", [NOW, NUMBER], GENESIS, firstBlock);
  await call("state_queryStorage", [NOW], firstBlock, GENESIS);
  await call("state_traceBlock", firstBlock);
  await call("system_syncState");
  await call("archive_unstable_body", firstBlock);
  await call("archive_unstable_hashByHeight", 1);

  await subscribe("future", "author_submitAndWatchExtrinsic", await transfer(alice, 2));
  await call("author_pendingExtrinsics");
  await call("system_accountNextIndex", ALICE);
  await subscribe("unlocks", "author_submitAndWatchExtrinsic", await transfer(alice, 1));
  await settle("unlocks");

  await call("author_submitExtrinsic", await transfer(alice, 0, { tip: 1n }));
  const forged = await transfer(alice, 3);
  await call(
    "author_submitExtrinsic",
    `${forged.slice(0, 90)}${forged[90] === "0" ? "1" : "0"}${forged.slice(91)}`,
  );
  const pauper = keyring.addFromUri("//Nobody");
  await call("author_submitExtrinsic", await transfer(pauper, 0));

  await subscribe("replaced", "author_submitAndWatchExtrinsic", await transfer(alice, 4));
  await subscribe(
    "replacing",
    "author_submitAndWatchExtrinsic",
    await transfer(alice, 4, { tip: 1_000_000n }),
  );
  await call("author_pendingExtrinsics");
  await subscribe("before", "author_submitAndWatchExtrinsic", await transfer(alice, 3));
  await settle("before");

  const removed = await transfer(alice, 9);
  await subscribe("removed", "author_submitAndWatchExtrinsic", removed);
  await subscribe("twice", "author_submitAndWatchExtrinsic", removed);
  await call("author_removeExtrinsic", [{ extrinsic: removed }]);
  await call("author_submitExtrinsic", removed);

  await subscribe("watch", "transactionWatch_v1_submitAndWatch", await transfer(charlie, 0));
  const included = await until("watch", (event) => field(event, "event") === "bestChainBlockIncluded");
  const watched = String(field(field(included, "block") ?? null, "hash"));
  await stage.block(watched);
  await until("watch", (event) => field(event, "event") === "finalized");
  stage.final(watched);
  await subscribe(
    "watchStale",
    "transactionWatch_v1_submitAndWatch",
    await transfer(charlie, 0, { tip: 2n }),
  );
  await subscribe("watchUndecodable", "transactionWatch_v1_submitAndWatch", "0x");
  await subscribe("watchFuture", "transactionWatch_v1_submitAndWatch", await transfer(charlie, 5));
  await until("watchFuture", () => true);
  await subscribe("watchTwice", "transactionWatch_v1_submitAndWatch", await transfer(charlie, 5));

  const fee = await transfer(bob, 0);
  await call("payment_queryInfo", fee);
  await call("payment_queryFeeDetails", fee);
  await call("system_dryRun", fee);
  await call("system_dryRun", await transfer(pauper, 0));
  await call("system_dryRun", await transfer(bob, 0, { amount: 2n ** 100n }));

  const recorded = api.createType("Extrinsic", stage.instantiateFlipper);
  const code = (recorded.method.args[3] as unknown as { toHex(): string }).toHex();
  const weight = { refTime: 5_000_000_000n, proofSize: 500_000n };
  const instantiate = api.tx.contracts!.instantiateWithCode!(0, weight, null, code, "0x9bae9d5e01", "0x");
  await subscribe(
    "instantiate",
    "author_submitAndWatchExtrinsic",
    (await instantiate.signAsync(bob, { nonce: 0, era: 0 })).toHex(),
  );
  const instantiated = await settle("instantiate");
  const contracts = await api.query.contracts!.contractInfoOf!.entries();
  const [storageKey, info] = contracts[0]!;
  const address = storageKey.args[0]!.toHex();
  const trie = (info as unknown as { unwrap(): { trieId: { toHex(): string } } }).unwrap().trieId.toHex();
  const child = `0x${Buffer.from(":child_storage:default:").toString("hex")}${trie.slice(2)}`;
  for (const method of ["childstate_getKeys", "childstate_getKeysPaged"])
    await call(method, child, "0x", ...(method.endsWith("Paged") ? [10] : []));
  const keys = (await call("childstate_getKeys", child, "0x")) as { result: string[] };
  const key = keys.result[0]!;
  await call("childstate_getStorage", child, key);
  await call("childstate_getStorageHash", child, key);
  await call("childstate_getStorageSize", child, key);
  await call("childstate_getStorageEntries", child, [key, "0x00"]);
  await call("state_getChildReadProof", child, [key]);
  await call("state_getReadProof", [NOW, child]);
  const dryRun = (message: string) =>
    api
      .createType("(AccountId, AccountId, Balance, Option<WeightV2>, Option<Balance>, Bytes)", [
        alice.address,
        address,
        0,
        null,
        null,
        message,
      ])
      .toHex();
  await call("state_call", "ContractsApi_call", dryRun("0x2f865bd9"));
  await call("state_call", "ContractsApi_call", dryRun("0x633aa551"), instantiated);
  await call("state_call", "ContractsApi_call", dryRun("0xdeadbeef"));
  const flip = api.tx.contracts!.call!(address, 0, weight, null, "0x633aa551");
  await subscribe(
    "flip",
    "author_submitAndWatchExtrinsic",
    (await flip.signAsync(bob, { nonce: 1, era: 0 })).toHex(),
  );
  const flipped = await settle("flip");
  await call("state_call", "ContractsApi_call", dryRun("0x2f865bd9"));
  await call("state_getPairs", SYSTEM, flipped);
  await call("state_getKeysPaged", "0x", 1000, null, flipped);

  await chainHeadOperations(stage, flipped);
}

async function chainHeadOperations({ call, subscribe, until }: Stage, at: string): Promise<void> {
  const done = (id: string) =>
    until(
      "follow",
      (event) =>
        field(event, "operationId") === id &&
        [
          "operationBodyDone",
          "operationCallDone",
          "operationError",
          "operationStorageDone",
          "operationWaitingForContinue",
        ].includes(String(field(event, "event"))),
    );
  await call("chainHead_v1_header", "$follow", at);
  await call("chainHead_v1_body", "$follow", at);
  await done("1");
  await call("chainHead_v1_call", "$follow", at, "Core_version", "0x");
  await done("2");
  await call("chainHead_v1_call", "$follow", at, "Nope", "0x");
  await done("3");
  await call("chainHead_v1_call", "$followPlain", at, "Core_version", "0x");
  await call(
    "chainHead_v1_storage",
    "$follow",
    at,
    [
      { key: NOW, type: "value" },
      { key: NOW, type: "hash" },
      { key: "0xf0c3", type: "closestDescendantMerkleValue" },
    ],
    null,
  );
  await done("4");
  await call("chainHead_v1_storage", "$follow", at, [{ key: "0x00", type: "value" }], null);
  await done("5");
  await call("chainHead_v1_header", "$follow", NOWHERE);
  await call("chainHead_v1_body", "$follow", NOWHERE);
  await call("chainHead_v1_call", "$follow", NOWHERE, "Core_version", "0x");
  await call("chainHead_v1_unpin", "$follow", at);
  await call("chainHead_v1_unpin", "$follow", at);
  await call("chainHead_v1_unpin", "$follow", [at, at]);
  await call("chainHead_v1_header", "$follow", at);
  await call("chainHead_v1_continue", "$follow", "0");
  await call("chainHead_v1_stopOperation", "$follow", "0");
  await subscribe("followLater", "chainHead_v1_follow", true);
  await until("followLater", () => true);
  await subscribe("followThird", "chainHead_v1_follow", false);
  await subscribe("followTooMany", "chainHead_v1_follow", false);
  await call("chainHead_v1_unfollow", "$follow");
  await call("chainHead_v1_unfollow", "$follow");
  await call("chain_unsubscribeNewHeads", "$allHeads");
  await call("chain_unsubscribeAllHeads", "$allHeads");
  await call("chain_unsubscribeAllHeads", "$allHeads");
}
