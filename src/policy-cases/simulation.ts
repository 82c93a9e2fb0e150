import type { Approval } from '../domain/approval.ts';
import { spell } from '../domain/duration.ts';
import { spellValue } from '../domain/parameter-value.ts';
import { nameOf } from '../domain/people.ts';
import type { Plan } from '../domain/plan.ts';
import { describeProbe } from '../domain/probe.ts';
import { stateOf } from '../domain/run.ts';
import { evaluationIn, tierIn } from './evaluation.ts';
import type { Scene } from './scene.ts';
import { verdictOf } from './verdict.ts';

/** A decision as a person reads it: every guardrail line, the tier, who is asked, and what would happen next. */
export function simulationLines(scene: Scene): string[] {
  const { run, stage, now, last } = scene;
  const { runbook } = stage.runbook;
  const { policy } = stage.policy;
  const { effect, lines } = evaluationIn(scene);
  const subject = run.proposal
    ? `${run.proposal.incident.number} on ${run.proposal.ci.name} (${run.proposal.ci.environment})`
    : 'nothing could be proposed';
  const asker = last.by === undefined ? 'nobody' : nameOf(last.by);
  return [
    `${runbook.id} ${runbook.version}, policy ${policy.version}, at ${now.toISOString()}`,
    `${subject}, asked for by ${asker}`,
    '',
    `guardrails: ${effect}`,
    ...lines.map(
      (line) => `  ${line.effect.padEnd(17)} ${line.guardrail.padEnd(15)} ${line.reason}${until(line)}`,
    ),
    '',
    `tier: ${tierIn(scene) || 'none'}`,
    ...run.parameters.map(
      ({ name, value, source, confirm }) =>
        `parameter ${name}: ${value === null ? 'nothing' : spellValue(value)} (${confirm ? 'to be confirmed' : source})`,
    ),
    ...outcomeLines(scene),
  ];
}

const until = ({ until: at }: { readonly until?: string | undefined }): string =>
  at === undefined ? '' : ` [until ${at}]`;

function outcomeLines(scene: Scene): string[] {
  const { run } = scene;
  const { fate, by } = verdictOf(scene);
  const { approval } = run;
  if (approval !== undefined)
    return [
      `decision: ${fate}: ${by}`,
      ...(approval.rule === undefined ? waitingLines(approval) : []),
      `next: ${nextIn(scene, approval)}`,
      ...stepLines(approval.plan),
    ];
  const next = {
    'needs values': 'a person fills in what is missing; then the guardrails are asked again',
    denied: `nothing runs; ${run.closed?.nextAction ?? ''}`,
    unknown: 'nothing runs until it can be read',
  };
  return [`decision: ${fate}: ${by}`, `next: ${fate in next ? next[fate as keyof typeof next] : 'nothing'}`];
}

function nextIn({ run }: Scene, { rule, expiresAt, notBefore }: Approval): string {
  const start = notBefore === undefined ? 'it starts' : `it starts at ${notBefore}`;
  if (rule !== undefined && stateOf(run) === 'approved') return `${start} when every guardrail agrees again`;
  return `people decide until ${expiresAt}; then ${start} when every guardrail agrees again, or nothing runs`;
}

function waitingLines({ fourEyes, authors, remindEvery, escalateAt, escalateTo }: Approval): string[] {
  return [
    ...(fourEyes ? ['four eyes: two different people have to have looked at it'] : []),
    ...(authors.length > 0 ? [`may not approve: ${authors.join(', ')} (wrote this version)`] : []),
    ...(remindEvery === undefined ? [] : [`reminded: each ${spell(remindEvery)}`]),
    ...(escalateAt === undefined ? [] : [`escalated: to ${escalateTo} at ${escalateAt}`]),
  ];
}

const stepLines = ({ steps }: Plan): string[] =>
  steps.map(
    (step) =>
      `  ${step.phase.padEnd(12)} ${step.id}: ${step.does === 'job' ? `${step.target} ${step.job}` : describeProbe(step)}`,
  );
