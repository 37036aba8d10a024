export { type ChainServer, ChainServerError, createChainServer } from "./chain-server.ts";
export type { ChainServerOptions } from "./protocol.ts";
export {
  DEFAULT_PORT,
  DEFAULT_SERVER_LIMITS,
  type RunningServer,
  type ServerLimits,
  type ServerOptions,
  startServer,
} from "./server.ts";
