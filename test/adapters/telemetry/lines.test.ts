import assert from 'node:assert/strict';
import { errorDetails, lineLog } from '../../../src/adapters/telemetry/lines.ts';
import { AppError } from '../../../src/domain/errors.ts';

const now = () => new Date('2026-11-22T09:00:00.000Z');

describe('the lines of the log', () => {
  const written = (json: boolean, ...line: Parameters<ReturnType<typeof lineLog>>): string => {
    const all: string[] = [];
    lineLog((text) => all.push(text), now, json)(...line);
    assert.equal(all.length, 1);
    return all[0] ?? '';
  };

  it('are JSON for machines, one object a line', () => {
    const line = written(true, 'warn', 'a launch was not answered', {
      run: 'R1',
      tries: 2,
      step: undefined,
      why: '',
    });
    assert.ok(line.endsWith('}\n'));
    assert.deepEqual(JSON.parse(line), {
      at: '2026-11-22T09:00:00.000Z',
      level: 'warn',
      message: 'a launch was not answered',
      run: 'R1',
      tries: 2,
    });
  });

  it('are readable for people, one event a line even when a value has several', () => {
    const line = written(false, 'error', 'it failed', { run: 'R1', why: 'first\n  second\tthird' });
    assert.equal(line, '09:00:00 error it failed run=R1 why=first second third\n');
  });

  it('stay one line for machines, too', () => {
    assert.equal(written(true, 'info', 'a\nb', { why: 'c\r\nd' }).split('\n').length, 2);
  });

  it('show an error by its code, message and fix, never by its stack or its cause', () => {
    const cause = Object.assign(new Error('inner'), {
      config: { headers: { authorization: 'Bearer hunter2' } },
    });
    const error = new AppError({ code: 'itsm-unreachable', message: 'no answer', fix: 'Wait.', cause });
    assert.deepEqual(errorDetails(error), { code: 'itsm-unreachable', why: 'no answer', fix: 'Wait.' });
    assert.deepEqual(errorDetails(cause), { why: 'inner' });
    assert.deepEqual(errorDetails('text'), { why: 'text' });
    assert.doesNotMatch(written(true, 'error', 'x', errorDetails(error)), /hunter2|lines\.test/);
  });
});
