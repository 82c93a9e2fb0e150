import { type ParsedAction, parseCardAction } from '../../../cards/actions.ts';
import type { Card } from '../../../cards/card.ts';
import { helpCard } from '../../../cards/help.ts';
import { noticeCard } from '../../../cards/notice.ts';
import { parametersCard } from '../../../cards/parameters.ts';
import { runCard, summaryOf } from '../../../cards/run-card.ts';
import { runbooksCard } from '../../../cards/runbooks.ts';
import { statusCard } from '../../../cards/status.ts';
import { welcomeCard } from '../../../cards/welcome.ts';
import type { Entered } from '../../../dialogs/confirm-parameters.ts';
import type { FieldError } from '../../domain/parameters.ts';
import type { LoadedRunbook } from '../../domain/runbook.ts';
import type { RunView } from '../../domain/view.ts';
import type { ParameterForm, RunSummary } from '../../flow/desk.ts';
import { usages } from './parse-command.ts';

/** The cards the bot shows and the clicks it understands. */
export type Cards = {
  run(view: RunView): Card;
  /** One line for notifications and text answers. */
  summary(view: RunView): string;
  form(form: ParameterForm, entered: Entered, errors: readonly FieldError[]): Card;
  runbooks(runbooks: readonly LoadedRunbook[]): Card;
  status(runs: readonly RunSummary[]): Card;
  help(): Card;
  welcome(): Card;
  /** What is left of a card that has done its work. */
  notice(title: string, message: string): Card;
  parseAction(value: unknown): ParsedAction;
};

const meanings: Readonly<Record<keyof typeof usages, string>> = {
  help: 'shows this',
  list: 'lists the runbooks',
  run: 'proposes a runbook for an incident',
  status: 'lists the open runs',
  approve: 'approves a run, if you are one of its approvers',
  reject: 'rejects a run and says why',
  withdraw: 'takes back a run you asked for',
  cancel: 'stops a run',
  confirm: 'opens the form of a run, or hands the values in',
  show: 'shows the card of a run',
};
const written = Object.entries(usages).map(([name, say]) => ({
  say,
  does: meanings[name as keyof typeof usages],
}));

export const cards: Cards = {
  run: runCard,
  summary: summaryOf,
  form: (form, entered, errors) => parametersCard(form, { entered, errors }),
  runbooks: runbooksCard,
  status: statusCard,
  help: () => helpCard(written),
  welcome: () => welcomeCard(written),
  notice: noticeCard,
  parseAction: parseCardAction,
};
