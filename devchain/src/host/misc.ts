/** Miscellaneous, logging and allocator functions. Source: Polkadot specification, appendix "Polkadot Host API". */
import { concat } from "../codec/bytes.ts";
import { encodeBytes } from "../codec/scale.ts";
import type { HostContext, HostFunctions } from "./context.ts";

/** `ext_misc_*`, `ext_logging_*` and `ext_allocator_*`. */
export function miscFunctions(host: HostContext): HostFunctions {
  const text = new TextDecoder();
  return {
    ext_allocator_malloc_version_1: (size: number) => host.allocator.allocate(size >>> 0),
    ext_allocator_free_version_1: (pointer: number) => {
      host.allocator.deallocate(pointer >>> 0);
      return undefined;
    },
    ext_logging_log_version_1: (level: number, target: bigint, message: bigint) => {
      // sp_core::LogLevel counts from 0 (error), its filter and LogLine from 1.
      host.log(level + 1, text.decode(host.memory.span(target)), text.decode(host.memory.span(message)));
      return undefined;
    },
    ext_logging_max_level_version_1: () => host.logLevel,
    ext_misc_print_num_version_1: (value: bigint) => {
      host.log(4, "runtime", String(BigInt.asUintN(64, value)));
      return undefined;
    },
    ext_misc_print_utf8_version_1: (bytes: bigint) => {
      host.log(4, "runtime", text.decode(host.memory.span(bytes)));
      return undefined;
    },
    ext_misc_print_hex_version_1: (bytes: bigint) => {
      host.log(
        4,
        "runtime",
        Array.from(host.memory.span(bytes), (b) => b.toString(16).padStart(2, "0")).join(""),
      );
      return undefined;
    },
    ext_misc_runtime_version_version_1: (code: bigint) => {
      const version = host.runtimeVersion(host.memory.span(code).slice());
      return host.give(
        version === undefined ? Uint8Array.of(0) : concat(Uint8Array.of(1), encodeBytes(version)),
      );
    },
  };
}
