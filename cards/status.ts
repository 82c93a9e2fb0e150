import { z } from 'zod';
import { Box } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import template from './status.json' with { type: 'json' };
import { escapeMarkdown, plain } from './text.ts';
import { calendar, first, settleWords } from './wording.ts';

const StatusView = z.strictObject({
  summary: z.string(),
  title: z.string(),
  /** Everything is stopped; none when it is not. */
  boxes: z.array(Box),
  runs: z.array(
    z.strictObject({
      code: z.string(),
      incident: z.string(),
      runbook: z.string(),
      ci: z.string(),
      doing: z.string(),
    }),
  ),
  /** What is not shown, or what to do when nothing is open. */
  more: z.array(z.string()),
  waiting: z.boolean(),
  reviewTitle: z.string(),
  reviews: z.array(
    z.strictObject({
      code: z.string(),
      late: z.string(),
      about: z.string(),
      why: z.string(),
      due: z.string(),
    }),
  ),
  unknown: z.boolean(),
  unknownTitle: z.string(),
  unsettled: z.array(z.strictObject({ code: z.string(), about: z.string(), how: z.string() })),
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
/** A broken glass that nobody has reviewed (the desk's `ReviewSummary`). */
export type OpenReview = Omit<OpenRun, 'doing'> & {
  readonly by: string;
  readonly reason: string;
  readonly group: string;
  /** ISO 8601. */
  readonly due: string;
  readonly overdue: boolean;
};
export type Standing = {
  readonly runs: readonly OpenRun[];
  readonly reviews: readonly OpenReview[];
  /** Runs of which nobody has said yet whether a step ran. */
  readonly unsettled: readonly OpenRun[];
  readonly stopped?: { readonly by: string; readonly reason: string; readonly at: string };
};

/** Runs that have not ended, in the order given, as many as fit on a card, and what else waits for people. */
export const statusCard = (standing: Standing): Card =>
  status(statusView(standing), () => statusView(standing, 6));

export function statusView({ runs, reviews, unsettled, stopped }: Standing, most = 16): StatusView {
  const { shown, more } = first(runs, most);
  const idle = [...runs, ...reviews, ...unsettled].length === 0 && stopped === undefined;
  const whatNow = idle ? ['To ask for a runbook, type: runbook list'] : [];
  const title = runs.length === 0 ? 'Nothing is open' : `Open runs: ${runs.length}`;
  return {
    summary: [title, ...(stopped ? ['everything is stopped'] : [])].join(', '),
    title,
    boxes: stopped === undefined ? [] : [stoppedBox(stopped)],
    runs: shown.map((one) => ({
      code: plain(one.code, 12),
      incident: plain(one.incident, 40),
      runbook: plain(one.runbook, 120),
      ci: plain(one.ci, 80),
      doing: plain(one.doing, 140),
    })),
    more: more === 0 ? whatNow : [`${more} more are not shown.`],
    waiting: reviews.length > 0,
    reviewTitle: reviewTitle(reviews),
    reviews: first(reviews, Math.floor(most / 2)).shown.map(reviewLine),
    unknown: unsettled.length > 0,
    unknownTitle: `Outcome unknown, somebody has to say what happened: ${unsettled.length}`,
    unsettled: first(unsettled, Math.floor(most / 2)).shown.map(unsettledLine),
  };
}

const stoppedBox = ({ by, reason, at }: NonNullable<Standing['stopped']>): Box => ({
  style: 'attention',
  title: escapeMarkdown(`Everything is stopped by ${by}`, 200),
  lines: [plain(reason, 240)],
  times: [`**Since:** ${calendar(at)}`],
});

function reviewTitle(reviews: readonly OpenReview[]): string {
  const late = reviews.filter(({ overdue }) => overdue).length;
  return `Break-glass to review: ${reviews.length}${late === 0 ? '' : `, overdue: ${late}`}`;
}

const unsettledLine = (one: OpenRun): StatusView['unsettled'][number] => ({
  code: plain(one.code, 12),
  about: plain(`${one.incident} · ${one.runbook} on ${one.ci}`, 200),
  how: plain(`Look at the target and the item, then type: ${settleWords(one.code)}`, 200),
});

const reviewLine = (one: OpenReview): StatusView['reviews'][number] => ({
  code: plain(one.code, 12),
  late: one.overdue ? 'Overdue · ' : '',
  about: plain(`${one.incident} · ${one.runbook} on ${one.ci}`, 200),
  why: plain(`${one.by} decided alone: ${one.reason}`, 200),
  due: `**Due** ${calendar(one.due)}, by ${escapeMarkdown(one.group, 80)}`,
});
