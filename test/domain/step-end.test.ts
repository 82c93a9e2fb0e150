import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type HostResult,
  judgeEnd,
  type StepResult,
  spellHost,
  stepResults,
} from '../../src/domain/step-end.ts';

const batch = { step: 'restart', title: 'Restart', hosts: ['web01', 'web02'], stopAfterFailures: 1 };
const told = (host: string, result: HostResult['result'] = 'succeeded', detail?: string): HostResult =>
  detail === undefined ? { host, result } : { host, result, detail };

/** The result, the detail, and each host in words. */
const judged = (result: StepResult, detail: string, hosts?: readonly HostResult[]): string => {
  const end = judgeEnd(batch, { result, detail, ...(hosts ? { hosts } : {}) });
  return `${end.result} (${end.detail}): ${(end.hosts ?? []).map(spellHost).join(', ')}`;
};

describe('the end of a batch', () => {
  const cases: [string, StepResult, readonly HostResult[] | undefined, string][] = [
    [
      'counts for all its hosts where none is named',
      'succeeded',
      undefined,
      'succeeded (said): web01 done, web02 done',
    ],
    ['counts for all its hosts when it failed', 'failed', [], 'failed (said): web01 failed, web02 failed'],
    [
      'counts for all its hosts when nobody knows',
      'unknown',
      undefined,
      'unknown (said): web01 unknown, web02 unknown',
    ],
    [
      'counts for all its hosts when it never began',
      'not-started',
      undefined,
      'not-started (said): web01 not started, web02 not started',
    ],
    [
      'counts for all when the target tells of the machine that did the work',
      'succeeded',
      [told('controller')],
      'succeeded (said): web01 done, web02 done',
    ],
    [
      'is told host by host',
      'failed',
      [told('web01'), told('web02', 'failed', 'no answer')],
      'failed (said): web01 done, web02 failed: no answer',
    ],
    [
      'is told in the spelling of the plan',
      'failed',
      [told('WEB01'), told('Web02', 'failed')],
      'failed (said): web01 done, web02 failed',
    ],
    [
      'is no success when a host failed',
      'succeeded',
      [told('web01', 'failed', 'no answer'), told('web02')],
      'failed (web01 failed: no answer; said): web01 failed: no answer, web02 done',
    ],
    [
      'is no success when a host was left out',
      'succeeded',
      [told('web01')],
      'failed (web02 failed: the target did not name it; said): web01 done, web02 failed: the target did not name it',
    ],
    [
      'is failed on the hosts it did not come to',
      'failed',
      [told('web01')],
      'failed (said): web01 done, web02 failed',
    ],
    [
      'is unknown when it is unknown on a host',
      'succeeded',
      [told('web01'), told('web02', 'unknown')],
      'unknown (web02 unknown; said): web01 done, web02 unknown',
    ],
    [
      'is unknown even when another host failed',
      'failed',
      [told('web01', 'failed'), told('web02', 'unknown')],
      'unknown (web02 unknown; said): web01 failed, web02 unknown',
    ],
    [
      'is a failure of all when the job failed and calls each done',
      'failed',
      [told('web01'), told('web02')],
      'failed (said): web01 failed: called done by a job that failed, web02 failed: called done by a job that failed',
    ],
    [
      'tells of a host that is not one of them, and is no success then',
      'succeeded',
      [told('web01'), told('web02'), told('web09')],
      'failed (web09 failed: was touched and is not one of them; said): web01 done, web02 done, web09 failed: was touched and is not one of them',
    ],
    [
      'keeps what was done before it was cancelled',
      'cancelled',
      [told('web01')],
      'cancelled (said): web01 done, web02 stopped',
    ],
  ];
  for (const [what, result, hosts, want] of cases)
    it(what, () => assert.equal(judged(result, 'said', hosts), want));

  it('says nothing twice where the target says nothing', () =>
    assert.equal(
      judged('succeeded', '', [told('web01', 'failed'), told('web02')]),
      'failed (web01 failed): web01 failed, web02 done',
    ));

  it('is left as it is where the step is no batch', () => {
    const end = judgeEnd(undefined, {
      result: 'succeeded',
      detail: 'fine',
      hosts: [told('web01', 'failed')],
    });
    assert.deepEqual(end, { result: 'succeeded', detail: 'fine' });
  });

  it('names every host once, and is a success only if all are', () => {
    const result = fc.constantFrom(...stepResults);
    const some = fc.array(fc.record({ host: fc.constantFrom('web01', 'WEB02', 'web09'), result }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(result, some, (said, hosts) => {
        const end = judgeEnd(batch, { result: said, detail: '', hosts });
        const names = (end.hosts ?? []).map(({ host }) => host);
        assert.deepEqual(names.slice(0, 2), batch.hosts);
        const succeeded = (end.hosts ?? []).every((one) => one.result === 'succeeded');
        assert.equal(end.result === 'succeeded', succeeded && said === 'succeeded');
        if (said === 'unknown' || end.hosts?.some((one) => one.result === 'unknown') === true)
          assert.ok(end.result !== 'succeeded' && end.result !== 'failed');
      }),
      { numRuns: 500 },
    );
  });
});
