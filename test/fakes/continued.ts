import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import type { Person } from '../../src/domain/people.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from './domain.ts';

export const NEXT = `${f.RUN.slice(0, -1)}N`;
export const THIRD = `${f.RUN.slice(0, -1)}R`;
export const two = [
  { id: 'drain', title: 'Drain', target: 'ops', job: 'drain' },
  { id: 'recycle-pool', title: 'Recycle', target: 'ops', job: 'recycle' },
];
export const diagnostics = [
  { id: 'look', title: 'Look', target: 'ops', job: 'look', optional: true },
  { id: 'snapshot', title: 'Snapshot', target: 'ops', job: 'snapshot' },
];
export const checks = [
  { id: 'answers', title: 'Answers', http: { url: 'http://site.example/a' } },
  { id: 'fast', title: 'Fast', http: { url: 'http://site.example/b' } },
];
export const steps = { diagnostics, remediation: two, verification: checks };
export const undo = { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }] } };
export const long: Partial<Facts> = { runbook: f.runbook({ steps, rollback: undo }) };

/** Dispatched, and then these steps in turn. */
export const ran = (...results: [string, Parameters<typeof f.result>[1]][]): Command[] => [
  ...f.approved,
  f.anyOf.dispatch,
  ...results.map(([step, result]) => f.result(step, result)),
];
export const settled = (word: 'ran' | 'did-not-run' | 'cancel'): Command =>
  f.command('settle', f.mia, { word, reason: 'looked' });
export const rejected = f.command('reject', f.mia, { reason: 'leave it' });
export const goesOn = (by: Command['by'] = f.olivia, next = NEXT): Command =>
  f.command('continue', by, { next });
export const diagnosed: [string, 'succeeded' | 'failed'][] = [
  ['look', 'failed'],
  ['snapshot', 'succeeded'],
];

/** The run that continues another one, as it is proposed. */
export function nextOf(
  first: Run,
  facts: Partial<Facts> = {},
  by: Person = f.olivia,
  id = NEXT,
): { next: Run; code: string } {
  const propose = f.command('propose', by, {
    incident: 'a'.repeat(32),
    runbook: 'recycle',
    reason: 'continues a run',
    resumes: first.runId,
  });
  const { run, decided } = f.play(newRun(id), propose, { resumed: { ok: true, value: first }, ...facts });
  return { next: run, code: decided.ok ? stateOf(run) : decided.refusal.code };
}

export const stepsOf = ({ approval }: Run): string[] => (approval?.plan.steps ?? []).map(({ id }) => id);
export const endOf = (run: Run): string => run.closed?.outcome ?? stateOf(run);
