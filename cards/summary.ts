import type { RunView } from '../src/domain/view.ts';
import { plain } from './text.ts';

/** One line for notifications and for clients that show no cards: the incident, the fix, where it stands. */
export function summaryOf(view: RunView): string {
  return plain(`${view.incident.number} · ${view.runbook.title} · ${standing(view)}`, 200);
}

/** Where a run stands, in a few words. */
export function standing(view: RunView): string {
  switch (view.face) {
    case 'proposal':
      return 'needs values before it can be approved';
    case 'approval':
      return 'waits for approval';
    case 'progress':
      return view.waiting || (running(view) ?? 'approved, about to start');
    case 'outcome':
      return view.outcome?.name ?? 'ended';
  }
}

function running({ steps }: RunView): string | undefined {
  const now = steps.find((step) => step.state === 'running');
  return now && `${now.phase}: ${now.title}`;
}
