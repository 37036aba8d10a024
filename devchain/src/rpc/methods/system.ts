import { concat, toHex } from "../../codec/bytes.ts";
import { encodeU32, ScaleReader } from "../../codec/scale.ts";
import { account, encodeBase58 } from "../account.ts";
import { apiErrorText, internalError, RpcError } from "../errors.ts";
import { bytes, hash, string } from "../params.ts";
import type { Method } from "../session.ts";

/** The multihash of a random Ed25519 key in libp2p's form, new in each process: nobody can dial it. */
const peerId = encodeBase58(
  concat(Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20), crypto.getRandomValues(new Uint8Array(32))),
);

/** Tells this chain from the real node, whose behaviour it follows. */
export const NODE_VERSION = "0.42.0-keystrand";

const health: Method = () => ({ peers: 0, isSyncing: false, shouldHavePeers: false });

const syncState: Method = (_, { node: { chain } }) => ({
  startingBlock: 0,
  currentBlock: chain.best.number,
  highestBlock: chain.best.number,
});

/** The nonce in the state, raised by the account's transactions that are ready. */
const accountNextIndex: Method = (params, { node: { chain, pool } }) => {
  const who = params.required("account", account);
  const answer = chain.call(chain.best.hash, "AccountNonceApi_account_nonce", who);
  let nonce = new ScaleReader(answer).u32();
  // A signed transaction provides the tag (account, nonce).
  while (pool.provides(toHex(concat(who, encodeU32(nonce))))) nonce += 1;
  return nonce;
};

/** Applies an extrinsic to the state of a block and drops the effects; the SCALE `ApplyExtrinsicResult`. */
const dryRun: Method = (params, { node: { chain } }) => {
  const extrinsic = params.required("extrinsic", bytes);
  const at = params.optional("hash", hash) ?? chain.best.hash;
  try {
    return toHex(chain.call(at, "BlockBuilder_apply_extrinsic", extrinsic));
  } catch (error) {
    throw new RpcError(1, "Unable to dry run extrinsic.", apiErrorText(error));
  }
};

const networkState: Method = () => ({
  connectedPeers: {},
  externalAddresses: [],
  listenedAddresses: [],
  notConnectedPeers: {},
  peerId,
  peerset: "There is no network: this chain runs in one process.",
});

const addReservedPeer: Method = (params) => {
  params.required("peer", string);
  throw new RpcError(2002, "This chain has no network, so it has no peers");
};

const noLogReload: Method = () => {
  throw internalError("No reload handle present");
};

export const systemMethods: readonly (readonly [string, Method])[] = [
  ["system_name", () => "Substrate Contracts Node"],
  ["system_version", () => NODE_VERSION],
  ["system_chain", (_, { node }) => node.identity.name],
  ["system_chainType", (_, { node }) => node.identity.chainType],
  ["system_properties", (_, { node }) => node.identity.properties],
  ["system_health", health],
  ["system_localPeerId", () => peerId],
  ["system_localListenAddresses", () => []],
  ["system_peers", () => []],
  ["system_reservedPeers", () => []],
  ["system_nodeRoles", () => ["Authority"]],
  ["system_syncState", syncState],
  ["system_unstable_networkState", networkState],
  ["system_addReservedPeer", addReservedPeer],
  ["system_removeReservedPeer", addReservedPeer],
  ["system_addLogFilter", noLogReload],
  ["system_resetLogFilter", noLogReload],
  ["system_accountNextIndex", accountNextIndex],
  ["account_nextIndex", accountNextIndex],
  ["system_dryRun", dryRun],
  ["system_dryRunAt", dryRun],
];
