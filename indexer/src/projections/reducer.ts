import { z } from "zod";
import type { DecodedEvent } from "../chain/block.ts";
import type { Moment, Rows } from "./rows.ts";

/** Applies one kind of event to the tables. */
export type Reducer = (fields: DecodedEvent["fields"], at: Moment, rows: Rows) => Promise<void>;

/** Reducers of one contract by the names of its events. */
export type Reducers = Readonly<Record<string, Reducer>>;

/** A reducer whose event has these fields. The event's fields are checked here, once. */
export function on<Shape extends z.ZodRawShape>(
  shape: Shape,
  reduce: (event: z.infer<z.ZodObject<Shape>>, at: Moment, rows: Rows) => Promise<void> | void,
): Reducer {
  // Fields that a later code adds are no reason to refuse the event.
  const schema = z.object(shape);
  return async (fields, at, rows) => reduce(schema.parse(fields), at, rows);
}
