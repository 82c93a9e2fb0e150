import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseCommand,
  parseValues,
  type TextCommand,
  usages,
} from '../../../src/adapters/teams/parse-command.ts';

const table: [string, TextCommand][] = [
  ['help', { name: 'help' }],
  ['', { name: 'help' }],
  ['runbook', { name: 'help' }],
  ['/runbook help', { name: 'help' }],
  ['Runbook List', { name: 'list' }],
  ['&nbsp;/runbook&nbsp;list&nbsp;\n', { name: 'list' }],
  ['status', { name: 'status' }],
  [
    '/runbook run app-pool-recycle for INC0010001',
    { name: 'run', runbook: 'app-pool-recycle', incident: 'INC0010001' },
  ],
  [
    'RUN App-Pool-Recycle FOR inc0010001',
    { name: 'run', runbook: 'app-pool-recycle', incident: 'INC0010001' },
  ],
  ['run app-pool-recycle INC0010001', { name: 'run', runbook: 'app-pool-recycle', incident: 'INC0010001' }],
  ['run app-pool-recycle', { name: 'incomplete', usage: usages.run }],
  ['run app-pool-recycle for the shop', { name: 'incomplete', usage: usages.run }],
  ['approve 7K2QD', { name: 'approve', code: '7K2QD' }],
  ['/approve #7k2qd', { name: 'approve', code: '7K2QD' }],
  ['approve', { name: 'incomplete', usage: usages.approve }],
  ['approve 7K2Q!', { name: 'incomplete', usage: usages.approve }],
  ['reject 7K2QD wrong  host', { name: 'reject', code: '7K2QD', reason: 'wrong host' }],
  ['reject 7K2QD', { name: 'incomplete', usage: usages.reject }],
  ['withdraw 7K2QD', { name: 'withdraw', code: '7K2QD', reason: '' }],
  ['cancel 7K2QD not needed', { name: 'cancel', code: '7K2QD', reason: 'not needed' }],
  ['cancel', { name: 'form', answer: 'cancel', values: {} }],
  ['confirm', { name: 'form', answer: 'confirm', values: {} }],
  ['confirm 7K2QD', { name: 'confirm', code: '7K2QD', values: {} }],
  [
    'confirm 7K2QD appPool=Shop drainSeconds = 30',
    { name: 'confirm', code: '7K2QD', values: { appPool: 'Shop', drainSeconds: '30' } },
  ],
  ['confirm 7K2QD Shop', { name: 'incomplete', usage: usages.confirm }],
  [
    'appPool=Shop Front, note=“two = words”',
    { name: 'form', answer: 'set', values: { appPool: 'Shop Front', note: 'two = words' } },
  ],
  [
    'url=https://shop.example/?a=b',
    { name: 'form', answer: 'set', values: { url: 'https://shop.example/?a=b' } },
  ],
  ['confirm appPool=Shop', { name: 'form', answer: 'confirm', values: { appPool: 'Shop' } }],
  ['mine 7k2qd', { name: 'mine', code: '7K2QD' }],
  ['/runbook not-mine 7K2QD gave it back', { name: 'not-mine', code: '7K2QD', reason: 'gave it back' }],
  ['not-mine 7K2QD', { name: 'incomplete', usage: usages['not-mine'] }],
  ['show 7K2QD', { name: 'show', code: '7K2QD' }],
  ['/runbook why 7k2qd', { name: 'why', code: '7K2QD' }],
  ['approve 7K2QD 3', { name: 'approve', code: '7K2QD', revision: 3 }],
  ['approve 7K2QD plan 3', { name: 'approve', code: '7K2QD', revision: 3 }],
  ['approve 7K2QD #3', { name: 'approve', code: '7K2QD', revision: 3 }],
  ['approve 7K2QD now', { name: 'incomplete', usage: usages.approve }],
  ['narrow 7K2QD drain=10', { name: 'narrow', code: '7K2QD', values: { drain: '10' } }],
  [
    '/narrow 7K2QD 2 drain=10, scope="one pool"',
    { name: 'narrow', code: '7K2QD', revision: 2, values: { drain: '10', scope: 'one pool' } },
  ],
  ['narrow 7K2QD', { name: 'incomplete', usage: usages.narrow }],
  ['narrow 7K2QD less', { name: 'incomplete', usage: usages.narrow }],
  [
    'Break-Glass 7K2QD payments are down',
    { name: 'break-glass', code: '7K2QD', reason: 'payments are down' },
  ],
  [
    '/break-glass 7K2QD plan 2 payments are down',
    { name: 'break-glass', code: '7K2QD', revision: 2, reason: 'payments are down' },
  ],
  [
    'break-glass 7K2QD #2 3 servers are down',
    { name: 'break-glass', code: '7K2QD', revision: 2, reason: '3 servers are down' },
  ],
  [
    'break-glass 7K2QD 3 servers are down',
    { name: 'break-glass', code: '7K2QD', reason: '3 servers are down' },
  ],
  ['break-glass 7K2QD plan 2', { name: 'incomplete', usage: usages['break-glass'] }],
  ['break-glass 7K2QD', { name: 'incomplete', usage: usages['break-glass'] }],
  ['break-glass 7K2QD 2', { name: 'incomplete', usage: usages['break-glass'] }],
  [
    'review 7K2QD justified nobody else was awake',
    { name: 'review', code: '7K2QD', verdict: 'justified', note: 'nobody else was awake' },
  ],
  [
    'review 7K2QD Unjustified Arne was on call',
    { name: 'review', code: '7K2QD', verdict: 'not justified', note: 'Arne was on call' },
  ],
  [
    'review 7K2QD not justified at all',
    { name: 'review', code: '7K2QD', verdict: 'not justified', note: 'at all' },
  ],
  [
    'settle 7K2QD ran its log says so',
    { name: 'settle', code: '7K2QD', word: 'ran', reason: 'its log says so' },
  ],
  [
    'SETTLE #7k2qd Did Not Run no such job',
    { name: 'settle', code: '7K2QD', word: 'did-not-run', reason: 'no such job' },
  ],
  [
    'settle 7K2QD cancel the log is gone',
    { name: 'settle', code: '7K2QD', word: 'cancel', reason: 'the log is gone' },
  ],
  ['settle 7K2QD ran', { name: 'incomplete', usage: usages.settle }],
  ['settle 7K2QD perhaps it did', { name: 'incomplete', usage: usages.settle }],
  ['continue 7k2qd', { name: 'continue', code: '7K2QD' }],
  ['continue', { name: 'incomplete', usage: usages.continue }],
  ['review 7K2QD justified', { name: 'incomplete', usage: usages.review }],
  ['review 7K2QD fine with me', { name: 'incomplete', usage: usages.review }],
  ['stop the network is down', { name: 'stop', reason: 'the network is down' }],
  ['/runbook stop', { name: 'incomplete', usage: usages.stop }],
  ['resume', { name: 'resume', reason: '' }],
  ['/resume repaired', { name: 'resume', reason: 'repaired' }],
  [
    'delegate Berta@contoso.example until 2026-12-01 out of office',
    {
      name: 'delegate',
      to: 'Berta@contoso.example',
      until: '2026-12-01T23:59:59.000Z',
      reason: 'out of office',
    },
  ],
  [
    'delegate berta@contoso.example UNTIL 2026-12-01T12:00+02:00',
    { name: 'delegate', to: 'berta@contoso.example', until: '2026-12-01T10:00:00.000Z', reason: '' },
  ],
  ['delegate end', { name: 'end-delegation' }],
  ...['', 'berta@contoso.example', 'berta@contoso.example until', 'berta@contoso.example until tomorrow'].map(
    (rest): [string, TextCommand] => [
      `delegate ${rest}`.trim(),
      { name: 'incomplete', usage: usages.delegate },
    ],
  ),
  ['aprove 7K2QD', { name: 'unknown', suggestion: 'approve' }],
  ['stauts', { name: 'unknown', suggestion: 'status' }],
  ['please restart the shop', { name: 'unknown', suggestion: undefined }],
];

