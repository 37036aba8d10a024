import type { Account } from "../chain/submit.ts";
import { chainTime } from "../chain/time.ts";
import type { OrderView, State } from "../contracts/generated/escrow.ts";
import type { Contracts } from "../contracts/index.ts";

/** Messages by which anyone may end what time has ended. */
export type TimeOut = "expire" | "finalize" | "concede" | "arbitrationTimeout";

/** What a time-out is decided from; times in ms of the chain. */
export interface Deadlines<Time extends number | bigint> {
  readonly state: State;
  readonly deadline: Time;
  /** When a dispute that the arbitrator never ruled on ends. */
  readonly arbitrationDeadline: Time;
}

/** The message that ends an order whose time is over; undefined while its window is open, or when it has ended. */
export const timeOutOf = <Time extends number | bigint>(
  { state, deadline, arbitrationDeadline }: Deadlines<Time>,
  now: Time,
): TimeOut | undefined => {
  if (state === "Disputed" && now > arbitrationDeadline) return "arbitrationTimeout";
  if (now <= deadline) return undefined;
  switch (state) {
    case "UnderReview":
    case "Funded":
    case "Qualified":
    case "Releasing":
      return "expire";
    case "Delivered":
      return "finalize";
    case "Disputed":
      return "concede";
    default:
      return undefined;
  }
};

/**
 * Ends an order whose time is over; anyone may, so that money never stays locked because someone went away.
 *
 * @returns what was sent, or undefined when nothing can be ended now
 * @throws ContractRefusal when another was quicker
 */
export const endOrder = async (contracts: Contracts, order: string, view: OrderView, sender: Account) => {
  const { deadline, arbitrationDeadline, head } = view;
  const message = timeOutOf({ state: head.state, deadline, arbitrationDeadline }, await chainTime(contracts));
  if (message === undefined) return undefined;
  return { message, inclusion: await contracts.escrow.execute(message, { order }, sender) };
};
