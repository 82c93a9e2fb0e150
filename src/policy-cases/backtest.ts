import { z } from 'zod';
import { Given } from './given.ts';
import { moved } from './moves.ts';
import { peopled } from './people.ts';
import { beginning, stageFor } from './scene.ts';
import { type Base, stageOf } from './stage.ts';
import { type Fate, fates, type Verdict, verdictOf } from './verdict.ts';

/** One line of a backtest: an incident, its item and what else was true, and which runbook; without one the rules choose. */
export const PastIncident = z.strictObject({
  ...Given.omit({ runbook: true, policy: true }).shape,
  runbook: z.string().min(1).optional(),
});
export type PastIncident = z.infer<typeof PastIncident>;

export type Compared = {
  /** Of the file, from 1. */
  readonly line: number;
  readonly incident: string;
  readonly ci: string;
  readonly present: Verdict;
  readonly proposed: Verdict;
};

/** What one policy makes of an incident. Who is not named is taken to be there: people are not what is compared. */
export function judged(base: Base, { runbook, ...given }: PastIncident): Verdict {
  const own = { ...base, runbook: runbook ?? base.runbook };
  if (!own.runbooks.has(own.runbook))
    return { fate: 'no runbook', by: `there is no runbook ${own.runbook}`, runbook: '', tier: '' };
  const { groups } = stageFor(own, given).policy.policy;
  const start = beginning(own, peopled(given, Object.keys(groups)));
  return verdictOf(moved(start, runbook === undefined ? { arrive: {} } : { propose: 'servicenow' }));
}

/** The policies' version and hash, as they are in every decision. Throws when they do not fit: that was told before. */
export function identityOf(base: Base): { readonly version: string; readonly hash: string } {
  const staged = stageOf(base, {});
  if (!staged.ok) throw new Error(`the ${staged.in} does not fit`);
  const { policy, hash } = staged.stage.policy;
  return { version: policy.version, hash };
}

export const differs = ({ present, proposed }: Compared): boolean =>
  present.fate !== proposed.fate || present.by !== proposed.by || present.runbook !== proposed.runbook;

/** How many incidents come to each fate under one of the policies. */
export const countsOf = (
  all: readonly Compared[],
  under: 'present' | 'proposed',
): Readonly<Record<Fate, number>> =>
  Object.fromEntries(
    fates.map((fate) => [fate, all.filter((one) => one[under].fate === fate).length]),
  ) as Record<Fate, number>;

/** The table of counts, and the incidents the policies differ in. */
export function backtestLines(all: readonly Compared[]): string[] {
  const present = countsOf(all, 'present');
  const proposed = countsOf(all, 'proposed');
  const row = (name: string, ...cells: readonly (string | number)[]) =>
    [name.padEnd(14), ...cells.map((cell) => String(cell).padStart(8))].join('');
  const different = all.filter(differs);
  return [
    row('', 'present', 'new', 'change'),
    ...fates.map((fate) => row(fate, present[fate], proposed[fate], signed(proposed[fate] - present[fate]))),
    row('all', all.length, all.length, ''),
    '',
    different.length === 0 ? 'the policies decide the same' : `decided otherwise: ${different.length}`,
    ...different.flatMap((one) => [
      `  line ${one.line} ${one.incident} on ${one.ci}`,
      `    present: ${inWords(one.present)}`,
      `    new:     ${inWords(one.proposed)}`,
    ]),
  ];
}

const signed = (change: number): string => (change > 0 ? `+${change}` : String(change));

const inWords = ({ fate, by, tier, runbook }: Verdict): string =>
  [`${fate}: ${by}`, ...(tier === '' ? [] : [`tier ${tier}`]), ...(runbook === '' ? [] : [runbook])].join(
    ', ',
  );
