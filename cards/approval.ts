import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import template from './approval.json' with { type: 'json' };
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Step, stepLines, Value, valueLines } from './headline.ts';
import { summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { first, localTime, type Room, rollbackOf, roomy, shortUtc, tight } from './wording.ts';

const ApprovalView = z.strictObject({
  ...Headline.shape,
  does: z.string(),
  changed: z.boolean(),
  changes: z.array(z.string()),
  checks: z.array(Line),
  passed: z.array(Line),
  rollback: z.string(),
  decides: z.string(),
  until: z.string(),
  /** What somebody types to approve this plan: above the first one its number has to be named. */
  approveWith: z.string(),
  because: z.string(),
  steps: z.array(Step),
  values: z.array(Value),
});
export type ApprovalView = z.input<typeof ApprovalView>;

/** The card that asks for a decision, from the view it shows. */
export const approval = defineCard('approval', template, ApprovalView);

/** The card of a run that waits for votes. */
export const approvalCard = (run: RunView): Card =>
  approval(approvalView(run, roomy), () => approvalView(run, tight));

export function approvalView(run: RunView, room: Room): ApprovalView {
  const state = run.changes.length > 0 ? 'Approval needed again: the plan changed' : 'Approval needed';
  const { loud, quiet, passed } = guardrailLines(run, room);
  const changes = first(run.changes, room.lines).shown.map((change) => plain(change, room.text));
  return {
    ...headline(run, room, { summary: summaryOf(run), state, style: 'warning' }),
    does: plain(doing(run), room.text),
    changed: changes.length > 0,
    changes,
    checks: [...loud, ...quiet],
    passed,
    rollback: plain(rollbackOf(run), room.text),
    decides: plain(decides(run), room.text),
    until: run.approval
      ? `${shortUtc(run.approval.expiresAt)} (${localTime(run.approval.expiresAt)} your time)`
      : '',
    approveWith: run.revision > 1 ? `${run.code} ${run.revision}` : run.code,
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    steps: stepLines(run, room).map((step, n) => ({ ...step, text: `${n + 1}. ${step.text}` })),
    values: valueLines(run.parameters, room),
  };
}

/** What would be changed: the remediation steps and where each runs. */
function doing({ steps, runbook }: RunView): string {
  const remediation = steps.filter((step) => step.phase === 'remediation');
  if (remediation.length === 0) return runbook.summary;
  return remediation.map((step) => `${step.title} (${step.detail})`).join('; ');
}

/** A run an event or a rule asked for has no person who would have to stay out of the vote. */
const isPerson = (requester: string): boolean =>
  requester !== 'ServiceNow' && !requester.startsWith('Handrail (');

function decides({ approval: asked, requester }: RunView): string {
  if (asked === undefined) return '';
  const { group, needed, approvers } = asked;
  const who = needed === 1 ? `one of ${group}` : `${needed} of ${group}`;
  const not = isPerson(requester) ? `, not ${requester} who asked` : '';
  const soFar =
    approvers.length === 0 ? '' : `. Approved so far (${approvers.length}): ${approvers.join(', ')}`;
  return `${who}${not}${soFar}`;
}
