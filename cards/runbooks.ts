import { z } from 'zod';
import type { LoadedRunbook } from '../src/domain/runbook.ts';
import { type Card, defineCard } from './card.ts';
import template from './runbooks.json' with { type: 'json' };
import { escapeMarkdown, plain } from './text.ts';
import { first } from './wording.ts';

const RunbooksView = z.strictObject({
  summary: z.string(),
  usage: z.array(z.strictObject({ say: z.string(), does: z.string() })),
  runbooks: z.array(
    z.strictObject({ title: z.string(), id: z.string(), text: z.string(), note: z.string() }),
  ),
  more: z.array(z.string()),
});
export type RunbooksView = z.input<typeof RunbooksView>;

/** The list of runbooks, from the view it shows. */
export const runbooks = defineCard('runbooks', template, RunbooksView);

/** The runbooks of this installation, as many as fit on a card. */
export const runbooksCard = (all: readonly LoadedRunbook[]): Card =>
  runbooks(runbooksView(all), () => runbooksView(all, 6));

export function runbooksView(all: readonly LoadedRunbook[], most = 15): RunbooksView {
  const { shown, more } = first(all, most);
  return {
    summary: `${all.length} runbooks`,
    usage: [{ say: '/runbook run NAME for INC0010023', does: 'proposes a runbook for an incident' }],
    runbooks: shown.map(({ runbook }) => ({
      title: escapeMarkdown(runbook.title, 120),
      id: runbook.id,
      text: plain(runbook.summary, 200),
      note: plain(
        `${runbook.version} · ${runbook.environments.join(', ')} · approved by ${runbook.approval.quorum} of ${runbook.approval.group} · owner ${runbook.owner}`,
        200,
      ),
    })),
    more:
      more === 0 ? [] : [`${more} more are not shown. They are proposed all the same when an incident fits.`],
  };
}
