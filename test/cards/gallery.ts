import { approval, approvalView } from '../../cards/approval.ts';
import type { Card } from '../../cards/card.ts';
import { error, errorView } from '../../cards/error.ts';
import { help, helpView } from '../../cards/help.ts';
import { notice, noticeView } from '../../cards/notice.ts';
import { outcome, outcomeView } from '../../cards/outcome.ts';
import { owner, ownerView } from '../../cards/owner.ts';
import { parameters, parametersView } from '../../cards/parameters.ts';
import { progress, progressView } from '../../cards/progress.ts';
import { proposal, proposalView } from '../../cards/proposal.ts';
import { rollback, rollbackView } from '../../cards/rollback.ts';
import { runbooks, runbooksView } from '../../cards/runbooks.ts';
import { status, statusView } from '../../cards/status.ts';
import { welcome, welcomeView } from '../../cards/welcome.ts';
import { why, whyView } from '../../cards/why.ts';
import { roomy } from '../../cards/wording.ts';
import { answers, commands, form, library, offers, openRuns, troubled } from './inputs.ts';
import { pooled } from './pools.ts';
import { views } from './views.ts';

export type Exhibit = {
  /** The template is `cards/<template>.json`. */
  readonly template: string;
  readonly name: string;
  readonly view: object;
  readonly card: () => Card;
};

function exhibit<View extends object>(
  template: string,
  render: (view: View) => Card,
  view: View,
  name = template,
): Exhibit {
  return { template, name, view, card: () => render(view) };
}

const failure = {
  title: 'ServiceNow did not answer',
  message: 'INC0010023 could not be read: no answer within 10 s.',
  nextAction: 'try again in a minute; if it goes on, tell the platform team.',
};

const handedIn = {
  title: 'Values handed in',
  message:
    'INC0010023 · Recycle the IIS application pool · waits for approval. Go on with the card of run 7K2QD.',
};

/** Every card there is, each with the view it shows. The first of a template is its sample. */
export const gallery: readonly Exhibit[] = [
  exhibit('proposal', proposal, proposalView(views.proposal, roomy)),
  exhibit('proposal', proposal, proposalView(views['proposal-owner'], roomy), 'proposal-owner'),
  exhibit('owner', owner, ownerView(views['proposal-owner'], roomy)),
  exhibit('parameters', parameters, parametersView(form, {}, roomy)),
  exhibit('parameters', parameters, parametersView(form, answers, roomy), 'parameters-wrong'),
  exhibit('approval', approval, approvalView(views.approval, roomy)),
  exhibit('approval', approval, approvalView(views['approval-changed'], roomy), 'approval-changed'),
  exhibit('approval', approval, approvalView(views['approval-quorum'], roomy, offers), 'approval-quorum'),
  exhibit('approval', approval, approvalView(views['approval-scheduled'], roomy), 'approval-scheduled'),
  exhibit('approval', approval, approvalView(views['approval-alone'], roomy), 'approval-alone'),
  exhibit('approval', approval, approvalView(pooled['approval-pool'], roomy), 'approval-pool'),
  exhibit('approval', approval, approvalView(views['approval-rest'], roomy), 'approval-rest'),
  exhibit('rollback', rollback, rollbackView(views.rollback, roomy)),
  exhibit('progress', progress, progressView(views.progress, roomy)),
  exhibit('progress', progress, progressView(views['progress-lines'], roomy), 'progress-lines'),
  exhibit('progress', progress, progressView(views['progress-waiting'], roomy), 'progress-waiting'),
  exhibit('progress', progress, progressView(views['progress-scheduled'], roomy), 'progress-scheduled'),
  exhibit('progress', progress, progressView(views['progress-glass'], roomy), 'progress-glass'),
  exhibit('progress', progress, progressView(pooled['progress-pool'], roomy), 'progress-pool'),
  exhibit('outcome', outcome, outcomeView(views['outcome-succeeded'], roomy)),
  exhibit('outcome', outcome, outcomeView(views['outcome-failed'], roomy), 'outcome-failed'),
  exhibit('outcome', outcome, outcomeView(views['outcome-rejected'], roomy), 'outcome-rejected'),
  exhibit('outcome', outcome, outcomeView(views['outcome-glass'], roomy), 'outcome-glass'),
  exhibit('outcome', outcome, outcomeView(pooled['outcome-pool'], roomy), 'outcome-pool'),
  exhibit('outcome', outcome, outcomeView(pooled['outcome-pool-stopped'], roomy), 'outcome-pool-stopped'),
  exhibit('outcome', outcome, outcomeView(views['outcome-unknown'], roomy), 'outcome-unknown'),
  exhibit('outcome', outcome, outcomeView(views['outcome-settled'], roomy), 'outcome-settled'),
  exhibit('outcome', outcome, outcomeView(views['outcome-continued'], roomy), 'outcome-continued'),
  exhibit('why', why, whyView(views['approval-scheduled'], roomy)),
  exhibit('error', error, errorView(failure)),
  exhibit('notice', notice, noticeView(handedIn.title, handedIn.message)),
  exhibit('runbooks', runbooks, runbooksView(library)),
  exhibit('status', status, statusView({ runs: openRuns, reviews: [], unsettled: [] })),
  exhibit('status', status, statusView({ runs: [], reviews: [], unsettled: [] }), 'status-empty'),
  exhibit('status', status, statusView(troubled), 'status-troubled'),
  exhibit('help', help, helpView(commands)),
  exhibit('welcome', welcome, welcomeView(commands.slice(0, 3), ['To see it work, push an incident.'])),
];
