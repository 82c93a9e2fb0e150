import {
  type Comparison,
  callsPerIncident,
  compare,
  type Figures,
  figuresOf,
  type Percentiles,
  type Round,
  table,
} from './figures.ts';

export type Report = {
  readonly machine: string;
  readonly starts: {
    /** `npm start` until ready; undefined when it was left out. */
    readonly coldMs: number | undefined;
    /** The bot's own process until ready, and its memory when idle. */
    readonly readyMs: number;
    readonly rssMb: number;
  };
  /** All guardrails once, facts at hand: median. */
  readonly evaluateMs: number;
  readonly figures: readonly Figures[];
  readonly comparisons: readonly Comparison[];
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

type Measured = Pick<Report, 'machine' | 'starts' | 'evaluateMs'> & { readonly rounds: readonly Round[] };

/** All figures of a run of the bench. The first subject is the one the others are compared with. */
export function report({ machine, starts, evaluateMs, rounds }: Measured): Report {
  const subjects = [...new Set(rounds.map((round) => round.subject))];
  const concurrencies = [...new Set(rounds.map((round) => round.concurrency))];
  const of = (subject: string, concurrency: number): Round[] =>
    rounds.filter((round) => round.subject === subject && round.concurrency === concurrency);
  const [bare = '', ...others] = subjects;
  return {
    machine,
    starts,
    evaluateMs,
    figures: concurrencies.flatMap((at) => subjects.map((subject) => figuresOf(of(subject, at)))),
    comparisons: concurrencies.flatMap((at) => others.map((other) => compare(of(bare, at), of(other, at)))),
    calls: Object.fromEntries(
      subjects.map((subject) => [
        subject,
        callsPerIncident(rounds.filter((round) => round.subject === subject)),
      ]),
    ),
  };
}

const one = (value: number): string => value.toFixed(1);
const whole = (value: number): string => value.toFixed(0);
const three = ({ p50, p95, p99 }: Percentiles): string => [p50, p95, p99].map(whole).join(' / ');

/** The report as tables for a terminal. */
export function textOf({ machine, starts, evaluateMs, figures, comparisons, calls }: Report): string {
  return [
    machine,
    '',
    table([
      [
        'at once, what',
        'events/s',
        'event→card',
        'approve→remediation',
        'end to end',
        'peak RSS',
        'CPU/event',
        '(world)',
      ],
      ['', '', 'p50/p95/p99 ms', 'p50/p95/p99 ms', 'p50/p95/p99 ms', 'MB', 'ms', 'ms'],
      ...figures.map(figureRow),
    ]),
    '',
    'Compared with bare (median of the rounds):',
    table(
      comparisons.map(({ subject, concurrency, throughput, endToEnd }) => [
        `${concurrency} at once, ${subject}`,
        `${throughput.toFixed(2)} of its events/s`,
        `${endToEnd.toFixed(2)} times its end to end`,
      ]),
    ),
    '',
    'Outbound calls an incident:',
    callTable(calls),
    '',
    ...(starts.coldMs === undefined
      ? []
      : [`Cold npm start, installed, until ready: ${whole(starts.coldMs)} ms`]),
    `All guardrails once, facts at hand, median: ${evaluateMs.toFixed(3)} ms`,
    `The bot's process alone, until ready: ${whole(starts.readyMs)} ms; idle RSS: ${whole(starts.rssMb)} MB`,
  ].join('\n');
}

const added = (own: number, children: number, show: (value: number) => string): string =>
  children === 0 ? show(own) : `${show(own)} + ${show(children)}`;

const figureRow = (f: Figures): string[] => [
  `${f.concurrency}, ${f.subject}${f.failed === 0 ? '' : ` (${f.failed} FAILED)`}`,
  one(f.eventsPerSecond),
  three(f.eventToCard),
  three(f.approveToRemediation),
  three(f.endToEnd),
  added(f.peakRssMb, f.childrenRssMb, whole),
  added(f.cpuMsPerEvent, f.childrenCpuMsPerEvent, one),
  one(f.worldCpuMsPerEvent),
];

function callTable(calls: Report['calls']): string {
  const subjects = Object.keys(calls);
  const kinds = [...new Set(Object.values(calls).flatMap((counts) => Object.keys(counts)))].toSorted();
  const sum = (subject: string): number =>
    Object.values(calls[subject] ?? {}).reduce((total, count) => total + count, 0);
  return table([
    ['', ...subjects],
    ...kinds.map((kind) => [kind, ...subjects.map((subject) => (calls[subject]?.[kind] ?? 0).toFixed(2))]),
    ['all', ...subjects.map((subject) => sum(subject).toFixed(2))],
  ]);
}
