import fc from 'fast-check';
import { sequences } from './actions.ts';
import { play } from './play.ts';
import { scenarios } from './scenario.ts';

/** What a large number of sequences has to have met, or the sequences prove nothing about it. */
export const met: readonly string[] = [
  'vote-cast',
  'auto-approved',
  'glass-broken',
  'run-reviewed',
  'parameters-narrowed',
  'parameters-resolved',
  'approval-escalated',
  'approval-reminded',
  'vote-delegated',
  'dispatch-stopped',
  'dispatch-resumed',
  'dispatch-postponed',
  'diagnostics started',
  'remediation started',
  'rollback started',
  'succeeded',
  'rejected',
  'expired',
  'withdrawn',
  'cancelled',
  'denied',
  'rolled back',
  'outcome unknown',
  'outcome-settled',
  'run-continued',
  'not-settler',
  'self-settlement',
  'not-continuable',
  'runbook-changed',
  'self-approval',
  'author-approval',
  'not-approver',
  'wrong-tenant',
  'not-a-person',
  'stale-card',
  'plan-changed',
  'facts-unknown',
  'guardrail-denied',
  'stopped',
  'already-decided',
  'already-ended',
];

export type Proved = { readonly sequences: number; readonly seen: ReadonlyMap<string, number> };

/** Plays so many random sequences. Throws with the seed and the smallest sequence that breaks a rule. */
export async function prove(numRuns: number, seed: number): Promise<Proved> {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(scenarios, sequences, async (scenario, actions) => {
    for (const one of await play(scenario, actions)) seen.set(one, (seen.get(one) ?? 0) + 1);
  });
  await fc.assert(property, { numRuns, seed });
  return { sequences: numRuns, seen };
}

/** `npm run prove -- [sequences] [seed]` */
async function main(): Promise<void> {
  const [numRuns = 10_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
  console.log(`${numRuns} sequences, seed ${seed} (again: npm run prove -- ${numRuns} ${seed})`);
  const began = performance.now();
  const { seen } = await prove(numRuns, seed);
  for (const [what, times] of [...seen].sort(([, a], [, b]) => b - a)) console.log(`${times} ${what}`);
  const missing = met.filter((what) => !seen.has(what));
  if (missing.length > 0) throw new Error(`never met: ${missing.join(', ')}`);
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`no rule was broken in ${numRuns} sequences (${seconds} s)`);
}

if (import.meta.main) await main();
