import assert from 'node:assert/strict';
import { type EngineKind, openStage, type Passage, type Stage } from './harness.ts';
import type { Kind } from './incidents.ts';
import { nameOf, type Point, type Victim } from './points.ts';

/** One death: an incident of a kind, the moment, and who dies. */
export type Cell = { readonly kind: Kind; readonly point: Point; readonly victim: Victim };
export type Result = Cell & Passage;

const dies: Readonly<Record<Victim, string>> = {
  bot: 'the bot',
  server: 'the server',
  both: 'the bot and the server',
};
export const titleOf = ({ kind, point, victim }: Cell): string =>
  `${dies[victim]} killed ${nameOf(point)}${kind === 'heals' ? '' : `, ${kind}`}`;

/**
 * Goes through the cells in several worlds side by side, and answers for each how its run went. In a world one incident
 * comes after the other: the bot that a cell starts again takes the next one. `over` resolves when all worlds are gone.
 */
export function passThrough(
  engine: EngineKind,
  cells: readonly Cell[],
  lanes: number,
): { readonly results: readonly Promise<Result>[]; readonly over: Promise<unknown> } {
  const passages = cells.map((cell) => ({ cell, ...Promise.withResolvers<Result>() }));
  const results = passages.map(({ promise }) => promise);
  // each is looked at in its turn, which may be long after it failed
  for (const result of results) result.catch(() => undefined);
  const waiting = passages.values();
  const lane = async (): Promise<void> => {
    let stage: Stage | undefined;
    for (const { cell, resolve, reject } of waiting) {
      try {
        stage ??= await openStage(engine);
        await stage.arm(cell.point, cell.victim);
        const passage = await stage.pass(cell.kind);
        resolve({ ...cell, ...passage });
        if (passage.problems.length === 0) continue;
      } catch (error) {
        reject(error);
      }
      // whatever went wrong must not be held against the next cell
      await stage?.close();
      stage = undefined;
    }
    await stage?.close();
  };
  return { results, over: Promise.all(Array.from({ length: Math.min(lanes, cells.length) }, lane)) };
}

/** A suite with a test for each cell. */
export function describeCells(
  title: string,
  engine: EngineKind,
  cells: readonly Cell[],
  lanes: number,
): void {
  describe(title, function () {
    this.timeout(300_000);
    let passing: ReturnType<typeof passThrough> | undefined;
    before(() => {
      passing = passThrough(engine, cells, lanes);
    });
    after(() => passing?.over);
    for (const [i, cell] of cells.entries())
      it(`comes to its end, with ${titleOf(cell)}`, async () => {
        const result = await passing?.results[i];
        assert.deepEqual(result?.problems, []);
        assert.ok(result?.fired, 'the point was never reached');
        assert.equal(result.lives, cell.victim === 'server' ? 1 : 2);
      });
  });
}
