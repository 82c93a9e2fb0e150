import { type Approval, approversOf, askedGroups } from './approval.ts';
import type { RefusalCode } from './commands.ts';
import { nameOf } from './people.ts';
import { wordInWords } from './rest.ts';
import { awaitsWord, codeOf, openApproval, type Run } from './run.ts';

/** What a person who was refused can do now. */
export const nextActionFor = (run: Run, code: RefusalCode): string => advice[code](run);

const short = (run: Run): string => codeOf(run.runId);
const look = () => 'Look at /runbook status.';
const nothing = () => 'Nothing needs to be done.';
const readCurrent = (run: Run): string =>
  `Read the current card, then decide again, e.g. approve ${short(run)} ${latestApproval(run)?.revision ?? 1}.`;
const again = () => 'Nothing was changed. Try again in a minute; if it stays, tell the operator.';

const advice: Readonly<Record<RefusalCode, (run: Run) => string>> = {
  'no-such-run': () => 'Look at /runbook list and /runbook status.',
  'runbook-unknown': () => 'Look at /runbook list and /runbook status.',
  'already-ended': (run) => `It ended: ${endOf(run)}. Ask again with /runbook run if it is still needed.`,
  'already-decided': tooLate,
  'already-proposed': look,
  'already-running': look,
  'card-known': look,
  'stale-card': readCurrent,
  'plan-changed': readCurrent,
  expired: () => 'Ask again with /runbook run if it is still needed.',
  'wrong-tenant': () => 'Sign in with your work account of this organisation.',
  'not-a-person': () => 'Sign in with your work account of this organisation.',
  'self-approval': (run) => `Ask another member of ${approversIn(run)}, or type: withdraw ${short(run)}.`,
  'not-approver': (run) => `Ask a member of ${approversIn(run)}.`,
  'not-requester': () => 'Ask the on-call engineer of the owning group.',
  'membership-unknown': again,
  'incident-unknown': again,
  'ci-unknown': again,
  'facts-unknown': again,
  'not-owner': () => 'If the CMDB is wrong, have "Assigned to" corrected there.',
  'nobody-asked': nothing,
  'owner-approval': (run) => `Ask another member of ${approversIn(run)}.`,
  'author-approval': (run) => `Ask another member of ${approversIn(run)}.`,
  stopped: () => 'Wait until an administrator types: resume. Nothing starts before that.',
  'not-stopped': nothing,
  'not-admin': () => "Ask a member of the policy's administrators.",
  'glass-closed': (run) => `Ask ${approversIn(run)} for an approval, or page the incident commander.`,
  'not-commander': (run) => `Ask ${approversIn(run)} for an approval, or page the incident commander.`,
  'no-review': () => 'Look at /runbook status for runs that wait for a review.',
  'self-review': (run) => `Ask a member of ${run.glass?.reviewGroup ?? 'the review group'}.`,
  'not-reviewer': (run) => `Ask a member of ${run.glass?.reviewGroup ?? 'the review group'}.`,
  'no-unknown': look,
  'already-settled': (run) =>
    run.word ? `${nameOf(run.word.by)} said that ${wordInWords(run.word.word)}.` : look(),
  'not-settler': (run) => `Ask a member of ${approversIn(run)} or of the resolver group.`,
  'self-settlement': (run) => `Ask another member of ${approversIn(run)} or of the resolver group.`,
  'not-continuable': (run) =>
    awaitsWord(run)
      ? `Look at the target and the item, then type: settle ${short(run)} ran (or did-not-run, or cancel) and what you found.`
      : 'Ask again with /runbook run if it is still needed.',
  'runbook-changed': () =>
    'What is left cannot be told any more. Ask for the runbook anew with /runbook run.',
  'delegation-closed': () => 'Ask whoever owns the policy to allow delegation.',
  'not-delegate': () => 'Name somebody the policy lets vote for others.',
  'not-narrower': () => 'Choose a value within the limits that the card names, or reject with a reason.',
  'guardrail-denied': () => 'Nothing was changed. Solve what the guardrail names, then try again.',
  'reason-needed': () => 'Say why in a few words, and try again.',
  'parameters-missing': (run) =>
    openApproval(run) === undefined
      ? `Fill them in on the card, or type: confirm ${short(run)}.`
      : `Put it right in the incident or the CMDB, then decide again; or type: reject ${short(run)} and why.`,
  'parameters-invalid': () => 'Correct the fields that are named and confirm again.',
  'not-running': nothing,
  'not-approved': nothing,
  'not-due': nothing,
  'step-unknown': nothing,
};

/** Whoever came too late learns what the end is and who brought it about. */
const endOf = ({ closed }: Run): string =>
  closed === undefined ? 'it is being closed' : `${closed.outcome} (${closed.reason})`;

/** Whoever came too late learns who decided, and what can still be done. */
function tooLate(run: Run): string {
  if (run.rollback) return `Its rollback was approved by ${approvedBy(run.rollback)}, and has to finish.`;
  return `It was approved by ${approvedBy(run.approval)}. To stop it, type: cancel ${short(run)}.`;
}

function approvedBy(approval: Approval | undefined): string {
  if (approval?.rule !== undefined) return `the policy rule ${approval.rule}`;
  return (approval ? approversOf(approval) : []).map(nameOf).join(', ') || 'nobody';
}

const latestApproval = (run: Run): Approval | undefined => openApproval(run) ?? run.approval;

function approversIn(run: Run): string {
  const approval = latestApproval(run);
  return (approval ? askedGroups(approval) : []).join(' or ') || 'the approvers';
}
