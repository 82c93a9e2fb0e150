import assert from 'node:assert/strict';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import { mayPass, opensAt, type Standing, standingOf } from '../../src/domain/standing.ts';
import * as f from '../fakes/domain.ts';

const HOUR = 3_600_000;
const at = (ms: number): string => new Date(f.T0.getTime() + ms).toISOString();
const no = (guardrail: string, more: Partial<GuardrailLine> = {}): GuardrailLine => ({
  guardrail,
  effect: 'deny',
  reason: `${guardrail} says no`,
  ...more,
});
const silent = (guardrail: string): GuardrailLine => no(guardrail, { unknown: true });
const yes: GuardrailLine = { guardrail: 'environment', effect: 'allow', reason: 'it is in test' };
const ask: GuardrailLine = { guardrail: 'risk', effect: 'require-approval', reason: 'it is risky' };

/** What some lines mean where two hours may be waited. */
const meaning = (lines: readonly GuardrailLine[], overridden: readonly string[] = []): Standing =>
  standingOf({ lines: [...lines] }, { scheduleWithin: 2 * HOUR }, f.T0, overridden);

const waits = { is: 'waits', stopped: false, lowRisk: true } as const;

describe('what an evaluation means for a run', () => {
  const cases: [when: string, lines: readonly GuardrailLine[], want: Standing][] = [
    ['everything allows it', [yes, yes], { is: 'clear', lowRisk: true }],
    ['people have to decide', [yes, ask], { is: 'clear', lowRisk: false }],
    ['one says no', [yes, no('cooldown')], { is: 'denied', reason: 'cooldown says no' }],
    [
      'two say no',
      [no('cooldown'), no('incident')],
      { is: 'denied', reason: 'cooldown says no; incident says no' },
    ],
    [
      'one says no until soon, and is no calendar',
      [no('cooldown', { until: at(HOUR) })],
      { is: 'denied', reason: 'cooldown says no' },
    ],
    ['something cannot be read', [silent('cooldown')], { is: 'unknown', reason: 'cooldown says no' }],
    [
      'something cannot be read and something else says no for good',
      [silent('cooldown'), no('incident')],
      { is: 'denied', reason: 'cooldown says no; incident says no' },
    ],
    [
      'something cannot be read and something else is for now only',
      [silent('cooldown'), no('rate')],
      { is: 'unknown', reason: 'cooldown says no; rate says no' },
    ],
    ['everything is stopped', [no('stopped')], { ...waits, reason: 'stopped says no', stopped: true }],
    [
      'everything is stopped, people have to decide, and a limit is reached',
      [no('stopped'), ask, no('rate', { until: at(HOUR) })],
      { ...waits, reason: 'stopped says no; rate says no', stopped: true, lowRisk: false },
    ],
    ['others are at work', [no('concurrency')], { ...waits, reason: 'concurrency says no' }],
    [
      'a limit is reached until a time, however far away',
      [no('rate', { until: at(9 * HOUR) })],
      { ...waits, reason: 'rate says no', until: at(9 * HOUR) },
    ],
    [
      'a freeze is over within the time that may be waited',
      [no('freeze', { until: at(2 * HOUR) })],
      { ...waits, reason: 'freeze says no', notBefore: at(2 * HOUR), until: at(2 * HOUR) },
    ],
    [
      'a freeze is over a moment later',
      [no('freeze', { until: at(2 * HOUR + 1) })],
      { is: 'denied', reason: 'freeze says no' },
    ],
    [
      'nobody knows when the window opens',
      [no('change window')],
      { is: 'denied', reason: 'change window says no' },
    ],
    [
      'two calendars and a limit say when: the last of the calendars is waited for, and the last of all',
      [
        no('rate', { until: at(90 * 60_000) }),
        no('freeze', { until: at(HOUR) }),
        no('change window', { until: at(30 * 60_000) }),
      ],
      {
        ...waits,
        reason: 'rate says no; freeze says no; change window says no',
        notBefore: at(HOUR),
        until: at(90 * 60_000),
      },
    ],
    [
      'a calendar says when and a limit does not',
      [no('freeze', { until: at(HOUR) }), no('concurrency')],
      { ...waits, reason: 'freeze says no; concurrency says no', notBefore: at(HOUR) },
    ],
  ];
  for (const [when, lines, want] of cases)
    it(`is ${want.is} when ${when}`, () => assert.deepEqual(meaning(lines), want));

  it('is of low risk where nothing was broken and nothing asks for people', () => {
    assert.deepEqual(standingOf({ lines: [yes] }, {}, f.T0), { is: 'clear', lowRisk: true });
  });

  it('waits for no calendar where the policy names no time', () => {
    const lines = [no('freeze', { until: at(1) })];
    assert.equal(standingOf({ lines }, {}, f.T0).is, 'denied');
    assert.equal(standingOf({ lines: [no('freeze', { until: at(0) })] }, {}, f.T0).is, 'waits');
  });

  it('names the opening that an ask is made for, and none otherwise', () => {
    assert.deepEqual(opensAt(meaning([no('freeze', { until: at(HOUR) })])), { notBefore: at(HOUR) });
    for (const lines of [[yes], [no('rate')], [no('cooldown')], [silent('rate')]])
      assert.deepEqual(opensAt(meaning(lines)), {});
  });
});

describe('what an evaluation means for a run whose glass was broken', () => {
  it('goes past the no that somebody broke the glass for, and past no other', () => {
    assert.deepEqual(meaning([no('cooldown')], ['cooldown']), { is: 'clear', lowRisk: false });
    assert.equal(meaning([no('cooldown')], ['freeze']).is, 'denied');
    assert.equal(meaning([no('cooldown'), no('incident')], ['cooldown']).is, 'denied');
  });

  it('never goes past what cannot be read now, whatever was broken', () => {
    assert.equal(meaning([silent('cooldown')], ['cooldown']).is, 'unknown');
  });

  it('is of no low risk any more, also where it still waits', () => {
    const broken = meaning([no('rate'), no('cooldown')], ['cooldown']);
    assert.deepEqual(broken, { ...waits, lowRisk: false, reason: 'rate says no' });
  });
});

describe('a no that may be waited for under some policy', () => {
  for (const [line, want] of [
    [no('stopped'), true],
    [no('rate'), true],
    [no('concurrency'), true],
    [silent('rate'), false],
    [no('freeze', { until: at(99 * HOUR) }), true],
    [no('change window', { until: at(HOUR) }), true],
    [no('freeze'), false],
    [no('cooldown', { until: at(HOUR) }), false],
    [{ ...silent('freeze'), until: at(HOUR) }, false],
  ] as const)
    it(`${want ? 'is' : 'is not'} that of ${line.guardrail}${line.until ? ' with a time' : ''}${line.unknown ? ', unread' : ''}`, () =>
      assert.equal(mayPass(line), want));
});
