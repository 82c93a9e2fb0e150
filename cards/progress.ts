import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Step, stepLines, Value, valueLines } from './headline.ts';
import template from './progress.json' with { type: 'json' };
import { standing, summaryOf } from './summary.ts';
import { escapeMarkdown, plain, tailOf } from './text.ts';
import { approvedBy, type Room, rollbackOf, roomy, sentence, shortUtc, tight } from './wording.ts';

const ProgressView = z.strictObject({
  ...Headline.shape,
  steps: z.array(Step),
  notes: z.array(z.string()),
  rollback: z.string(),
  because: z.string(),
  values: z.array(Value),
  checks: z.array(Line),
  tail: z.array(z.string()),
});
export type ProgressView = z.input<typeof ProgressView>;

/** The card of a run under way: which step it is at, and how to stop it. */
export const progress = defineCard('progress', template, ProgressView);

export const progressCard = (run: RunView): Card =>
  progress(progressView(run, roomy), () => progressView(run, tight));

export function progressView(run: RunView, room: Room): ProgressView {
  const { loud, passed } = guardrailLines(run, room);
  return {
    ...headline(run, room, {
      summary: summaryOf(run),
      state: escapeMarkdown(sentence(standing(run)), room.text),
      style: run.waiting === '' ? 'accent' : 'warning',
    }),
    steps: stepLines(run, room),
    notes: [plain(`Approved by ${approvedBy(run)}. Last change ${shortUtc(run.updatedAt)}.`, room.text)],
    rollback: plain(rollbackOf(run), room.text),
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    values: valueLines(run.parameters, room),
    checks: [...loud, ...passed],
    tail: lastOutput(run, room),
  };
}

/** The end of the log of the last step that wrote one. */
export function lastOutput({ steps }: Pick<RunView, 'steps'>, room: Room): string[] {
  const wrote = steps.findLast((step) => step.tail !== '');
  if (wrote === undefined || room.tail === 0) return ['Nothing to show.'];
  return [plain(`${wrote.title}:`, room.text), ...tailOf(wrote.tail, room.tail)];
}
