import type { Approval } from '../domain/approval.ts';
import { spellNeeded } from '../domain/quorum.ts';
import { stateOf } from '../domain/run.ts';
import type { Scene } from './scene.ts';

/** What becomes of a proposal before any person has done anything. */
export const fates = ['auto-approved', 'asked', 'needs values', 'denied', 'unknown', 'no runbook'] as const;
export type Fate = (typeof fates)[number];

export type Verdict = {
  readonly fate: Fate;
  /** The rule, the people who are asked, or why not. */
  readonly by: string;
  /** '' when nothing was proposed. */
  readonly runbook: string;
  readonly tier: string;
};

/** Reads off a scene in which a runbook was just asked for, or in which an incident just arrived. */
export function verdictOf({ run, last }: Scene): Verdict {
  const about = { runbook: run.proposal?.runbook.id ?? '', tier: run.approval?.tier ?? '' };
  if (last.refusal) return { ...about, fate: 'unknown', by: last.refusal.message };
  if (run.closed) return { ...about, fate: 'denied', by: run.closed.reason };
  if (run.approval?.rule !== undefined)
    return { ...about, fate: 'auto-approved', by: `the rule ${run.approval.rule}` };
  if (run.approval) return { ...about, fate: 'asked', by: askedIn(run.approval) };
  if (stateOf(run) === 'awaiting-parameters') {
    const missing = run.parameters.filter(({ confirm }) => confirm).map(({ title }) => title);
    return { ...about, fate: 'needs values', by: missing.join(', ') };
  }
  return { ...about, fate: 'no runbook', by: last.unheeded ?? 'no rule of any runbook fits' };
}

const askedIn = ({ requirements, notBefore }: Approval): string =>
  `${spellNeeded(requirements)}${notBefore === undefined ? '' : `, to start at ${notBefore}`}`;
