/**
 * `npm run chaos -- [--engine local|restate] [--runs 60] [--kills 60] [--lanes 3] [--cells all]`: kills the bot, the Restate server, or
 * both at every boundary of a run, and then at random moments while many runs are under way. Prints what was lost and what
 * was done twice; both must be nothing.
 */
import { parseArgs } from 'node:util';
import { type Cell, passThrough, titleOf } from './cells.ts';
import { type EngineKind, openStage, type Passage } from './harness.ts';
import { matrixOf } from './matrix.ts';
import { victims } from './points.ts';
import { storm } from './random.ts';

type Row = {
  readonly engine: EngineKind;
  readonly part: string;
  readonly runs: number;
  readonly kills: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly ends: string;
};

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    /** At least so many of both at random moments. */
    runs: { type: 'string', default: '60' },
    kills: { type: 'string', default: '60' },
    lanes: { type: 'string', default: '3' },
    /** Take this many cells of the matrix, spread over it. */
    cells: { type: 'string', default: 'all' },
  },
});
const engines: readonly EngineKind[] =
  values.engine === 'local' || values.engine === 'restate' ? [values.engine] : ['local', 'restate'];

const begins = (start: string, { problems }: Passage): boolean =>
  problems.some((one) => one.startsWith(start));

function rowOf(engine: EngineKind, part: string, passages: readonly Passage[], kills: number): Row {
  const ends = Map.groupBy(passages, ({ outcome }) => outcome);
  return {
    engine,
    part,
    runs: passages.length,
    kills,
    lost: passages.filter((one) => begins('lost', one)).length,
    doubled: passages.filter((one) => begins('doubled', one)).length,
    wrong: passages.filter(({ problems }) => problems.length > 0).length,
    ends: [...ends].map(([outcome, all]) => `${outcome} ${all.length}`).join(', '),
  };
}

function sample(cells: readonly Cell[], size: string): Cell[] {
  const every = size === 'all' ? 1 : Math.max(1, cells.length / Number(size));
  return cells.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every));
}

async function matrix(engine: EngineKind): Promise<Row[]> {
  const stage = await openStage(engine);
  const all: Cell[] = [];
  for (const kind of ['heals', 'stubborn'] as const) all.push(...(await matrixOf(engine, stage, kind)));
  await stage.close();
  const { results, over } = passThrough(engine, sample(all, values.cells), Number(values.lanes));
  const done = await Promise.all(
    results.map(async (result) => {
      const one = await result;
      if (one.problems.length > 0) console.log(`${engine}: ${titleOf(one)}\n  ${one.problems.join('\n  ')}`);
      if (!one.fired) console.log(`${engine}: ${titleOf(one)}: never reached`);
      return one;
    }),
  );
  await over;
  return victims.flatMap((victim) => {
    const these = done.filter((one) => one.victim === victim);
    const kills = these.filter(({ fired }) => fired).length;
    return these.length === 0 ? [] : [rowOf(engine, `boundaries, ${victim}`, these, kills)];
  });
}

async function randomly(engine: EngineKind): Promise<Row> {
  const { passages, kills } = await storm(
    engine,
    { runs: Number(values.runs), kills: Number(values.kills) },
    6,
  );
  for (const { incident, problems } of passages)
    if (problems.length > 0) console.log(`${engine}: ${incident.number}\n  ${problems.join('\n  ')}`);
  return rowOf(engine, 'random moments', passages, kills);
}

const rows: Row[] = [];
for (const engine of engines) rows.push(...(await matrix(engine)), await randomly(engine));
console.table(rows);
process.exitCode = rows.some(({ wrong }) => wrong > 0) ? 1 : 0;
process.exit();
