import { type ExecutionArgs, GraphQLError, parse } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type pg from "pg";
import type { Logger } from "pino";
import { IndexerError } from "../errors.ts";
import type { Progress } from "../indexing/progress.ts";
import type { GraphContext } from "./builder.ts";
import { liveContext, snapshotContext } from "./context.ts";
import { schema } from "./schema.ts";

/** Most tokens of one query: beyond any page's need, below what parsing would feel. */
const MOST_TOKENS = 3_000;
/** Requests answered at once; more are turned away, so that the writer is never starved of the database. */
const MOST_REQUESTS = 64;
/** Open subscriptions. */
const MOST_SUBSCRIPTIONS = 500;

const busy = (what: string) =>
  new GraphQLError(`Too many ${what} at once; try again`, {
    extensions: { code: "BUSY", http: { status: 503 } },
  });

/** Bounds work, and gives each operation its view of the database. */
function boundedReads(pool: pg.Pool, progress: Progress): Plugin<Record<string, unknown>> {
  let requests = 0;
  let subscriptions = 0;
  return {
    onParse({ setParseFn }) {
      setParseFn((source) => parse(source, { maxTokens: MOST_TOKENS }));
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      setExecuteFn(async (given: ExecutionArgs) => {
        // Each value of a subscription is executed too, on the context of its subscription.
        if (isLive(args.contextValue)) return executeFn(given);
        if (requests >= MOST_REQUESTS) throw busy("requests");
        requests++;
        const { context, end } = snapshotContext(pool, progress);
        try {
          return await executeFn({ ...given, contextValue: { ...asRecord(given.contextValue), ...context } });
        } finally {
          requests--;
          await end();
        }
      });
    },
    onSubscribe({ extendContext }) {
      if (subscriptions >= MOST_SUBSCRIPTIONS) throw busy("subscriptions");
      subscriptions++;
      extendContext({ ...liveContext(pool, progress), live: true });
      return {
        onSubscribeResult: () => ({
          onEnd: () => {
            subscriptions--;
          },
        }),
        onSubscribeError: () => {
          subscriptions--;
        },
      };
    },
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isLive(context: unknown): boolean {
  return asRecord(context).live === true;
}

/** The GraphQL endpoint, with live updates as server-sent events. */
export function graphqlServer(pool: pg.Pool, progress: Progress, log: Logger) {
  return createYoga<object, GraphContext>({
    schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    graphiql: { title: "Keystrand indexer" },
    // Each operation's context is made where it is executed.
    plugins: [boundedReads(pool, progress)],
    logging: {
      debug: (...details) => log.debug({ details }, "graphql"),
      info: (...details) => log.debug({ details }, "graphql"),
      warn: (...details) => log.warn({ details }, "graphql"),
      error: (...details) => log.error({ details }, "graphql"),
    },
    maskedErrors: {
      maskError(error, message) {
        if (!(error instanceof GraphQLError)) return new GraphQLError(message);
        const { originalError } = error;
        if (originalError === undefined || originalError instanceof GraphQLError) return error;
        if (originalError instanceof IndexerError) {
          return new GraphQLError(originalError.message, {
            extensions: { code: "UNAVAILABLE", http: { status: 503 } },
          });
        }
        log.error({ err: originalError, path: error.path }, "a resolver failed");
        return new GraphQLError(message, { extensions: { code: "INTERNAL_SERVER_ERROR" } });
      },
    },
  });
}
