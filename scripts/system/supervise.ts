/** Brings back parts of a running system that end by themselves. */
import { statfsSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import type { System } from "./system.ts";

/** Pause before a part is started again, ms. */
const PAUSE = 1_000;
/** A part that ends so often within this time is left alone. */
const ENOUGH = { times: 4, within: 60_000 };

/** Less than this free is full, bytes: a block with its state does not fit. */
const FULL = 1e6;

const isFull = (folder: string): boolean => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < FULL;
};

/** Watches every part until `isStopping` says that the ends are wanted. */
export const keepRunning = (system: System, say: (line: string) => void, isStopping: () => boolean): void => {
  for (const name of system.parts.keys()) void keep(name);

  async function keep(name: string): Promise<void> {
    const ends: number[] = [];
    while (true) {
      const word = await system.parts.get(name)!.ended;
      if (isStopping()) return;
      say(`\n${word}`);
      // A part cannot write down why it ended where nothing can be written: its log is on the same disk.
      if (isFull(system.home.folder))
        say(
          `The disk is full where ${system.home.folder} is. Free some space; nothing that was in a block is lost, and npm start again goes on from there.`,
        );
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
