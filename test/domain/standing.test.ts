import assert from 'node:assert/strict';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import { standingOf } from '../../src/domain/standing.ts';
import * as f from '../fakes/domain.ts';

const no: GuardrailLine = { guardrail: 'cooldown', effect: 'deny', reason: 'ran 5 min ago' };
const silent: GuardrailLine = {
  ...no,
  reason: 'the cooldown could not be checked: no answer',
  unknown: true,
};
const standing = (line: GuardrailLine, overridden: readonly string[]) =>
  standingOf({ lines: [line] }, {}, f.T0, overridden).is;

describe('what an evaluation means for a run whose glass was broken', () => {
  it('goes past the no that somebody broke the glass for, and past no other', () => {
    assert.equal(standing(no, ['cooldown']), 'clear');
    assert.equal(standing(no, ['freeze']), 'denied');
    assert.equal(standing(no, []), 'denied');
  });

  it('never goes past what cannot be read now, whatever was broken', () => {
    assert.equal(standing(silent, ['cooldown']), 'unknown');
  });
});
