import { z } from 'zod';
import type { RunView, StepView } from '../src/domain/view.ts';
import { Box, escalatedBox, haltedBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { Headline, headline, Step, stepLines, Value, valueLines } from './headline.ts';
import { lastOutput } from './progress.ts';
import template from './rollback.json' with { type: 'json' };
import { summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { Who, whoDecides } from './who.ts';
import { type Room, roomy, stepStates, tight } from './wording.ts';

const RollbackView = z.strictObject({
  ...Headline.shape,
  boxes: z.array(Box),
  /** What went wrong: the state of the step in a word, and what it said. */
  failed: z.array(Step),
  does: z.array(z.string()),
  ...Who.shape,
  approveWith: z.string(),
  because: z.string(),
  steps: z.array(Step),
  values: z.array(Value),
  tail: z.array(z.string()),
});
export type RollbackView = z.input<typeof RollbackView>;

/** The card that asks whether a failed change is to be undone, from the view it shows. */
export const rollback = defineCard('rollback', template, RollbackView);

/** The card of a run that failed and whose rollback has approvers of its own. */
export const rollbackCard = (run: RunView): Card =>
  rollback(rollbackView(run, roomy), () => rollbackView(run, tight));

export function rollbackView(run: RunView, room: Room): RollbackView {
  const state = 'It failed. Roll it back?';
  return {
    ...headline(run, room, { summary: summaryOf(run), state, style: 'attention' }),
    boxes: [...haltedBox(run, room), ...escalatedBox(run, room)],
    failed: run.steps
      .filter(wentWrong)
      .slice(0, room.lines)
      .map((step) => failedLine(step, room)),
    does: run.steps
      .filter((step) => step.phase === 'rollback')
      .slice(0, room.lines)
      .map((step, n) => plain(`${n + 1}. ${step.title} (${step.detail})`, room.text)),
    ...whoDecides(run, room),
    approveWith: `${run.code} ${run.revision}`,
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    steps: stepLines(run, room),
    values: valueLines(run.parameters, room),
    tail: lastOutput(run, room),
  };
}

const wentWrong = ({ state }: StepView): boolean =>
  state !== 'waiting' && state !== 'running' && state !== 'succeeded';

const failedLine = (step: StepView, room: Room) => ({
  ...stepStates[step.state],
  text: plain(step.title, room.text),
  detail: plain(step.detail, room.text),
});
