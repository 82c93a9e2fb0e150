import assert from 'node:assert/strict';
import { executionMemory } from '../../../src/adapters/automation/jenkins-memory.ts';

describe('What is remembered of executions on Jenkins', () => {
  it('grows piece by piece', () => {
    const memory = executionMemory();
    memory.note('a', { job: 'recycle' });
    memory.note('a', { job: 'recycle', number: 3 });
    memory.note('a', { job: 'recycle', stoppedAt: 5 });
    assert.deepEqual(memory.get('a'), { job: 'recycle', number: 3, stoppedAt: 5 });
    assert.equal(memory.get('b'), undefined);
  });

  it('is no more than of the latest 5,000', () => {
    const memory = executionMemory();
    memory.note('first', { job: 'recycle' });
    memory.note('second', { job: 'recycle' });
    memory.note('first', { job: 'recycle', number: 1 });
    for (let n = 0; n < 4_999; n += 1) memory.note(String(n), { job: 'recycle' });
    assert.equal(memory.get('second'), undefined);
    assert.equal(memory.get('first')?.number, 1, 'what was noted again is not the oldest');
  });
});
