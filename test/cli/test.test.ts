import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../../src/cli/test.ts';
import { AppError } from '../../src/domain/errors.ts';
import { inFolder, run } from './terminal.ts';

const plain = {
  'policy.yaml': readFileSync('test/policy/policy.yaml', 'utf8'),
  'recycle.yaml': readFileSync('test/policy/recycle.yaml', 'utf8'),
};
const good = `about: production
runbook: recycle
given:
  people: { arne: [web-approvers] }
cases:
  - name: asks a person
    want: { state: awaiting-approval }
  - name: one approves
    when: [propose, approve: arne]
    want: { state: approved }
`;
const playing = (cases: string, more: Readonly<Record<string, string>> = {}) =>
  inFolder({ ...plain, 'recycle.test.yaml': cases, ...more }, async (folder) => {
    const { code, text } = await run(test, folder);
    return { code, text: text.replaceAll(`${folder}/`, '') };
  });

describe('handrail test', () => {
  it('says one line a case, and what they come to', async () =>
    assert.deepEqual(await playing(good), {
      code: 0,
      text: [
        'ok     recycle.test.yaml:6 asks a person',
        'ok     recycle.test.yaml:8 one approves',
        '2 cases: 2 as wanted, 0 not',
      ].join('\n'),
    }));

  it('shows what was wanted and what came, and fails', async () =>
    assert.deepEqual(await playing(good.replace('state: approved', 'state: diagnosing')), {
      code: 1,
      text: [
        'ok     recycle.test.yaml:6 asks a person',
        'WRONG  recycle.test.yaml:8 one approves',
        '       state: want diagnosing, got approved',
        '2 cases: 1 as wanted, 1 not',
      ].join('\n'),
    }));

  it('plays one file when it is given one', () =>
    inFolder({ ...plain, 'a.test.yaml': good, 'b.test.yaml': good }, async (folder) => {
      const { lines } = await run(test, join(folder, 'b.test.yaml'));
      assert.equal(lines.length, 3);
      assert.match(lines[0] ?? '', /b\.test\.yaml:6/);
    }));

  const faults: readonly (readonly [name: string, from: string, to: string, want: string])[] = [
    ['an unknown field', 'about:', 'abuot: x\nabout:', '1 abuot: there is no such field'],
    [
      'an unknown field of a case',
      'want: { state: approved }',
      'wnat: {}',
      '10 cases.1.wnat: there is no such field',
    ],
    [
      'an unknown field of what is wanted',
      'state: approved',
      'stat: approved',
      '10 cases.1.want.stat: there is no such field',
    ],
    [
      'an unknown command',
      'approve: arne',
      'aprove: arne',
      '9 cases.1.when.1.aprove: there is no such field',
    ],
    ['an unknown word', '[propose,', '[propse,', '9 cases.1.when.0: Invalid option: expected one of'],
    [
      'an unknown field of a command',
      'approve: arne',
      'approve: { by: arne, revison: 2 }',
      '9 cases.1.when.1.approve.revison: there is no such field',
    ],
    [
      'somebody nobody said anything about',
      'approve: arne',
      'approve: arno',
      '9 cases.1.when.1.approve: there is nobody called arno; add arno: [] to given.people',
    ],
    [
      'a group that the policy does not know',
      'arne: [web-approvers]',
      'arne: [web-aprovers]',
      '4 given.people.arne: web-aprovers is not a group of the policy; known: web-operations',
    ],
    [
      'a guardrail nobody knows',
      'state: approved',
      'guardrails: { enviroment: allow }',
      '10 cases.1.want.guardrails',
    ],
    ['a state that is none', 'state: approved', 'state: aproved', '10 cases.1.want.state: Invalid option'],
    [
      'a refusal that is none',
      'state: approved',
      'refusal: not-aprover',
      '10 cases.1.want.refusal: Invalid option',
    ],
    [
      'an event that is none',
      'state: approved',
      'events: [run-propsed]',
      '10 cases.1.want.events.0: Invalid option',
    ],
    [
      'a time that is left out',
      'given:\n',
      'given:\n  at: 2026-03-29 02:30 Europe/Berlin\n',
      '4 given.at: no clock in Europe/Berlin shows this time',
    ],
    [
      'nothing that is wanted',
      'want: { state: approved }',
      'want: {}',
      '10 cases.1.want: say what has to be true',
    ],
    [
      'two commands in one',
      '[propose, approve: arne]',
      '[{ propose: arne, approve: arne }]',
      '9 cases.1.when.0: one command each',
    ],
    [
      'a case told twice',
      'one approves',
      'asks a person',
      '8 cases.1.name: another case of this file has the same name',
    ],
    [
      'a runbook that is not there',
      'runbook: recycle',
      'runbook: restart',
      '2 runbook: there is no runbook restart beside it; known: recycle',
    ],
    [
      'a change of the runbook that does not fit',
      'when: [propose',
      'given: { runbook: { cooldown: soon } }\n    when: [propose',
      '9 cases.1.given.runbook.cooldown: expected a duration',
    ],
    [
      'a change of the policy that does not fit, on the way',
      'approve: arne]',
      'change: { policy: { tier: [] } }]',
      '9 cases.1.when.1.change.policy.tier: there is no such field',
    ],
  ];
  for (const [name, from, to, want] of faults)
    it(`names file, line and field of ${name}`, async () => {
      assert.ok(good.includes(from));
      const { code, text } = await playing(good.replace(from, to));
      assert.equal(code, 1);
      assert.ok(text.includes(`FAULT  recycle.test.yaml:${want}`), `${want}\nis not in\n${text}`);
    });

  it('plays the other files when one has a fault', async () => {
    const { code, text } = await playing(good.replace('about:', 'abuot:'), { 'other.test.yaml': good });
    assert.equal(code, 1);
    assert.match(text, /FAULT {2}recycle\.test\.yaml/);
    assert.match(text, /2 cases: 2 as wanted, 0 not, \d faults in files that were not played/);
  });

  it('says so when there is nothing to play', async () => {
    for (const path of ['test/nowhere', 'test/cli'])
      await assert.rejects(run(test, path), (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.match(error.message, /there are no cases in/);
        assert.match(error.fix, /\*\.test\.yaml/);
        return true;
      });
  });

  it('names the fault of a runbook the cases rest on', async () => {
    const { code, text } = await playing(good, { 'recycle.yaml': 'id: [' });
    assert.equal(code, 1);
    assert.match(text, /FAULT {2}recycle\.yaml:1 /);
  });
});
