/** Brings back parts of a running system that end by themselves. */
import { setTimeout as after } from "node:timers/promises";
import type { System } from "./system.ts";

/** Pause before a part is started again, ms. */
const PAUSE = 1_000;
/** A part that ends so often within this time is left alone. */
const ENOUGH = { times: 4, within: 60_000 };

/** Watches every part until `isStopping` says that the ends are wanted. */
export const keepRunning = (system: System, say: (line: string) => void, isStopping: () => boolean): void => {
  for (const name of system.parts.keys()) void keep(name);

  async function keep(name: string): Promise<void> {
    const ends: number[] = [];
    while (true) {
      const word = await system.parts.get(name)!.ended;
      if (isStopping()) return;
      say(`\n${word}`);
      ends.push(Date.now());
      if (ends.filter((time) => time > Date.now() - ENOUGH.within).length >= ENOUGH.times) {
        say(`${name} keeps ending and is left alone; the other parts go on. npm start again tries anew.`);
        return;
      }
      await after(PAUSE);
      if (isStopping()) return;
      try {
        await system.restart(name);
        say(`${name} was started again.`);
      } catch (error) {
        say(
          `${name} could not be started again: ${error instanceof Error ? error.message : String(error)}\nThe other parts go on.`,
        );
        return;
      }
    }
  }
};
