import assert from 'node:assert/strict';
import { refusalText } from '../../../src/adapters/teams/answer.ts';
import { type RefusalCode, refusals } from '../../../src/domain/commands.ts';
import { CONTROL } from '../../../src/domain/control.ts';
import { refuse } from '../../../src/domain/decision.ts';
import { newRun, type Run } from '../../../src/domain/run.ts';
import * as f from '../../fakes/domain.ts';

const codes = Object.keys(refusals) as RefusalCode[];
/** What can be refused where there is no run to name. */
const ofControl: readonly RefusalCode[] = [
  ...(['not-a-person', 'wrong-tenant', 'not-admin', 'not-stopped', 'reason-needed'] as const),
  ...(['membership-unknown', 'delegation-closed', 'not-delegate'] as const),
];

function textOf(run: Run, code: RefusalCode, extra: Parameters<typeof refuse>[2] = {}): string {
  const decided = refuse(run, code, extra);
  assert.ok(!decided.ok);
  return refusalText(decided.refusal);
}

describe('the answer to a refusal', () => {
  for (const code of codes)
    it(`says in two sentences what happened and what to do: ${code}`, () => {
      const text = textOf(f.after([f.anyOf.propose]), code);
      assert.match(text, /^[A-Z].*\. [A-Z].*\.$/);
      assert.doesNotMatch(text, /undefined|null|\[object| {2}/);
      assert.ok(!text.includes(code) || !code.includes('-'), 'no code');
    });

  for (const code of ofControl)
    it(`names no run where there is none: ${code}`, () => {
      assert.doesNotMatch(textOf(newRun(CONTROL), code), /00000|undefined/);
    });

  it('says once what is wrong with each value', () => {
    const fields = [
      { field: 'drain', message: 'can only be made lower' },
      { field: 'pool', message: 'cannot be changed' },
    ];
    const message = 'drain: can only be made lower';
    assert.equal(
      textOf(f.after([f.anyOf.propose]), 'not-narrower', { message, fields }),
      'drain: can only be made lower. pool: cannot be changed. Choose a value within the limits that the card names, or reject with a reason.',
    );
  });
});
