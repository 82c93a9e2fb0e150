import type { RunView } from '../src/domain/view.ts';
import { approvalCard } from './approval.ts';
import type { Card } from './card.ts';
import { outcomeCard } from './outcome.ts';
import { progressCard } from './progress.ts';
import { proposalCard } from './proposal.ts';

export { summaryOf } from './summary.ts';

const faces: Readonly<Record<RunView['face'], (run: RunView) => Card>> = {
  proposal: proposalCard,
  approval: approvalCard,
  progress: progressCard,
  outcome: outcomeCard,
};

/** The card of a run, redrawn whole from its view. */
export const runCard = (view: RunView): Card => faces[view.face](view);
