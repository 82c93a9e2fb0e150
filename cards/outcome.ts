import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import { Box, glassBox, restBox, resumesBox, unknownBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Step, stepLines, Value, valueLines } from './headline.ts';
import template from './outcome.json' with { type: 'json' };
import { lastOutput } from './progress.ts';
import { summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { letRun, type Room, roomy, sentence, shortUtc, tight } from './wording.ts';

const OutcomeView = z.strictObject({
  ...Headline.shape,
  boxes: z.array(Box),
  reason: z.string(),
  nextAction: z.string(),
  /** Who let it run, or be rolled back; empty when nobody did. */
  letRun: z.array(z.strictObject({ what: z.string(), who: z.string() })),
  steps: z.array(Step),
  values: z.array(Value),
  checks: z.array(Line),
  tail: z.array(z.string()),
  /** Nobody has said yet whether a step ran; what is left may be run. */
  canSettle: z.boolean(),
  canContinue: z.boolean(),
  canType: z.boolean(),
  /** What the buttons do, in words. */
  types: z.string(),
});
export type OutcomeView = z.input<typeof OutcomeView>;

/** The card of a run that has ended: how, why, what to do next, and what people may still say or do about it. */
export const outcome = defineCard('outcome', template, OutcomeView);

export const outcomeCard = (run: RunView): Card =>
  outcome(outcomeView(run, roomy), () => outcomeView(run, tight));

const styles = { good: 'good', neutral: 'emphasis', warning: 'warning', attention: 'attention' } as const;

export function outcomeView(run: RunView, room: Room): OutcomeView {
  const { loud, passed } = guardrailLines(run, room);
  const ended = run.outcome;
  const canSettle = run.unknown !== undefined && run.unknown.said === undefined;
  const canContinue = run.rest?.is === 'offered';
  return {
    ...headline(run, room, {
      summary: summaryOf(run),
      state: sentence(ended?.name ?? 'ended'),
      style: styles[ended?.tone ?? 'neutral'],
    }),
    boxes: [
      ...resumesBox(run, room),
      ...unknownBox(run, room),
      ...restBox(run, room),
      ...glassBox(run, room),
    ],
    reason: plain(`${ended?.reason ?? ''} (${shortUtc(run.updatedAt)})`, 2 * room.text),
    nextAction: plain(ended?.nextAction ?? '', 2 * room.text),
    letRun: run.approval?.rule || run.approval?.approvers.length ? [approvedBy(run, room)] : [],
    steps: stepLines(run, room),
    values: valueLines(run.parameters, room),
    checks: [...loud, ...passed],
    tail: lastOutput(run, room),
    canSettle,
    canContinue,
    canType: canSettle || canContinue,
    types: canSettle ? `settle ${run.code} ran …` : `continue ${run.code}`,
  };
}

function approvedBy(run: RunView, room: Room): OutcomeView['letRun'][number] {
  const { what, who } = letRun(run);
  return { what, who: plain(who, room.text) };
}
