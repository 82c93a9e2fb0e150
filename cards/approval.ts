import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import template from './approval.json' with { type: 'json' };
import { Box, changesBox, escalatedBox, haltedBox, resumesBox, suggestionBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Step, stepLines, Value, valueLines } from './headline.ts';
import { NarrowField, narrowFields, noOffers, type Offers } from './narrow.ts';
import { summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { Who, whoDecides } from './who.ts';
import { type Room, rollbackOf, roomy, tight } from './wording.ts';

const ApprovalView = z.strictObject({
  ...Headline.shape,
  boxes: z.array(Box),
  does: z.string(),
  checks: z.array(Line),
  opens: z.array(z.string()),
  passed: z.array(Line),
  rollback: z.string(),
  /** What a machine said; none when it said nothing. */
  suggestion: z.array(Box),
  ...Who.shape,
  /** What somebody types to approve this plan: above the first one its number has to be named. */
  approveWith: z.string(),
  because: z.string(),
  steps: z.array(Step),
  values: z.array(Value),
  narrow: z.array(NarrowField),
  /** Buttons that are rarely the right ones stand in a row of their own: five in one row are cut off on a phone. */
  more: z.boolean(),
  canNarrow: z.boolean(),
  canBreak: z.boolean(),
});
export type ApprovalView = z.input<typeof ApprovalView>;

/** The card that asks for a decision, from the view it shows. */
export const approval = defineCard('approval', template, ApprovalView);

/** The card of a run that waits for votes. It is the same for everybody: who may do what is decided at the click. */
export const approvalCard = (run: RunView, offers: Offers = noOffers): Card =>
  approval(approvalView(run, roomy, offers), () => approvalView(run, tight, offers));

export function approvalView(run: RunView, room: Room, offers: Offers = noOffers): ApprovalView {
  const state = run.changes.length > 0 ? 'Approval needed again: the plan changed' : 'Approval needed';
  const { loud, quiet, passed, opens } = guardrailLines(run, room);
  const narrow = narrowFields(run, offers, room);
  return {
    ...headline(run, room, { summary: summaryOf(run), state, style: 'warning' }),
    boxes: [
      ...haltedBox(run, room),
      ...resumesBox(run, room),
      ...changesBox(run, room),
      ...escalatedBox(run, room),
    ],
    does: plain(doing(run), 2 * room.text),
    checks: [...loud, ...quiet],
    opens,
    passed,
    rollback: plain(rollbackOf(run), room.text),
    suggestion: suggestionBox(run, room),
    ...whoDecides(run, room),
    approveWith: run.revision > 1 ? `${run.code} ${run.revision}` : run.code,
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    steps: stepLines(run, room).map((step, n) => ({ ...step, text: `${n + 1}. ${step.text}` })),
    values: valueLines(run.parameters, room),
    narrow,
    more: narrow.length > 0 || offers.breakGlass,
    canNarrow: narrow.length > 0,
    canBreak: offers.breakGlass,
  };
}

/** What would be changed: the remediation steps and where each runs; a pool with its numbers instead of its batches. */
function doing({ steps, pools, runbook }: RunView): string {
  const remediation = steps.filter((step) => step.phase === 'remediation');
  if (remediation.length === 0) return runbook.summary;
  const said = remediation.map(({ title, detail, pool }) => {
    const through = pools.find(({ step }) => step === pool);
    return through === undefined ? `${title} (${detail})` : `${poolInShort(through)} (${detail})`;
  });
  return [...new Set(said)].join('; ');
}

const poolInShort = ({ title, hosts, atOnce, stopAfterFailures }: RunView['pools'][number]): string =>
  `${title} on ${hosts.length} hosts, ${atOnce} at a time, ${stopsAfter(stopAfterFailures)}: ${hosts.join(', ')}`;

const stopsAfter = (failures: number): string =>
  failures === 1 ? 'stops at the first that fails' : `stops when ${failures} have failed`;
