import type { RunView } from '../src/domain/view.ts';
import { approvalCard } from './approval.ts';
import type { Card } from './card.ts';
import type { Offers } from './narrow.ts';
import { outcomeCard } from './outcome.ts';
import { progressCard } from './progress.ts';
import { proposalCard } from './proposal.ts';
import { rollbackCard } from './rollback.ts';

export { summaryOf } from './summary.ts';

type Face = (run: RunView, offers?: Offers) => Card;
const faces: Readonly<Record<RunView['face'], Face>> = {
  proposal: (run) => proposalCard(run),
  approval: (run, offers) =>
    run.approval?.phase === 'rollback' ? rollbackCard(run) : approvalCard(run, offers),
  progress: (run) => progressCard(run),
  outcome: (run) => outcomeCard(run),
};

/** The card of a run, redrawn whole from its view. */
export const runCard: Face = (view, offers) => faces[view.face](view, offers);
