import { type Approval, approversOf } from './approval.ts';
import type { EventData, LogEntry } from './events.ts';
import type { GuardrailLine } from './guardrail-line.ts';
import { incidentChangeOf } from './incident-change.ts';
import { lastEvaluation } from './last-evaluation.ts';
import { spellValue } from './parameter-value.ts';
import type { ResolvedParameter } from './parameters.ts';
import { type Actor, nameOf } from './people.ts';
import type { Plan } from './plan.ts';
import { spellNeeded } from './quorum.ts';
import { wordInWords } from './rest.ts';
import { codeOf, type Run, requesterOf, type StepRecord } from './run.ts';
import { spellHost } from './step-end.ts';
import { flappingLine, needsResolver } from './steps.ts';
import { suggestionInWords } from './suggestion.ts';

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
    entry.type === 'run-proposed' ? entry.data.parameters.filter((p) => p.confirm).map(waitsFor) : [],
  );
  const waits = `Waits in Teams for: ${missing.join(', ')}.`;
  return { workNote: lines(headline(run, 'proposes'), ...suggestionLines(run), waits) };
}

const waitsFor = ({ title, shown }: ResolvedParameter): string =>
  shown === undefined ? title : `${title} (${shown} has to confirm)`;

export const ownedNote = (run: Run, { actor }: Extract<LogEntry, { type: 'ownership-answered' }>): Note => ({
  workNote: `${nameOf(actor)} confirmed in Teams that ${run.proposal?.ci.name} is theirs. Run code ${codeOf(run.runId)}.`,
});

export function requestedNote(run: Run, asked: Approval): Note {
  const approvers = `Approvers: ${spellNeeded(asked.requirements)} until ${asked.expiresAt}.`;
  if (asked.phase === 'rollback')
    return {
      workNote: lines(headline(run, 'asks for approval to roll back'), approvers, ...stepLines(run)),
      approval: 'requested',
    };
  return {
    workNote: lines(
      headline(run, asked.revision === 1 ? 'asks for approval of' : 'asks again for approval of'),
      ...suggestionLines(run),
      ...restLines(run),
      ...asked.changes.map((change) => `Changed: ${change}.`),
      approvers,
      ...(asked.tier === '' ? [] : [`Risk tier: ${asked.tier}.`]),
      ...(asked.notBefore === undefined
        ? []
        : [`It would start at ${asked.notBefore}, when the window opens.`]),
      ...guardrailLines(run, asked.revision),
      ...parameterLines(asked.plan.parameters),
      `Plan ${asked.digest.slice(0, 12)}, policy ${asked.plan.policy.version}. Rollback: ${asked.plan.rollback}.`,
    ),
    approval: 'requested',
  };
}

export function decidedNote(
  run: Run,
  entry: Extract<LogEntry, { type: 'auto-approved' | 'vote-cast' | 'glass-broken' }>,
): Note {
  const rollback = run.rollback?.revision === entry.data.revision;
  return {
    workNote: lines(
      `${rollback ? 'The rollback of ' : ''}${titleOf(run)} was approved by ${deciders(run, entry)}.`,
      ...(entry.type === 'glass-broken' ? glassLines(entry) : []),
      `Plan ${entry.data.digest.slice(0, 12)}. Run code ${codeOf(run.runId)}.`,
    ),
    approval: 'approved',
    // a rollback comes after something failed: what people have made of the incident since is theirs
    ...(rollback ? {} : { state: 'in-progress' }),
  };
}

/** Everybody whose vote counted, or the rule, or the one person who decided alone. */
function deciders(
  run: Run,
  entry: Extract<LogEntry, { type: 'auto-approved' | 'vote-cast' | 'glass-broken' }>,
): string {
  if (entry.type === 'auto-approved')
    return `policy rule ${entry.data.rule} of ${entry.data.owner}, valid until ${entry.data.until}`;
  const { revision } = entry.data;
  const approval = [run.approval, run.rollback].find((one) => one?.revision === revision);
  const names = approval && entry.type === 'vote-cast' ? approversOf(approval).map(nameOf) : [];
  return names.length > 0 ? names.join(' and ') : nameOf(entry.actor);
}

const glassLines = ({ data }: Extract<LogEntry, { type: 'glass-broken' }>): string[] => [
  `BREAK-GLASS, one person alone: ${data.reason}.`,
  ...(data.overridden.length > 0 ? [`Gone past: ${data.overridden.join(', ')}.`] : []),
  `To be reviewed by ${data.reviewGroup} until ${data.reviewBy}.`,
];

export const escalatedNote = (
  run: Run,
  { data }: Extract<LogEntry, { type: 'approval-escalated' }>,
): Note => ({
  workNote: `Nobody has decided on ${titleOf(run)} yet: ${data.group} is asked as well. Run code ${codeOf(run.runId)}.`,
});

export const reviewedNote = (
  run: Run,
  { data, actor }: Extract<LogEntry, { type: 'run-reviewed' }>,
): Note => ({
  workNote: `The break-glass of ${titleOf(run)} was reviewed by ${nameOf(actor)}: ${data.verdict}. ${data.note}`,
});

