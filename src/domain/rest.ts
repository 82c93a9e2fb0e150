import { chainOf, type Resumes, type Word } from './after-end.ts';
import type { Outcome } from './events.ts';
import { nameOf } from './people.ts';
import type { Plan, PlanStep } from './plan.ts';
import { touchedHosts } from './pool.ts';
import type { Run, StepRecord } from './run.ts';
import { failedStep, hasFailed } from './steps.ts';

/** What is left of a run that has ended, and the exact runbook it was a part of. */
export type Rest = { readonly resumes: Omit<Resumes, 'changes'>; readonly hash: string };

const continuable: readonly Outcome[] = ['automation failed', 'remediation failed', 'verification failed'];

/**
 * What may still be run of a run that has ended; undefined when there is nothing, or when nobody knows where it stands:
 * rolled back, half rolled back, cancelled, or unknown and nobody has said what happened.
 */
export function restOf(run: Run): Rest | undefined {
  const { runId, closed, proposal, approval } = run;
  if (closed === undefined || proposal === undefined) return undefined;
  const left = run.steps.length === 0 ? leftBefore(proposal.resumes) : leftOf(run);
  if (left === undefined) return undefined;
  const hash = approval?.plan.runbook.hash ?? proposal.runbook.hash;
  return { hash, resumes: { runId, earlier: chainOf(proposal.resumes), after: endInWords(run), ...left } };
}

type Left = Pick<Resumes, 'from' | 'done' | 'touched'>;

/** A rest that nobody let run is still the same rest. */
const leftBefore = (resumes: Resumes | undefined): Left | undefined =>
  resumes && { from: resumes.from, done: resumes.done, ...touching(resumes.touched) };

function leftOf(run: Run): Left | undefined {
  const { approval, proposal } = run;
  if (approval === undefined || !mayGoOn(run)) return undefined;
  const { steps } = approval.plan;
  const records = asSettled(run);
  const ended = records.filter((record) => isDone(record, steps, records)).map(({ id }) => id);
  const from = steps.find(({ id, phase }) => phase !== 'rollback' && !ended.includes(id))?.id;
  if (from === undefined) return undefined;
  const done = [...(proposal?.resumes?.done ?? []), ...ended];
  return { from, done, ...touching(touchedHosts(steps, records, proposal?.resumes)) };
}

const touching = (touched: string[] | undefined) => (touched === undefined ? {} : { touched });

/** How the steps ended, as somebody has said it of the one that nobody knew about. */
const asSettled = ({ steps, word }: Run): StepRecord[] =>
  steps.map((step) =>
    step.id === word?.step ? { ...step, result: word.word === 'ran' ? 'succeeded' : 'not-started' } : step,
  );

const mayGoOn = ({ closed, word }: Run): boolean =>
  closed?.outcome === 'outcome unknown'
    ? word !== undefined && word.word !== 'cancel'
    : closed !== undefined && continuable.includes(closed.outcome);

/** What was verified before says nothing about now, so a verification is never done. */
function isDone(record: StepRecord, steps: readonly PlanStep[], records: readonly StepRecord[]): boolean {
  if (record.phase === 'diagnostics') return !hasFailed(record, steps, records);
  return record.phase === 'remediation' && record.result === 'succeeded';
}

const said: Readonly<Record<Word, string>> = {
  ran: 'it ran',
  'did-not-run': 'it did not run',
  cancel: 'nobody can tell',
};

/** A word as it is said in a sentence. */
export const wordInWords = (word: Word): string => said[word];

function endInWords({ closed, word }: Run): string {
  const by = word === undefined ? '' : `, and ${nameOf(word.by)} said that ${said[word.word]}`;
  return `${closed?.outcome ?? ''}${by}`;
}

/**
 * The part of a plan that is left. Rollback steps stay: what they undo is done in this run, or was in the one it continues.
 */
export const remaining = (plan: Plan, resumes: Resumes | undefined): Plan =>
  resumes === undefined
    ? plan
    : {
        ...plan,
        steps: plan.steps.filter(({ id }) => !resumes.done.includes(id)),
        resumes: resumes.runId,
      };

/** The step nobody knows about, where that was the end. */
export const unknownStep = (run: Run): string | undefined =>
  run.closed?.outcome === 'outcome unknown' ? failedStep(run)?.id : undefined;
