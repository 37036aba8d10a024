import type { GraphQLSchema } from "graphql";
import { builder } from "./builder.ts";
import "./types/accounts.ts";
import "./types/chain.ts";
import "./types/collections.ts";
import "./types/datasets.ts";
import "./types/identity.ts";
import "./types/orders.ts";
import "./types/proposals.ts";
import "./types/status.ts";

/** The schema of the query interface; `schema.graphql` shows it. */
export const schema: GraphQLSchema = builder.toSchema();
