import { type Cell, describeCells } from './cells.ts';
import { after, before, type Point } from './points.ts';

const times = (n: number, point: (n: number) => Point): Point[] =>
  Array.from({ length: n }, (_, i) => point(i + 1));

/** Every event of a good run is the last thing its process ever stored, and every call the last it ever made. */
const good: readonly Point[] = [
  // taken in, proposed, shown
  after('store inbox'),
  // ServiceNow has its answer by now and will not send the event again
  before('servicenow GET /api/now/table/incident/*'),
  after('store claim'),
  before('store considered'),
  after('store considered'),
  after('store run'),
  after('store approval-requested'),
  before('store card-posted'),
  after('store card-posted'),
  after('handrail POST /api/servicenow/events'),
  // approved
  before('store vote-cast'),
  after('store vote-cast'),
  after('handrail POST /api/messages'),
  after('store lease'),
  // every step claimed, launched, ended
  ...times(3, (n) => after('store step-started', n)),
  after('ops POST /runs'),
  before('ops POST /runs', 2),
  after('ops POST /runs', 2),
  ...times(2, (n) => after('store step-launched', n)),
  before('ops GET /runs/*', 2),
  after('store evidence'),
  after('store run-closed'),
  // everybody told
  before('teams POST /v3/conversations'),
  after('teams PUT /v3/conversations/*/activities/*', 2),
  before('servicenow PATCH /api/now/table/incident/*'),
  ...times(3, (n) => after('servicenow PATCH /api/now/table/incident/*', n)),
  after('servicenow POST /api/now/attachment/file'),
  ...times(6, (n) => after('store reported', n)),
  after('remove lease'),
  before('store run', 2),
];
/** Where a run that goes back differs. */
const rollback: readonly Point[] = [
  after('store step-started', 4),
  after('ops POST /runs', 3),
  after('store run-closed'),
];
const cells: readonly Cell[] = [
  ...good.map((point) => ({ kind: 'heals', point, victim: 'bot' }) as const),
  ...rollback.map((point) => ({ kind: 'stubborn', point, victim: 'bot' }) as const),
];

describeCells('A run on the local engine after kill -9', 'local', cells, 3);
