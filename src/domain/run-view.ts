import { approvalView } from './approval-view.ts';
import { type Control, noControl } from './control.ts';
import type { Outcome } from './events.ts';
import { ageOf } from './guardrail-line.ts';
import { incidentChangeOf } from './incident-change.ts';
import { lastEvaluation } from './last-evaluation.ts';
import { ownerIn } from './ownership.ts';
import { spellValue } from './parameter-value.ts';
import { nameOf } from './people.ts';
import type { PlanStep } from './plan.ts';
import { type Pool, poolInWords, poolsOf } from './pool.ts';
import { describeProbe } from './probe.ts';
import { restOf, unknownStep, wordInWords } from './rest.ts';
import { codeOf, type Run, requesterOf, stateOf } from './run.ts';
import { progressOf, type Sight } from './sight.ts';
import type { PoolView, RunView, StepView } from './view.ts';

/** What people see of a run. Undefined before it is proposed. */
export function viewOf(run: Run, control: Control = noControl, sight?: Sight): RunView | undefined {
  const { proposal, closed } = run;
  const progress = progressOf(run, sight);
  if (proposal === undefined) return undefined;
  const requester = requesterOf(run);
  return {
    face: faceOf(run),
    runId: run.runId,
    code: codeOf(run.runId),
    revision: (run.rollback ?? run.approval)?.revision ?? 1,
    incident: {
      number: proposal.incident.number,
      title: proposal.incident.shortDescription,
      priority: proposal.incident.priority,
    },
    ci: {
      name: proposal.ci.name,
      environment: proposal.ci.environment,
      environmentKnown: proposal.ci.environmentKnown,
    },
    runbook: {
      id: proposal.runbook.id,
      title: proposal.runbook.title,
      version: proposal.runbook.version,
      summary: proposal.runbook.summary,
    },
    requester: requester === undefined ? '' : nameOf(requester),
    reason: proposal.reason,
    guardrails: guardrailsOf(run),
    parameters: run.parameters.map((p) => ({
      name: p.name,
      title: p.title,
      value: p.shown ?? (p.value === null ? '' : spellValue(p.value)),
      source: p.source,
      missing: p.confirm,
      ...(Array.isArray(p.value) ? { list: true as const } : {}),
    })),
    ...ownerView(run),
    ...planView(run),
    waiting: waitingOf(run),
    ...(progress ? { progress } : {}),
    ...(proposal.suggestion ? { suggestion: proposal.suggestion } : {}),
    ...(control.stopped && closed === undefined
      ? { halted: { by: nameOf(control.stopped.by), reason: control.stopped.reason } }
      : {}),
    ...(closed ? { outcome: outcomeView(closed), ...afterEndView(run) } : {}),
    ...resumesView(run),
    startedAt: run.entries[0]?.at ?? '',
    updatedAt: run.entries.at(-1)?.at ?? '',
  };
}

/** Whose word it needs, and whether it has it. */
function ownerView({ parameters, ownership, proposal }: Run): Pick<RunView, 'owner'> {
  const owner = ownerIn(parameters);
  if (owner === undefined || owner.value === null || proposal === undefined) return {};
  const { answer } = ownership ?? {};
  const state = answer?.mine === false ? 'disowned' : owner.confirm ? 'asked' : 'confirmed';
  const { consequence = '', expiresAt: until } = proposal;
  return { owner: { name: owner.shown ?? '', state, consequence, until } };
}

function waitingOf(run: Run): string {
  const { cancel, waitsFor, postponed, approval } = run;
  if (cancel) return `is being cancelled by ${nameOf(cancel.by)}`;
  if (waitsFor !== undefined) return `waits for run ${codeOf(waitsFor)} on the same item`;
  if (stateOf(run) !== 'approved') return goingOn(run);
  if (postponed) return `waits: ${postponed.reason}`;
  return approval?.notBefore === undefined ? '' : `waits for ${approval.notBefore}`;
}

function goingOn(run: Run): string {
  const change = incidentChangeOf(run);
  return change === undefined ? '' : `goes on, although ${change}`;
}