/** What somebody found out about the step nobody knew about. */
export const settledNote = (
  run: Run,
  { data: { step, word, reason }, actor }: Extract<LogEntry, { type: 'outcome-settled' }>,
): Note => ({
  workNote: lines(
    `${titleOf(run)}: ${nameOf(actor)} says of step ${step} that ${wordInWords(word)}. ${reason}`,
    word === 'cancel'
      ? 'It is not continued; handle it by hand.'
      : `Next: continue it in Teams with continue ${codeOf(run.runId)}, or handle it by hand.`,
  ),
});

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
  if (closed.outcome === 'succeeded' && resolve) return resolvedNote(run, workNote, resolve);
  if (needsResolver(closed.outcome) && escalation) return { workNote, assignmentGroup: escalation };
  const flapping = flappingLine(run);
  if (flapping && escalation)
    return { workNote: lines(workNote, problemProposal(run, flapping)), assignmentGroup: escalation };
  if (closed.outcome === 'rejected') return { workNote, approval: 'rejected' };
  const asked = run.entries.some((entry) => entry.type === 'approval-requested');
  return asked && run.steps.length === 0 ? { workNote, approval: 'not-requested' } : { workNote };
}

/** Verified: the runbook says that this resolves the incident, unless that is another one by now. */
function resolvedNote(run: Run, workNote: string, resolve: { code: string; notes: string }): Note {
  const against = notToResolve(run);
  if (against !== undefined) return { workNote: lines(workNote, `Not resolved by Handrail: ${against}.`) };
  return {
    workNote,
    state: 'resolved',
    // the customer may read these: the details stay in the work note
    close: { code: resolve.code, notes: `${resolve.notes} (Handrail run ${codeOf(run.runId)})` },
  };
}

/** Why people have to see for themselves whether what was verified resolves the incident. */
function notToResolve(run: Run): string | undefined {
  const { proposal, approval } = run;
  // what was proposed said how to resolve it; nobody knows whether what was run says the same
  if (approval?.plan.runbook.hash !== proposal?.runbook.hash)
    return `${proposal?.runbook.id} was changed between the proposal and the approval`;
  return incidentChangeOf(run);
}

/** What a problem record should say; opening one is a person's decision. */
const problemProposal = (run: Run, { reason, facts }: GuardrailLine): string =>
  lines(
    `Proposed problem record: "Recurring incidents on ${run.proposal?.ci.name}: ${run.proposal?.runbook.title} does not last".`,
    `Why: ${reason}. Earlier runs: ${facts?.['runs'] ?? 'see the log'}; incidents: ${facts?.['incidents'] ?? run.proposal?.incident.number ?? ''}.`,
  );

const suggestionLines = ({ proposal }: Run): string[] =>
  proposal?.suggestion ? [suggestionInWords(proposal.suggestion)] : [];

/** Set for a run that does what was left of another one. */
const restLines = ({ proposal }: Run): string[] => {
  if (proposal?.resumes === undefined) return [];
  const { runId, after, from, done, changes } = proposal.resumes;
  return [
    `Continues run ${runId} (${after}) from step ${from} on.`,
    ...(done.length > 0 ? [`Not repeated: ${done.join(', ')}.`] : []),
    ...changes.map((change) => `Since then: ${change}.`),
  ];
};

const lines = (...all: string[]): string => all.join('\n');
const titleOf = (run: Run): string =>
  `${run.proposal?.runbook.title ?? ''} (${run.proposal?.runbook.id} ${run.proposal?.runbook.version}) on ${run.proposal?.ci.name}`;
const headline = (run: Run, verb: string): string =>
  `Handrail ${verb} ${titleOf(run)}: ${run.proposal?.reason}. Run code ${codeOf(run.runId)}.`;
const nameOfRequester = (actor: Actor | undefined): string => (actor ? nameOf(actor) : 'unknown');

/** What the guardrails said when this plan was asked about, not what they have said since. */
function guardrailLines({ entries }: Run, revision: number): string[] {
  const asked = entries.findIndex(
    (entry) => entry.type === 'approval-requested' && entry.data.revision === revision,
  );
  return (lastEvaluation(entries.slice(0, asked))?.lines ?? []).map(
    (line) => `Guardrail ${line.guardrail}: ${line.effect} (${line.reason})`,
  );
}

const parameterLines = (parameters: Plan['parameters']): string[] =>
  Object.entries(parameters).map(([name, value]) => `Parameter ${name} = ${spellValue(value)}`);

const stepLines = (run: Run): string[] =>
  run.steps.map(
    (step) =>
      `Step ${step.id} (${step.phase}): ${step.result ?? 'in progress'}${step.detail ? `, ${step.detail}` : ''}` +
      hostsIn(step) +
      (step.evidence
        ? `; log ${step.evidence.bytes} bytes, sha256 ${step.evidence.sha256.slice(0, 12)}`
        : ''),
  );

const hostsIn = ({ hosts = [] }: StepRecord): string =>
  hosts.length === 0 ? '' : `; ${hosts.map(spellHost).join(', ')}`;
