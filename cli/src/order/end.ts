import { accountFrom, chainTime } from "@keystrand/sdk/chain";
import { BaseError } from "@keystrand/sdk/errors";
import { ENDED_STATES, endOrder } from "@keystrand/sdk/orders";
import { Command } from "commander";
import { runningSystem } from "../system.ts";

/** There is no such order, or nothing to end. */
class OrderStateError extends BaseError {
  override readonly name = "OrderStateError";
}

const date = (time: bigint) => new Date(Number(time)).toISOString();

export const endCommand = (): Command =>
  new Command("end")
    .description(
      "Ends an order whose time is over, when whoever should have acted went away. Anyone may; money goes where the rules say.",
    )
    .argument("<order>", "order id")
    .action(async (order: string) => {
      const system = await runningSystem();
      try {
        const { contracts } = system;
        const view = await contracts.escrow.query("order", { order });
        if (view === null)
          throw new OrderStateError(`There is no order ${order}.`, {
            remedy: "Order ids stand in the timeline of keystrand demo and on the front end's orders page.",
          });
        const { state } = view.head;
        if (ENDED_STATES.includes(state)) {
          console.log(`The order has ended: ${state}.`);
          return;
        }
        const ended = await endOrder(contracts, order, view, await accountFrom(`${system.secret}//relayer`));
        if (ended === undefined)
          throw new OrderStateError(`The order is ${state} and its window is open.`, {
            happened: [
              `It is ${date(await chainTime(contracts))} on the chain; the window ends ${date(view.deadline)}.`,
            ],
            remedy: "Run this again after that.",
          });
        const after = await contracts.escrow.query("order", { order });
        console.log(
          `${ended.message} -> ${after?.head.state}: block ${ended.inclusion.blockNumber}, ${ended.inclusion.extrinsicHash}`,
        );
      } finally {
        await system.disconnect();
      }
    });