/** The lines of the latest evaluation. What rests on something older says so; where it came from is in the record. */
function guardrailsOf({ entries }: Run): RunView['guardrails'] {
  const latest = lastEvaluation(entries);
  const at = entries.findLast(({ data }) => data === latest)?.at ?? '';
  return (latest?.lines ?? []).map((line) =>
    line.readAt === undefined ? line : { ...line, reason: `${line.reason} (${ageOf(line, at)})` },
  );
}

function faceOf(run: Run): RunView['face'] {
  const state = stateOf(run);
  if (state === 'closed') return 'outcome';
  if (state === 'awaiting-approval' || state === 'awaiting-rollback') return 'approval';
  return state === 'awaiting-parameters' ? 'proposal' : 'progress';
}

function outcomeView({
  outcome,
  reason,
  nextAction,
}: NonNullable<Run['closed']>): NonNullable<RunView['outcome']> {
  return { name: outcome, tone: tones[outcome], reason, nextAction };
}

function planView(run: Run): Pick<RunView, 'steps' | 'pools' | 'rollback' | 'approval' | 'changes'> {
  const { approval } = run;
  if (approval === undefined) return { steps: [], pools: [], rollback: '', changes: [] };
  return {
    steps: approval.plan.steps.map((step) => stepView(run, step)),
    pools: poolsOf(approval.plan.steps, run.steps).map(poolView),
    rollback: approval.plan.rollback,
    approval: approvalView(run, run.rollback ?? approval),
    changes: approval.changes,
  };
}

const poolView = (pool: Pool): PoolView => {
  const { step, title, phase, hosts, atOnce, stopAfterFailures, ended } = pool;
  const progress = ended.length === 0 ? '' : poolInWords(pool);
  return { step, title, phase, hosts, atOnce, stopAfterFailures, progress };
};

function stepView(run: Run, step: PlanStep): StepView {
  const record = run.steps.find((one) => one.id === step.id);
  const what = step.does === 'job' ? `${step.job} on ${step.target}` : describeProbe(step);
  return {
    id: step.id,
    title: step.title,
    phase: step.phase,
    state: record === undefined ? 'waiting' : (record.result ?? 'running'),
    detail: record?.detail || what,
    tail: record?.evidence?.tail ?? '',
    ...(step.does === 'job' && step.batch ? { pool: step.batch.step } : {}),
  };
}

function resumesView({ proposal, approval }: Run): Pick<RunView, 'resumes'> {
  if (proposal?.resumes === undefined) return {};
  const { runId, after, from, changes } = proposal.resumes;
  const title = approval?.plan.steps.find(({ id }) => id === from)?.title ?? from;
  return { resumes: { code: codeOf(runId), after, changes, from: title } };
}

/** What people may still do about a run that has ended, and what they have done. */
function afterEndView(run: Run): Pick<RunView, 'unknown' | 'rest'> {
  const { word, continued } = run;
  const step = unknownStep(run);
  const title = run.approval?.plan.steps.find(({ id }) => id === step)?.title;
  const said = word && { by: nameOf(word.by), what: wordInWords(word.word), reason: word.reason };
  return {
    ...(title === undefined ? {} : { unknown: { step: title, ...(said ? { said } : {}) } }),
    ...(continued
      ? { rest: { is: 'continued', code: codeOf(continued.runId), by: nameOf(continued.by) } }
      : restOf(run)
        ? { rest: { is: 'offered' } }
        : {}),
  };
}

const tones: Readonly<Record<Outcome, 'good' | 'neutral' | 'warning' | 'attention'>> = {
  succeeded: 'good',
  rejected: 'neutral',
  expired: 'neutral',
  withdrawn: 'neutral',
  cancelled: 'warning',
  denied: 'warning',
  'remediation failed': 'attention',
  'verification failed': 'attention',
  'rolled back': 'warning',
  'rollback failed': 'attention',
  'automation failed': 'attention',
  'outcome unknown': 'attention',
  'not confirmed': 'warning',
};