describe('parsing what a person typed', () => {
  for (const [text, command] of table)
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseCommand(text), command));

  it('reads a command the same with and without slash, prefix, case and stray spaces', () => {
    const lead = fc.constantFrom('', '/', 'runbook ', '/runbook ', 'Runbook&nbsp;', ' \n', '/ runbook ');
    const words = fc.constantFrom(...table.map(([text]) => text).filter((text) => /^[a-z]+ ?/.test(text)));
    const plainWords = words.filter(
      (text) => !text.startsWith('runbook') && parseCommand(text).name !== 'unknown',
    );
    fc.assert(
      fc.property(lead, plainWords, (before, text) => {
        if (parseCommand(text).name === 'form') return;
        assert.deepEqual(parseCommand(`${before}${text}`), parseCommand(text));
      }),
    );
  });

  it('never throws and never takes long, whatever is typed', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('a=', 'confirm ', '=', ' ', ',', '"', '/runbook ', '&nbsp;'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        assert.ok(parseCommand(pieces.join('')).name.length > 0);
      }),
    );
    assert.equal(parseCommand('a='.repeat(50_000)).name, 'form');
  });

  it('reads values back that were written with quotes', () => {
    const name = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9./-]{1,12}( [A-Za-z0-9./-]{1,12})?$/);
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }), (values) => {
        const text = Object.entries(values).map(([key, one]) => `${key}="${one}"`);
        assert.deepEqual(parseValues(text.join(', ')), values);
      }),
    );
  });
});
