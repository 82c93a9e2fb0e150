import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import { Box, haltedBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { opening } from './headline.ts';
import { summaryOf } from './summary.ts';
import { escapeMarkdown, plain } from './text.ts';
import template from './why.json' with { type: 'json' };
import { first, type Room, roomy, shortUtc, tight, verdictOf } from './wording.ts';

const WhyView = z.strictObject({
  summary: z.string(),
  title: z.string(),
  about: z.string(),
  boxes: z.array(Box),
  lines: z.array(
    z.strictObject({
      word: z.string(),
      color: z.string(),
      guardrail: z.string(),
      reason: z.string(),
      opens: z.array(z.string()),
    }),
  ),
  more: z.array(z.string()),
});
export type WhyView = z.input<typeof WhyView>;

/** What every guardrail said at the last look, from the view it shows. */
export const why = defineCard('why', template, WhyView);

/** Every guardrail line of the last evaluation, with its reason and when it opens next. It is for reading only. */
export const whyCard = (run: RunView): Card => why(whyView(run, roomy), () => whyView(run, tight));

/** There are more guardrails than a run card has lines, and here all of them count. */
const most = (room: Room): number => (room.tail > 0 ? 40 : 20);

export function whyView(run: RunView, room: Room): WhyView {
  const order = ['deny', 'require-approval', 'allow'] as const;
  const sorted = order.flatMap((effect) => run.guardrails.filter((line) => line.effect === effect));
  const { shown, more } = first(sorted, most(room));
  return {
    summary: summaryOf(run),
    title: escapeMarkdown(`Guardrails of run ${run.code}`, 80),
    about: plain(`${summaryOf(run)} · last change ${shortUtc(run.updatedAt)}`, 2 * room.text),
    boxes: haltedBox(run, room),
    lines: shown.map((line) => ({
      ...verdictOf(line),
      guardrail: plain(line.guardrail, 60),
      reason: plain(line.reason, room.text),
      opens: line.effect === 'allow' ? [] : opening(line),
    })),
    more: [
      ...(sorted.length === 0 ? ['No guardrail has been asked yet.'] : []),
      ...(more === 0 ? [] : [`${more} more are not shown.`]),
    ],
  };
}
