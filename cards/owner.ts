import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import { type Card, defineCard } from './card.ts';
import { noticeCard } from './notice.ts';
import template from './owner.json' with { type: 'json' };
import { summaryOf } from './summary.ts';
import { escapeMarkdown, literal, plain } from './text.ts';
import { calendar, priorityOf, type Room, roomy, tight } from './wording.ts';

const OwnerView = z.strictObject({
  summary: z.string(),
  ci: z.string(),
  incident: z.string(),
  title: z.string(),
  does: z.string(),
  /** What it means for whoever reads this. */
  consequence: z.string(),
  until: z.string(),
  run: z.string(),
  revision: z.number(),
  code: z.string(),
});
export type OwnerView = z.input<typeof OwnerView>;

/** The card that asks a person, alone, whether an item is theirs, from the view it shows. */
export const owner = defineCard('owner', template, OwnerView);

/** The card for the owner of an item: the question while it is open, then what became of it, with nothing to press. */
export function ownerCard(run: RunView): Card {
  if (run.owner?.state === 'asked' && run.face === 'proposal')
    return owner(ownerView(run, roomy), () => ownerView(run, tight));
  return noticeCard(titleOf(run), `${summaryOf(run)}.${endOf(run)}`);
}

export function ownerView(run: RunView, room: Room): OwnerView {
  return {
    summary: askingOf(run),
    ci: literal(run.ci.name, 120),
    incident: plain(`${run.incident.number} · ${priorityOf(run.incident.priority)}`, 40),
    title: plain(run.incident.title, room.text),
    does: plain(`${run.runbook.title}. ${run.runbook.summary}`, 2 * room.text),
    consequence: plain(run.owner?.consequence ?? '', 2 * room.text),
    until: `**Answer until:** ${calendar(run.owner?.until ?? '') || escapeMarkdown(run.owner?.until ?? '')}`,
    run: run.runId,
    revision: run.revision,
    code: plain(run.code, 12),
  };
}

/** One line for the notification: nobody should have to open the chat to know that something is asked of them. */
export const askingOf = (run: RunView): string =>
  plain(`Is ${run.ci.name} yours? ${run.incident.number}`, 200);

function titleOf({ owner: asked, ci }: RunView): string {
  if (asked?.state === 'confirmed') return `${asked.name} confirmed that ${ci.name} is theirs`;
  if (asked?.state === 'disowned') return `${asked.name} said that ${ci.name} is not theirs`;
  return `${ci.name}: no answer is needed any more`;
}

const endOf = ({ outcome }: RunView): string => (outcome === undefined ? '' : ` ${outcome.reason}.`);
