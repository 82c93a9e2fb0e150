import assert from 'node:assert/strict';
import { noControl } from '../../../src/domain/control.ts';
import type { GuardrailFacts, PastRemediation } from '../../../src/domain/facts.ts';
import type { Guardrail, Verdict } from '../../../src/domain/guardrails/verdict.ts';
import { guardrails } from '../../../src/domain/guardrails.ts';
import type { Change, RelatedItem } from '../../../src/domain/incident.ts';
import * as f from '../../fakes/domain.ts';

export const ok = <T>(value: T) => ({ ok: true, value }) as const;
export const away = { ok: false, why: 'it did not answer' } as const;

export type Given = Partial<GuardrailFacts>;

/** Olivia asks at 09:00 on Sunday, 2026-11-22, UTC, about an item in test; nothing stands against it. */
export const facts = (given: Given = {}): GuardrailFacts => ({
  now: f.T0,
  runbook: f.runbook().runbook,
  policy: f.policy().policy,
  requester: f.olivia,
  proposedCi: undefined,
  parameters: [],
  control: ok(noControl),
  ...f.world({ ci: ok(f.ci({ environment: 'test' })) }),
  ...given,
});

export const ci = (change: Parameters<typeof f.ci>[0]): Given => ({ ci: ok(f.ci(change)) });
export const policy = (change: Record<string, unknown>): Given => ({ policy: f.policy(change).policy });
export const runbook = (change: Record<string, unknown>): Given => ({ runbook: f.runbook(change).runbook });

/** So many milliseconds from now, as ISO 8601. */
export const at = (ms: number): string => new Date(f.T0.getTime() + ms).toISOString();
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A change that is being implemented for an hour from 09:00 on. */
export const change = (more: Partial<Change> = {}): Change => ({
  number: 'CHG0000007',
  state: 'implement',
  approved: true,
  onHold: false,
  start: at(0),
  end: at(HOUR),
  ...more,
});

export const item = (name: string, more: Partial<RelatedItem> = {}): RelatedItem => ({
  sysId: name,
  name,
  class: 'cmdb_ci_service',
  ...more,
});

/** A remediation by a run of this name, so many milliseconds ago. */
export const past = (runId: string, ago: number, ofRunbook = 'recycle'): PastRemediation => ({
  runId,
  runbook: ofRunbook,
  ci: 'c'.repeat(32),
  incident: 'INC0010001',
  at: new Date(f.T0.getTime() - ago),
});

/** What is given, in words; the facts; the verdict as `said` spells it; and what it noted down, where that matters. */
export type Case = [when: string, given: Given, want: string, seen?: Verdict['facts']];

export const said = ({ effect, reason, until, passing, unknown }: Verdict): string =>
  [
    `${effect}: ${reason}`,
    ...(until === undefined ? [] : [`[until ${until}]`]),
    ...(passing ? ['[passing]'] : []),
    ...(unknown ? ['[unknown]'] : []),
  ].join(' ');

/** One test a case. */
export function check(name: keyof typeof guardrails, cases: readonly Case[]): void {
  const judge: Guardrail = guardrails[name];
  for (const [when, given, want, seen] of cases)
    it(`${want.split(':')[0]}: ${when}`, () => {
      const verdict = judge(facts(given));
      assert.equal(said(verdict), want);
      if (seen !== undefined) assert.deepEqual(verdict.facts, seen);
    });
}
