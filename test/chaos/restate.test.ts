import { type Cell, describeCells } from './cells.ts';
import { after, before, type Point, victims } from './points.ts';

/** The rest of the boundaries are for `npm run chaos`, which takes its time. */
const points: readonly Point[] = [
  after('store command', 2),
  after('store vote-cast'),
  before('ops POST /runs', 2),
  after('ops POST /runs', 2),
  after('store run-closed'),
];
const cells: readonly Cell[] = victims.flatMap((victim) =>
  points.map((point) => ({ kind: 'heals', point, victim }) as const),
);

describeCells('A run on the Restate engine after kill -9', 'restate', cells, 3);
