import assert from 'node:assert/strict';
import { edited, faults, good, policy, recycle } from './files.ts';

describe('a fault in a runbook or the policy', () => {
  const wrong: { name: string; file: string; from: string; to: string; want: string }[] = [
    {
      name: 'a syntax error',
      file: 'recycle.yaml',
      from: 'title: Recycle\n',
      to: 'title: "Recycle\n',
      want: 'recycle.yaml:30 Missing closing "quote',
    },
    {
      name: 'a key given twice',
      file: 'recycle.yaml',
      from: 'owner: web\n',
      to: 'owner: web\nowner: ops\n',
      want: 'recycle.yaml:6 Map keys must be unique',
    },
    {
      name: 'an alias of nothing',
      file: 'recycle.yaml',
      from: 'owner: web',
      to: 'owner: *nobody',
      want: 'recycle.yaml:1 Unresolved alias',
    },
    {
      name: 'an empty file',
      file: 'recycle.yaml',
      from: recycle,
      to: '',
      want: 'recycle.yaml:1 Invalid input: expected object, received null',
    },
    {
      name: 'a list',
      file: 'recycle.yaml',
      from: recycle,
      to: '- 1\n',
      want: 'recycle.yaml:1 Invalid input: expected object, received array',
    },
    {
      name: 'half a character',
      file: 'recycle.yaml',
      from: 'owner: web',
      to: 'owner: "\\ud83d"',
      want: 'recycle.yaml:1 Lone surrogate is not allowed',
    },
    {
      name: 'a symptom without a word',
      file: 'recycle.yaml',
      from: "symptoms: ['503']",
      to: "symptoms: ['!!']",
      want: 'recycle.yaml:8 match.symptoms.0: expected a word or a phrase',
    },
    {
      name: 'an unknown field',
      file: 'recycle.yaml',
      from: 'owner: web\n',
      to: 'owner: web\ncolour: red\n',
      want: 'recycle.yaml:6 colour: there is no such field',
    },
    {
      name: 'an unknown field of a step',
      file: 'recycle.yaml',
      from: '      job: recycle\n',
      to: '      job: recycle\n      timeut: 3m\n',
      want: 'recycle.yaml:20 steps.remediation.0.timeut: there is no such field',
    },
    {
      name: 'a missing field',
      file: 'recycle.yaml',
      from: 'owner: web\n',
      to: '',
      want: 'recycle.yaml:1 owner: is missing',
    },
    {
      name: 'a missing field of a step',
      file: 'recycle.yaml',
      from: '      job: recycle\n',
      to: '',
      want: 'recycle.yaml:16 steps.remediation.0.job: is missing',
    },
    {
      name: 'a wrong type',
      file: 'recycle.yaml',
      from: 'requesters: [on-call]',
      to: 'requesters: on-call',
      want: 'recycle.yaml:28 requesters: Invalid input: expected array, received string',
    },
    {
      name: 'a version that is none',
      file: 'recycle.yaml',
      from: 'version: 1.0.0',
      to: 'version: 1.0',
      want: 'recycle.yaml:2 version: Invalid input: expected string, received number',
    },
    {
      name: 'no remediation',
      file: 'recycle.yaml',
      from: "    - id: recycle-pool\n      title: Recycle\n      target: ops\n      job: recycle\n      with: { pool: '{pool}', token: '{token}' }\n",
      to: '    []\n',
      want: 'recycle.yaml:16 steps.remediation: Too small',
    },
    {
      name: 'an impossible duration',
      file: 'recycle.yaml',
      from: 'cooldown: 30m',
      to: 'cooldown: half an hour',
      want: 'recycle.yaml:26 cooldown: expected a duration such as 45s, 30m, 2h or 1d',
    },
    {
      name: 'a type of parameter nobody knows',
      file: 'recycle.yaml',
      from: 'pool: { type: string',
      to: 'pool: { type: text',
      want: 'recycle.yaml:11 parameters.pool.type: Invalid discriminator value. Expected',
    },
    {
      name: 'an unknown placeholder in a job',
      file: 'recycle.yaml',
      from: "pool: '{pool}'",
      to: "pool: '{pol}'",
      want: 'recycle.yaml:20 steps.remediation.0.with.pool: {pol} is not a parameter of this runbook; known: pool, drain, token',
    },
    {
      name: 'an unknown placeholder in a probe',
      file: 'recycle.yaml',
      from: 'example/{pool}',
      to: 'example/{path}',
      want: 'recycle.yaml:24 steps.verification.0.http.url: {path} is not a parameter',
    },
    {
      name: 'a placeholder named like a property of every object',
      file: 'recycle.yaml',
      from: "pool: '{pool}'",
      to: "pool: '{constructor}'",
      want: 'recycle.yaml:20 steps.remediation.0.with.pool: {constructor} is not a parameter',
    },
    {
      name: 'a step id used twice',
      file: 'recycle.yaml',
      from: 'id: answers',
      to: 'id: recycle-pool',
      want: 'recycle.yaml:22 steps.verification.0.id: step id recycle-pool is used twice',
    },
    {
      name: 'an id that is not the name of the file',
      file: 'recycle.yaml',
      from: 'id: recycle\n',
      to: 'id: recycled\n',
      want: "recycle.yaml:1 id: must be the file's name, recycle",
    },
    {
      name: 'a secret inside a longer text',
      file: 'recycle.yaml',
      from: "token: '{token}'",
      to: "token: 'Bearer {token}'",
      want: "recycle.yaml:20 steps.remediation.0.with.token: {token} is a secret: it must be the whole value of a job's parameter",
    },
    {
      name: 'a secret in an address',
      file: 'recycle.yaml',
      from: 'example/{pool}',
      to: 'example/{token}',
      want: 'recycle.yaml:24 steps.verification.0.http.url: {token} is a secret',
    },
    {
      name: 'a secret as an address',
      file: 'recycle.yaml',
      from: 'http://site.example/{pool}',
      to: '{token}',
      want: 'recycle.yaml:24 steps.verification.0.http.url: {token} is a secret',
    },
    {
      name: 'a secret with a value instead of a reference',
      file: 'recycle.yaml',
      from: 'reference: OPS_TOKEN',
      to: 'reference: hunter2',
      want: 'recycle.yaml:13 parameters.token.reference: expected the name of a secret',
    },
    {
      name: 'a default that poses as a secret',
      file: 'recycle.yaml',
      from: "pattern: '[a-z]+'",
      to: "default: 'secret:OPS_TOKEN'",
      want: 'recycle.yaml:11 parameters.pool.default: the default does not fit: a value may not start with secret:',
    },
    {
      name: 'a default outside its bounds',
      file: 'recycle.yaml',
      from: 'default: 30',
      to: 'default: 90',
      want: 'recycle.yaml:12 parameters.drain.default: the default does not fit: at most 60',
    },
    {
      name: 'bounds no number fits',
      file: 'recycle.yaml',
      from: 'min: 0',
      to: 'min: 61',
      want: 'recycle.yaml:12 parameters.drain.min: larger than max: no number fits',
    },
    {
      name: 'a pattern that does not compile',
      file: 'recycle.yaml',
      from: "pattern: '[a-z]+'",
      to: "pattern: '[a-z'",
      want: 'recycle.yaml:11 parameters.pool.pattern: no RE2 pattern: ',
    },
    {
      name: 'a pattern that could run away',
      file: 'recycle.yaml',
      from: "pattern: '[a-z]+'",
      to: "pattern: '(?=x)'",
      want: 'recycle.yaml:11 parameters.pool.pattern: no RE2 pattern: ',
    },
    {
      name: 'a body pattern that does not compile',
      file: 'recycle.yaml',
      from: 'body: OK',
      to: "body: '('",
      want: 'recycle.yaml:24 steps.verification.0.http.body: no RE2 pattern: ',
    },
    {
      name: 'more successes than attempts',
      file: 'recycle.yaml',
      from: 'body: OK',
      to: 'successes: 9',
      want: 'recycle.yaml:24 steps.verification.0.http.successes: more successes than attempts',
    },
    {
      name: 'a column of ours instead of ServiceNow',
      file: 'recycle.yaml',
      from: 'category: [software]',
      to: 'modCount: [x]',
      want: 'recycle.yaml:9 match.incident.modCount: name a ServiceNow column',
    },
    {
      name: 'a rollback without a reason',
      file: 'recycle.yaml',
      from: 'a recycled pool cannot be un-recycled',
      to: 'no',
      want: 'recycle.yaml:25 rollback.impossible: say why it cannot be undone',
    },
    {
      name: 'a rollback of the wrong type',
      file: 'recycle.yaml',
      from: 'a recycled pool cannot be un-recycled',
      to: '5',
      want: 'recycle.yaml:25 rollback.impossible: Invalid input: expected string, received number',
    },
    {
      name: 'several typos in a rollback step',
      file: 'recycle.yaml',
      from: 'rollback: { impossible: a recycled pool cannot be un-recycled }',
      to: 'rollback:\n  steps:\n    - { id: restore, titel: Restore, traget: ops, jib: restore }',
      want: 'recycle.yaml:27 rollback.steps.0.traget: there is no such field',
    },
    {
      name: 'a typo in a rollback step',
      file: 'recycle.yaml',
      from: 'rollback: { impossible: a recycled pool cannot be un-recycled }',
      to: 'rollback:\n  steps:\n    - { id: restore, title: Restore, target: ops, jib: restore }',
      want: 'recycle.yaml:27 rollback.steps.0.jib: there is no such field',
    },
    {
      name: 'an unknown approver group',
      file: 'recycle.yaml',
      from: 'group: approvers',
      to: 'group: aprovers',
      want: 'recycle.yaml:27 approval.group: aprovers is not in policy.yaml; known groups: approvers, on-call',
    },
    {
      name: 'an unknown requester group',
      file: 'recycle.yaml',
      from: '[on-call]',
      to: '[on-call, nobody]',
      want: 'recycle.yaml:28 requesters.1: nobody is not in policy.yaml',
    },
    {
      name: 'an unknown target',
      file: 'recycle.yaml',
      from: 'target: ops',
      to: 'target: awx',
      want: 'recycle.yaml:18 steps.remediation.0.target: awx is not a target of policy.yaml; known targets: ops',
    },
    {
      name: 'a target the policy withholds',
      file: 'policy.yaml',
      from: 'ops: { runbooks: [recycle] }',
      to: 'ops: { runbooks: [other] }',
      want: 'recycle.yaml:18 steps.remediation.0.target: policy.yaml does not let recycle use ops',
    },
    {
      name: 'a rule about no runbook',
      file: 'policy.yaml',
      from: 'runbook: recycle',
      to: 'runbook: recicle',
      want: 'policy.yaml:21 autoApprovals.0.runbook: there is no runbook recicle; known: recycle',
    },
    {
      name: 'an impossible time',
      file: 'policy.yaml',
      from: "from: '22:00'",
      to: "from: '25:00'",
      want: 'policy.yaml:11 changeWindows.0.from: expected a time such as 22:00',
    },
    {
      name: 'a window that starts at the end of the day',
      file: 'policy.yaml',
      from: "from: '22:00'",
      to: "from: '24:00'",
      want: 'policy.yaml:11 changeWindows.0.from: expected a time such as 22:00',
    },
    {
      name: 'a window of no length',
      file: 'policy.yaml',
      from: "to: '06:00'",
      to: "to: '22:00'",
      want: 'policy.yaml:12 changeWindows.0.to: the same as from; write 00:00 to 24:00 for a whole day',
    },
    {
      name: 'a zone that does not exist',
      file: 'policy.yaml',
      from: 'Europe/Berlin',
      to: 'Europe/Bonn',
      want: 'policy.yaml:13 changeWindows.0.zone: expected an IANA time zone such as Europe/Berlin',
    },
    {
      name: 'a day that does not exist',
      file: 'policy.yaml',
      from: '[sat, sun]',
      to: '[sat, sonntag]',
      want: 'policy.yaml:10 changeWindows.0.days.1: Invalid option',
    },
    {
      name: 'a freeze that ends before it starts',
      file: 'policy.yaml',
      from: '2027-01-06',
      to: '2026-01-06',
      want: 'policy.yaml:18 freezes.0.to: must be later than from',
    },
    {
      name: 'an instant without a zone',
      file: 'policy.yaml',
      from: '2027-06-30T00:00:00Z',
      to: '2027-06-30T00:00:00',
      want: 'policy.yaml:24 autoApprovals.0.until: Invalid ISO datetime',
    },
    {
      name: 'a group without its Entra id',
      file: 'policy.yaml',
      from: 'entra: 5b0f3c1e-0000-4000-8000-000000000001',
      to: 'entra: approvers',
      want: 'policy.yaml:3 groups.approvers.entra: Invalid UUID',
    },
  ];
  for (const { name, file, from, to, want } of wrong)
    it(`names file, line and field of ${name}`, async () => {
      const found = await faults(edited(file, from, to));
      assert.ok(
        found.some((line) => line.startsWith(want)),
        `${want}\nis not among\n${found.join('\n')}`,
      );
    });

  it('refuses aliases that multiply without end, instead of filling the memory', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
    const [line] = await faults({ ...good, 'recycle.yaml': ['a0: &a0 x', ...levels].join('\n') });
    assert.match(line ?? '', /^recycle\.yaml:1 Excessive alias count/);
  });

  it('names every fault of every file at once', async () => {
    const found = await faults({
      'recycle.yaml': recycle.replace('owner: web\n', 'colour: red\n').replace('30m', 'soon'),
      'other.yaml': 'id: [',
      'policy.yaml': policy.replace('22:00', '22').replace('Berlin', 'Bonn'),
    });
    for (const start of [
      'other.yaml:',
      'recycle.yaml:5 colour',
      'recycle.yaml:1 owner',
      'recycle.yaml:26 cooldown',
      'policy.yaml:11 ',
      'policy.yaml:13 ',
    ])
      assert.ok(
        found.some((line) => line.startsWith(start)),
        `${start} is missing in\n${found.join('\n')}`,
      );
  });
});
