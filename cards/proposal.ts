import { z } from 'zod';
import type { RunView } from '../src/domain/view.ts';
import { Box, haltedBox, ownerBox, suggestionBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Value, valueLines } from './headline.ts';
import template from './proposal.json' with { type: 'json' };
import { asksOwnerAlone, summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { first, type Room, roomy, sourceInWords, tight } from './wording.ts';

const ProposalView = z.strictObject({
  ...Headline.shape,
  boxes: z.array(Box),
  does: z.string(),
  because: z.string(),
  missing: z.array(z.strictObject({ title: z.string(), source: z.string() })),
  values: z.array(Value),
  checks: z.array(Line),
  opens: z.array(z.string()),
  /** There is something to fill in. */
  fillable: z.boolean(),
  passed: z.array(Line),
});
export type ProposalView = z.input<typeof ProposalView>;

/** The card that proposes a runbook whose parameters a person still has to give or confirm. */
export const proposal = defineCard('proposal', template, ProposalView);

/** The card of a run that waits for its parameters. */
export const proposalCard = (run: RunView): Card =>
  proposal(proposalView(run, roomy), () => proposalView(run, tight));

export function proposalView(run: RunView, room: Room): ProposalView {
  const { loud, quiet, passed, opens } = guardrailLines(run, room);
  const known = run.parameters.filter((one) => !one.missing);
  return {
    ...headline(run, room, {
      summary: summaryOf(run),
      state: asksOwnerAlone(run) ? 'Proposed: its owner has to confirm' : 'Proposed: values are needed',
      style: 'accent',
    }),
    boxes: [...haltedBox(run, room), ...ownerBox(run, room), ...suggestionBox(run, room)],
    does: plain(run.runbook.summary, room.text),
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    missing: missing(run, room),
    values: valueLines(known, room),
    checks: [...loud, ...quiet],
    opens,
    fillable: !asksOwnerAlone(run),
    passed,
  };
}

function missing({ parameters }: RunView, room: Room): ProposalView['missing'] {
  const { shown, more } = first(
    parameters.filter((one) => one.missing && one.source !== 'owner'),
    room.lines,
  );
  const lines = shown.map((one) => ({
    title: plain(one.title, 100),
    source: plain(
      one.value === '' ? '' : `: please confirm ${one.value} (${sourceInWords(one.source)})`,
      room.text,
    ),
  }));
  return more === 0 ? lines : [...lines, { title: `and ${more} more`, source: '' }];
}
