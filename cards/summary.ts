import type { RunView } from '../src/domain/view.ts';
import { plain } from './text.ts';
import { shortUtc } from './wording.ts';

/** One line for notifications and for clients that show no cards: the incident, the fix, where it stands. */
export function summaryOf(view: RunView): string {
  return plain(`${view.incident.number} · ${view.runbook.title} · ${standing(view)}`, 200);
}

/** Where a run stands, in a few words. */
export function standing(view: RunView): string {
  switch (view.face) {
    case 'proposal':
      return asksOwnerAlone(view)
        ? `waits for ${view.owner?.name} to say whether it is theirs`
        : 'needs values before it can be approved';
    case 'approval':
      return view.approval?.phase === 'rollback'
        ? 'failed, and asks to be rolled back'
        : 'waits for approval';
    case 'progress':
      return waiting(view) || (running(view) ?? 'approved, about to start');
    case 'outcome':
      return view.outcome?.name ?? 'ended';
  }
}

/** Nothing else is missing. */
export const asksOwnerAlone = ({ owner, parameters }: RunView): boolean =>
  owner?.state === 'asked' && parameters.every(({ missing, source }) => !missing || source === 'owner');

/** A moment in it is written as the log has it. */
function waiting({ waiting: words, approval }: RunView): string {
  const at = approval?.notBefore;
  return at === undefined ? words : words.replaceAll(at, shortUtc(at));
}

function running({ steps }: RunView): string | undefined {
  const now = steps.find((step) => step.state === 'running');
  return now && `${now.phase}: ${now.title}`;
}
