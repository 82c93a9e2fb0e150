import { type ParsedAction, parseCardAction } from '../../../cards/actions.ts';
import type { Card } from '../../../cards/card.ts';
import { helpCard } from '../../../cards/help.ts';
import { noticeCard } from '../../../cards/notice.ts';
import { askingOf, ownerCard } from '../../../cards/owner.ts';
import { parametersCard } from '../../../cards/parameters.ts';
import { runCard, summaryOf } from '../../../cards/run-card.ts';
import { runbooksCard } from '../../../cards/runbooks.ts';
import { statusCard } from '../../../cards/status.ts';
import { welcomeCard } from '../../../cards/welcome.ts';
import { whyCard } from '../../../cards/why.ts';
import type { Entered } from '../../../dialogs/confirm-parameters.ts';
import type { FieldError } from '../../domain/parameters.ts';
import type { LoadedRunbook } from '../../domain/runbook.ts';
import type { RunView } from '../../domain/view.ts';
import type { Desk, ParameterForm, ReviewSummary, RunSummary } from '../../flow/desk.ts';
import type { KeepCard } from './drawn-cards.ts';
import { usages } from './parse-command.ts';

/** The cards the bot shows and the clicks it understands. */
export type Cards = {
  /** The card of a run as it leaves: what it shows is kept, so that a vote can name it. */
  run(view: RunView): Promise<Card>;
  /** One line for notifications and text answers. */
  summary(view: RunView): string;
  form(form: ParameterForm, entered: Entered, errors: readonly FieldError[]): Card;
  /** The card for the owner of an item, and what its notification says. */
  owner(view: RunView): Card;
  asking(view: RunView): string;
  runbooks(runbooks: readonly LoadedRunbook[]): Card;
  status(standing: Standing): Card;
  why(view: RunView): Card;
  help(): Card;
  welcome(): Card;
  /** What is left of a card that has done its work. */
  notice(title: string, message: string): Card;
  parseAction(value: unknown): ParsedAction;
};

/** How things stand: the open runs, and what waits for people besides. */
export type Standing = {
  readonly runs: readonly RunSummary[];
  readonly reviews: readonly ReviewSummary[];
  readonly unsettled: readonly RunSummary[];
  readonly stopped?: { readonly by: string; readonly reason: string; readonly at: string };
};

const meanings: Readonly<Record<keyof typeof usages, string>> = {
  help: 'shows this',
  list: 'lists the runbooks',
  run: 'proposes a runbook for an incident',
  status: 'lists the open runs, what waits for a review, and whether everything is stopped',
  approve: 'approves a run, if you are one of its approvers',
  reject: 'rejects a run and says why',
  withdraw: 'takes back a run you asked for',
  cancel: 'stops a run',
  confirm: 'opens the form of a run, or hands the values in',
  mine: 'says that what you were asked about is yours',
  'not-mine': 'says that it is not yours, and what you know about it',
  show: 'shows the card of a run',
  why: 'shows what every guardrail said about a run',
  narrow: 'lowers values of a run, if you are one of its approvers',
  'break-glass': 'decides alone in an emergency, if the policy lets you',
  review: 'reviews a break-glass of somebody else',
  settle: 'says whether a step ran whose outcome is unknown',
  continue: 'proposes what is left of a run that failed',
  stop: 'stops everything that has not started (administrators)',
  resume: 'lets the guardrails decide again (administrators)',
  delegate: 'lets somebody else vote for you; a day counts until its end in UTC',
  'delegate end': 'ends that',
};
const written = Object.entries(usages).map(([name, say]) => ({
  say,
  does: meanings[name as keyof typeof usages],
}));

/** All cards; those of a run with what the desk has to offer on them, and kept as they leave. */
export const teamsCards = (desk: Pick<Desk, 'offers'>, keep: KeepCard): Cards => ({
  run: (view) => keep(view.runId, runCard(view, desk.offers(view))),
  summary: summaryOf,
  form: (form, entered, errors) => parametersCard(form, { entered, errors }),
  owner: ownerCard,
  asking: askingOf,
  runbooks: runbooksCard,
  status: statusCard,
  why: whyCard,
  help: () => helpCard(written),
  welcome: () => welcomeCard(written),
  notice: noticeCard,
  parseAction: parseCardAction,
});
