import type { EventData, LogEntry } from './events.ts';
import { type Actor, nameOf } from './people.ts';
import { codeOf, type Run, requesterOf } from './run.ts';
import { needsResolver } from './steps.ts';

/** What is written to the incident: an internal work note and a few fields. Never the customer-visible comments. */
export type Note = {
  readonly workNote: string;
  readonly approval?: 'requested' | 'approved' | 'rejected' | 'not-requested';
  readonly state?: 'in-progress' | 'resolved';
  readonly close?: { readonly code: string; readonly notes: string };
  readonly assignmentGroup?: string;
};

/** By this line a note is recognised when a repeat would write it again. */
export const markerOf = (run: Run, key: string): string => `[handrail ${run.runId} ${key}]`;

/** A proposal that waits for a person to fill in what neither the incident nor the CMDB says. */
export function proposedNote(run: Run): Note {
  const missing = run.entries.flatMap((entry) =>
    entry.type === 'run-proposed' ? entry.data.parameters.filter((p) => p.confirm).map((p) => p.title) : [],
  );
  return { workNote: [headline(run, 'proposes'), `Waits in Teams for: ${missing.join(', ')}.`].join('\n') };
}

export function requestedNote(run: Run, asked: EventData<'approval-requested'>): Note {
  return {
    workNote: lines(
      headline(run, asked.revision === 1 ? 'asks for approval of' : 'asks again for approval of'),
      ...asked.changes.map((change) => `Changed: ${change}.`),
      `Approvers: ${asked.group} (${asked.quorum} needed) until ${asked.expiresAt}.`,
      ...guardrailLines(run, 'proposal'),
      ...parameterLines(asked.plan.parameters),
      `Plan ${asked.digest.slice(0, 12)}, policy ${asked.plan.policy.version}. Rollback: ${asked.plan.rollback}.`,
    ),
    approval: 'requested',
  };
}

export function decidedNote(
  run: Run,
  entry: Extract<LogEntry, { type: 'auto-approved' | 'vote-cast' }>,
): Note {
  const by =
    entry.type === 'auto-approved'
      ? `policy rule ${entry.data.rule} of ${entry.data.owner}, valid until ${entry.data.until}`
      : nameOf(entry.actor);
  return {
    workNote: lines(
      `${titleOf(run)} was approved by ${by}.`,
      `Plan ${entry.data.digest.slice(0, 12)}. Run code ${codeOf(run.runId)}.`,
    ),
    approval: 'approved',
    state: 'in-progress',
  };
}

export function closedNote(run: Run, closed: EventData<'run-closed'>): Note {
  const workNote = lines(
    closed.outcome === 'automation failed'
      ? `Automation failed: ${titleOf(run)}.`
      : `${titleOf(run)}: ${closed.outcome}.`,
    `Reason: ${closed.reason}.`,
    ...stepLines(run),
    `Next: ${closed.nextAction}`,
    `Run ${run.runId}, requested by ${nameOfRequester(requesterOf(run))}.`,
  );
  const { resolve, escalation } = run.proposal ?? {};
  if (closed.outcome === 'succeeded' && resolve)
    return {
      workNote,
      state: 'resolved',
      // the customer may read these: the details stay in the work note
      close: { code: resolve.code, notes: `${resolve.notes} (Handrail run ${codeOf(run.runId)})` },
    };
  if (needsResolver(closed.outcome) && escalation) return { workNote, assignmentGroup: escalation };
  if (closed.outcome === 'rejected') return { workNote, approval: 'rejected' };
  const asked = run.entries.some((entry) => entry.type === 'approval-requested');
  return asked && run.steps.length === 0 ? { workNote, approval: 'not-requested' } : { workNote };
}

const lines = (...all: string[]): string => all.join('\n');
const titleOf = (run: Run): string =>
  `${run.proposal?.runbook.title ?? ''} (${run.proposal?.runbook.id} ${run.proposal?.runbook.version}) on ${run.proposal?.ci.name}`;
const headline = (run: Run, verb: string): string =>
  `Handrail ${verb} ${titleOf(run)}: ${run.proposal?.reason}. Run code ${codeOf(run.runId)}.`;
const nameOfRequester = (actor: Actor | undefined): string => (actor ? nameOf(actor) : 'unknown');

const guardrailLines = (run: Run, stage: string): string[] =>
  (run.evaluations[stage]?.lines ?? []).map(
    (line) => `Guardrail ${line.guardrail}: ${line.effect} (${line.reason})`,
  );

const parameterLines = (parameters: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(parameters).map(([name, value]) => `Parameter ${name} = ${value}`);

const stepLines = (run: Run): string[] =>
  run.steps.map(
    (step) =>
      `Step ${step.id} (${step.phase}): ${step.result ?? 'in progress'}${step.detail ? `, ${step.detail}` : ''}` +
      (step.evidence
        ? `; log ${step.evidence.bytes} bytes, sha256 ${step.evidence.sha256.slice(0, 12)}`
        : ''),
  );
