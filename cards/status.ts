import { z } from 'zod';
import { type Card, defineCard } from './card.ts';
import template from './status.json' with { type: 'json' };
import { plain } from './text.ts';
import { first } from './wording.ts';

const StatusView = z.strictObject({
  summary: z.string(),
  title: z.string(),
  runs: z.array(
    z.strictObject({
      code: z.string(),
      incident: z.string(),
      runbook: z.string(),
      ci: z.string(),
      doing: z.string(),
    }),
  ),
  more: z.array(z.string()),
});
export type StatusView = z.input<typeof StatusView>;

/** The list of runs that have not ended, from the view it shows. */
export const status = defineCard('status', template, StatusView);

/** A run in one entry (the desk's `RunSummary`). */
export type OpenRun = {
  readonly code: string;
  readonly incident: string;
  readonly ci: string;
  readonly runbook: string;
  readonly doing: string;
};

/** Runs that have not ended, in the order given, as many as fit on a card. */
export const statusCard = (runs: readonly OpenRun[]): Card =>
  status(statusView(runs), () => statusView(runs, 6));

export function statusView(runs: readonly OpenRun[], most = 20): StatusView {
  const { shown, more } = first(runs, most);
  const title = runs.length === 0 ? 'Nothing is open' : `Open runs: ${runs.length}`;
  return {
    summary: title,
    title,
    runs: shown.map((one) => ({
      code: plain(one.code, 12),
      incident: plain(one.incident, 40),
      runbook: plain(one.runbook, 120),
      ci: plain(one.ci, 80),
      doing: plain(one.doing, 140),
    })),
    more: more === 0 ? [] : [`${more} more are not shown.`],
  };
}
