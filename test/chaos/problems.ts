import { outcomes } from '../../src/domain/events.ts';
import { markerOf } from '../../src/domain/notes.ts';
import { currentStep, type Run } from '../../src/domain/run.ts';
import type { Api, Kind, Raised } from './incidents.ts';
import { launchedJobs, recordsOf } from './records.ts';
import { buttonOf, type Teams } from './teams.ts';

type Traces = {
  readonly kind: Kind;
  readonly incident: Raised;
  /** The store, and the journal of the ops API. */
  readonly file: string;
  readonly journal: string;
  readonly api: Api;
  readonly teams: Teams;
  /** How often the bot died meanwhile. */
  readonly deaths: number;
};
export type Found = { readonly outcome: string; readonly problems: readonly string[] };

/** How a run of each kind ends, whatever dies on the way. */
const ends: Readonly<Record<Kind, string>> = {
  heals: 'succeeded',
  stubborn: 'rolled back',
  test: 'succeeded',
  calm: 'succeeded',
};
const remediation = 'iis-recycle-pool';

/** What a run that was killed left behind, compared with what must be there: once, all of it, and nothing else. */
export async function problemsOf(traces: Traces): Promise<Found> {
  const { kind, incident, file } = traces;
  const { runIds, run, verifies, leases } = recordsOf(file, incident.number, incident.ciSysId);
  if (run === undefined || runIds.length !== 1)
    return {
      outcome: 'none',
      problems: [`${runIds.length} runs about the incident, begun: ${run !== undefined}`],
    };
  const outcome = run.closed?.outcome ?? 'none';
  const votes = run.entries.filter((entry) => entry.type === 'vote-cast').length;
  const claims: [boolean, string][] = [
    [outcomes.some((one) => one === outcome), 'it has no named end'],
    [outcome === ends[kind], `it ended as ${outcome}: ${run.closed?.reason ?? ''}`],
    [verifies, 'its chain does not verify'],
    [currentStep(run) === undefined, 'a step is still open'],
    [leases === 0, `${leases} leases are still held`],
    [votes === (kind === 'test' ? 0 : 1), `${votes} votes`],
  ];
  const problems = claims.filter(([holds]) => !holds).map(([, what]) => what);
  const told = await toldOf(traces, run);
  return { outcome, problems: [...problems, ...jobsOf(traces, run), ...told, ...cardsOf(traces)] };
}

/** Each job of the run was launched as often as the log says: once, and a remediation never more than once. */
function jobsOf({ journal, kind }: Traces, { runId }: Run): string[] {
  const jobs = launchedJobs(journal).filter(({ reference }) => reference === runId);
  const wanted = [
    'iis-snapshot-logs',
    remediation,
    ...(kind === 'stubborn' ? ['iis-restore-pool-config'] : []),
  ];
  return wanted.flatMap((job) => {
    const times = jobs.filter((one) => one.job === job).length;
    if (times === 1) return [];
    return times > 1 && job === remediation
      ? [`doubled: ${job} was launched ${times} times`]
      : [`${job} was launched ${times} times`];
  });
}

/** Every note the log knows of is in the journal of the incident once, and so is every attachment. */
async function toldOf({ api, incident, kind }: Traces, run: Run): Promise<string[]> {
  const notes = await api.rows('sys_journal_field', `element_id=${incident.sysId}^element=work_notes`);
  const markers = notes.map(
    (note) => /\[handrail [^\]]+\]\s*$/.exec(note['value'] ?? '')?.[0].trim() ?? 'no marker',
  );
  const keys = Object.keys(run.reported).filter((key) => key.startsWith('ticket:'));
  const files = await api.rows('sys_attachment', `table_sys_id=${incident.sysId}`);
  const names = files.map((one) => one['file_name'] ?? '');
  const [ticket] = await api.rows('incident', `sys_id=${incident.sysId}`);
  const resolved = ticket?.['state'] === '6';
  const undelivered = Object.entries(run.reported).filter(([, note]) => note !== '');
  return [
    ...unequal(
      'notes',
      markers,
      keys.map((key) => markerOf(run, key)),
    ),
    ...(keys.includes('ticket:closed') ? [] : ['the incident was not told the end']),
    ...(new Set(names).size === names.length ? [] : [`attached twice: ${names.join(', ')}`]),
    ...(resolved === (kind !== 'stubborn') ? [] : [`the incident is in state ${ticket?.['state']}`]),
    ...undelivered.map(([key, note]) => `${key}: ${note}`),
  ];
}

function unequal(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const [have, should] = [found.toSorted().join(' '), wanted.toSorted().join(' ')];
  return have === should ? [] : [`${what} are ${have}; they should be ${should}`];
}

/** The newest card shows the end. A card may be there twice when its bot died between posting and storing that. */
function cardsOf({ teams, incident, deaths }: Traces): string[] {
  const cards = teams.cards(incident.number);
  const last = cards.at(-1);
  return [
    ...(cards.length >= 1 && cards.length <= 1 + deaths ? [] : [`${cards.length} cards`]),
    ...(last !== undefined && buttonOf(last.shown, 'approve') === undefined
      ? []
      : ['the card still asks for approval']),
  ];
}
