import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineKind, openStage, type Passage } from './harness.ts';
import { victims } from './points.ts';

export type Storm = { readonly passages: readonly Passage[]; readonly kills: number };

/** Milliseconds between two kills: some find a bot that is just starting, some one in the middle of its work. */
const calmMs = { least: 300, most: 6_000 };

/** Sees runs through, some at the same time, while something is killed at random moments; until there were enough of both. */
export async function storm(
  engine: EngineKind,
  least: { readonly runs: number; readonly kills: number },
  atOnce: number,
): Promise<Storm> {
  const stage = await openStage(engine);
  const passages: Passage[] = [];
  let kills = 0;
  let raised = 0;
  let over = false;
  const worker = async (): Promise<void> => {
    while (raised < least.runs || kills < least.kills) {
      raised += 1;
      passages.push(await stage.pass('calm'));
    }
  };
  const killer = async (): Promise<void> => {
    while (!over) {
      await sleep(calmMs.least + Math.random() * (calmMs.most - calmMs.least));
      const victim = engine === 'local' ? 'bot' : victims[Math.floor(Math.random() * victims.length)];
      if (over || victim === undefined) return;
      await stage.kill(victim);
      kills += 1;
    }
  };
  const killing = killer();
  await Promise.all(Array.from({ length: atOnce }, worker));
  over = true;
  await killing;
  await stage.close();
  return { passages, kills };
}
