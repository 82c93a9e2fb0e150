import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const script = (fault: string, flush = 'async () => console.log("flushed")') => `
  import { endOnFault } from './src/adapters/telemetry/faults.ts';
  import { lineLog } from './src/adapters/telemetry/lines.ts';
  endOnFault(process, lineLog((line) => process.stderr.write(line), () => new Date(0), true), ${flush});
  setInterval(() => {}, 1_000);
  ${fault}`;
const run = (text: string) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8', timeout: 20_000 });
const request = `Object.assign(new Error('503'), { config: { headers: { authorization: 'Bearer hunter2' } } })`;

describe('a fault of our own', () => {
  for (const [name, fault] of [
    ['a promise nobody waits for', `Promise.reject(${request})`],
    ['an exception in a callback', `setTimeout(() => { throw ${request} })`],
  ] as const)
    it(`ends the process with one line and no secret: ${name}`, () => {
      const { status, stdout, stderr } = run(script(fault));
      assert.deepEqual([status, stdout], [1, 'flushed\n']);
      const { message, why, at, ...rest } = JSON.parse(stderr) as Record<string, string>;
      assert.deepEqual(
        [message, why, rest['level']],
        ['a fault in Handrail itself; the process ends', '503', 'error'],
      );
      assert.match(at ?? '', /eval|input/);
      assert.doesNotMatch(stderr, /hunter2/);
    });

  it('ends it even when the log cannot be flushed', () => {
    assert.equal(run(script(`Promise.reject(1)`, 'async () => { throw new Error("x") }')).status, 1);
  });
});
