/** `ext_storage_*` and `ext_default_child_storage_*`. Source: Polkadot specification, appendix "Polkadot Host API". */
import { concat } from "../codec/bytes.ts";
import { encodeCompact, encodeU32, MalformedScale, ScaleReader } from "../codec/scale.ts";
import type { PrefixRemoval } from "../state/overlay.ts";
import type { StateVersion } from "../trie/node.ts";
import { encodeOption, type HostContext, type HostFunctions, HostPanic } from "./context.ts";

/** SCALE `Option<Vec<u8>>`. */
function optionalBytes(value: Uint8Array | undefined): Uint8Array {
  return encodeOption(value, value && encodeCompact(value.length));
}

/** SCALE `KillStorageResult`: 0 all removed, 1 some remain, then the number of backend keys visited. */
function killResult({ loops, remaining }: PrefixRemoval): Uint8Array {
  return concat(Uint8Array.of(remaining ? 1 : 0), encodeU32(loops));
}

/** SCALE `Option<u32>`. */
function optionalLimit(bytes: Uint8Array): number | undefined {
  const reader = new ScaleReader(bytes);
  const tag = reader.u8();
  if (tag > 1) throw new MalformedScale(`Option has tag ${tag}`);
  return tag === 0 ? undefined : reader.u32();
}

export function stateVersion(value: number): StateVersion {
  if (value === 0 || value === 1) return value;
  throw new HostPanic(`State version ${value} does not exist`);
}

/**
 * Copies `value` from `offset` into the guest's buffer, as far as both go.
 * @returns SCALE `Option<u32>`: what REMAINS of the value after the offset, not what was copied
 */
function readInto(host: HostContext, value: Uint8Array | undefined, out: bigint, offset: number): bigint {
  if (value === undefined) return host.give(encodeOption(undefined));
  const rest = value.subarray(Math.min(offset >>> 0, value.length));
  const target = host.memory.span(out);
  target.set(rest.subarray(0, target.length));
  return host.give(encodeOption(encodeU32(rest.length)));
}

export function storageFunctions(host: HostContext): HostFunctions {
  const span = (value: bigint) => host.memory.span(value);
  return {
    ext_storage_get_version_1: (key: bigint) => host.give(optionalBytes(host.storage.get(span(key)))),
    ext_storage_read_version_1: (key: bigint, out: bigint, offset: number) =>
      readInto(host, host.storage.get(span(key)), out, offset),
    ext_storage_set_version_1: (key: bigint, value: bigint) => {
      host.storage.set(span(key), span(value).slice());
      return undefined;
    },
    ext_storage_clear_version_1: (key: bigint) => {
      host.storage.set(span(key), undefined);
      return undefined;
    },
    ext_storage_exists_version_1: (key: bigint) => (host.storage.get(span(key)) === undefined ? 0 : 1),
    ext_storage_clear_prefix_version_1: (prefix: bigint) => {
      host.storage.clearPrefix(span(prefix), undefined);
      return undefined;
    },
    ext_storage_clear_prefix_version_2: (prefix: bigint, limit: bigint) =>
      host.give(killResult(host.storage.clearPrefix(span(prefix), optionalLimit(span(limit))))),
    ext_storage_append_version_1: (key: bigint, element: bigint) => {
      host.storage.append(span(key), span(element));
      return undefined;
    },
    ext_storage_next_key_version_1: (key: bigint) =>
      host.give(optionalBytes(host.storage.nextKey(span(key)))),
    ext_storage_root_version_1: () => host.give(host.storage.result(0).top.root),
    ext_storage_root_version_2: (version: number) =>
      host.give(host.storage.result(stateVersion(version)).top.root),
    ext_storage_start_transaction_version_1: () => {
      host.storage.startTransaction();
      return undefined;
    },
    ext_storage_commit_transaction_version_1: () => {
      host.storage.commitTransaction();
      return undefined;
    },
    ext_storage_rollback_transaction_version_1: () => {
      host.storage.rollbackTransaction();
      return undefined;
    },
  };
}

export function childStorageFunctions(host: HostContext): HostFunctions {
  const span = (value: bigint) => host.memory.span(value);
  return {
    ext_default_child_storage_get_version_1: (child: bigint, key: bigint) =>
      host.give(optionalBytes(host.storage.childGet(span(child), span(key)))),
    ext_default_child_storage_read_version_1: (child: bigint, key: bigint, out: bigint, offset: number) =>
      readInto(host, host.storage.childGet(span(child), span(key)), out, offset),
    ext_default_child_storage_set_version_1: (child: bigint, key: bigint, value: bigint) => {
      host.storage.childSet(span(child), span(key), span(value).slice());
      return undefined;
    },
    ext_default_child_storage_clear_version_1: (child: bigint, key: bigint) => {
      host.storage.childSet(span(child), span(key), undefined);
      return undefined;
    },
    ext_default_child_storage_exists_version_1: (child: bigint, key: bigint) =>
      host.storage.childGet(span(child), span(key)) === undefined ? 0 : 1,
    ext_default_child_storage_next_key_version_1: (child: bigint, key: bigint) =>
      host.give(optionalBytes(host.storage.childNextKey(span(child), span(key)))),
    ext_default_child_storage_clear_prefix_version_1: (child: bigint, prefix: bigint) => {
      host.storage.childClearPrefix(span(child), span(prefix), undefined);
      return undefined;
    },
    ext_default_child_storage_clear_prefix_version_2: (child: bigint, prefix: bigint, limit: bigint) =>
      host.give(
        killResult(host.storage.childClearPrefix(span(child), span(prefix), optionalLimit(span(limit)))),
      ),
    ext_default_child_storage_storage_kill_version_1: (child: bigint) => {
      host.storage.childKill(span(child), undefined);
      return undefined;
    },
    ext_default_child_storage_storage_kill_version_2: (child: bigint, limit: bigint) =>
      host.storage.childKill(span(child), optionalLimit(span(limit))).remaining ? 0 : 1,
    ext_default_child_storage_storage_kill_version_3: (child: bigint, limit: bigint) =>
      host.give(killResult(host.storage.childKill(span(child), optionalLimit(span(limit))))),
    ext_default_child_storage_root_version_1: (child: bigint) =>
      host.give(host.storage.childRoot(span(child).slice(), 0)),
    ext_default_child_storage_root_version_2: (child: bigint, version: number) =>
      host.give(host.storage.childRoot(span(child).slice(), stateVersion(version))),
  };
}
