import assert from 'node:assert/strict';
import { currentStep } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import { progressOf, type Sight } from '../../src/domain/sight.ts';
import { closing } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

describe('how far a running step is', () => {
  const started = f.after(f.diagnosing);
  const record = currentStep(started) ?? assert.fail('no step is running');
  const sight: Sight = {
    executionId: record.executionId,
    at: '2026-11-22T09:00:30.000Z',
    lines: 'a\nb',
    target: 'ops',
    link: 'https://ops.example/jobs/1',
  };

  it('is nothing when no step is running', () => {
    assert.equal(progressOf(f.after(f.approved), sight), undefined);
  });

  it('is since when it runs, before anybody has looked', () => {
    assert.deepEqual(progressOf(started, undefined), { since: record.startedAt });
  });

  it('is what was seen of it, with the way to its page', () => {
    assert.deepEqual(viewOf(started, undefined, sight)?.progress, {
      since: record.startedAt,
      at: sight.at,
      lines: 'a\nb',
      link: { target: 'ops', url: 'https://ops.example/jobs/1' },
    });
  });

  it('shows no way to a page where the job has none', () => {
    const { link: _link, ...bare } = sight;
    const progress = progressOf(started, bare);
    assert.deepEqual(progress, { since: record.startedAt, at: sight.at, lines: 'a\nb' });
  });

  it('is nothing once the run has ended, whatever became of the step', () => {
    const ended = f.store(started, f.anyOf.advance, [closing('outcome unknown', 'nobody can tell')]);
    assert.ok(currentStep(ended));
    assert.equal(progressOf(ended, sight), undefined);
  });

  it('is not what was seen of another step', () => {
    const other = { ...sight, executionId: 'another' };
    assert.deepEqual(progressOf(started, other), { since: record.startedAt });
  });
});
