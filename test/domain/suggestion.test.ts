import assert from 'node:assert/strict';
import fc from 'fast-check';
import { system } from '../../src/domain/people.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import {
  readSuggestion,
  restsOnMachine,
  Suggestion,
  suggestionInWords,
  WeighedSuggestion,
  weigh,
} from '../../src/domain/suggestion.ts';
import * as f from '../fakes/domain.ts';

const said: Suggestion = {
  runbook: 'recycle',
  confidence: 0.82,
  reason: 'The pool hangs.',
  quotes: ['the pool hangs'],
  model: 'triage-7b',
};
const dropped = (given: unknown): string => {
  const read = readSuggestion(given);
  assert.ok('dropped' in read, `taken: ${JSON.stringify(read)}`);
  return read.dropped;
};
const taken = (given: unknown): Suggestion => {
  const read = readSuggestion(given);
  assert.ok(!('dropped' in read), 'dropped' in read ? read.dropped : '');
  return read;
};

describe('reading a suggestion', () => {
  it('takes one that is whole as it is', () => assert.deepEqual(taken(said), said));

  for (const [name, given, why] of [
    ['a text', 'recycle', /expected object/],
    ['a list', [said], /expected object/],
    ['one without a model', { ...said, model: undefined }, /model/],
    ['a model that is a sentence', { ...said, model: 'Arne, who approved it' }, /name of a model/],
    ['a model with a line break', { ...said, model: 'a\nb' }, /name of a model/],
    ['a runbook that is no id', { ...said, runbook: '__proto__' }, /id of a runbook/],
    ['a runbook with something unseen', { ...said, runbook: 'rec\u200bycle' }, /id of a runbook/],
    ['a confidence above 1', { ...said, confidence: 82 }, /confidence/],
    ['a confidence below 0', { ...said, confidence: -0.1 }, /confidence/],
    ['a confidence in words', { ...said, confidence: '0.82' }, /confidence/],
    ['a confidence without an end', { ...said, confidence: JSON.parse('1e999') }, /confidence/],
    ['a reason that is an object', { ...said, reason: { toString: 'x' } }, /reason/],
    ['quotes that are one text', { ...said, quotes: 'the pool hangs' }, /quotes/],
    ['a quote that is a number', { ...said, quotes: [1] }, /quotes\[0\]/],
    ['parameters', { ...said, parameters: { pool: 'x' } }, /parameters/],
    ['an approver', { ...said, approver: 'arne' }, /approver/],
    ['a prototype', JSON.parse(`{"__proto__":{},${JSON.stringify(said).slice(1)}`), /__proto__/],
  ] as const)
    it(`drops ${name}, and says why in one short line`, () => {
      const line = dropped(given);
      assert.match(line, why);
      assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.ok(line.length <= 300);
    });

  const names: [field: 'runbook' | 'model', fits: string[], doesNot: string[]][] = [
    [
      'runbook',
      ['ab', 'a-1', `a${'x'.repeat(62)}`],
      ['', 'a', '1a', '-a', 'Ab', 'a b', 'a_b', `a${'x'.repeat(63)}`, 'ab!', '!ab'],
    ],
    [
      'model',
      ['7', 'a', 'gpt-4.1', 'Triage 7b', 'x:y/z+1_2', 'x'.repeat(80)],
      ['', ' a', '-a', 'a;b', 'a"', '<a', 'x'.repeat(81)],
    ],
  ];
  for (const [field, fits, doesNot] of names) {
    for (const name of fits)
      it(`takes the ${field} ${name}`, () => assert.equal(taken({ ...said, [field]: name })[field], name));
    for (const name of doesNot)
      it(`drops the ${field} ${JSON.stringify(name)}`, () =>
        assert.match(dropped({ ...said, [field]: name }), new RegExp(field)));
  }

  it('takes any confidence from 0 to 1', () => {
    for (const confidence of [0, 0.5, 1]) assert.equal(taken({ ...said, confidence }).confidence, confidence);
  });

  it('keeps the line short and clean when the field itself is hostile', () => {
    const line = dropped({ ...said, [`x\n\u202e${'y'.repeat(5_000)}`]: 1 });
    assert.ok(line.length <= 300);
    assert.doesNotMatch(line, /[\n\u202e]/);
  });

  it('cuts texts, never in the middle of a character, and leaves more than five quotes out', () => {
    const { reason, quotes } = taken({
      ...said,
      reason: `${'x'.repeat(499)}😀`,
      quotes: Array.from({ length: 9 }, (_, n) => `${n}${'q'.repeat(400)}`),
    });
    assert.equal(reason, 'x'.repeat(499));
    assert.deepEqual(
      quotes.map((one) => one.length),
      [300, 300, 300, 300, 300],
    );
  });

  it('leaves a character alone that is not at the cut', () => {
    const { reason } = taken({ ...said, reason: `😀${'x'.repeat(600)}` });
    assert.equal(reason, `😀${'x'.repeat(498)}`);
    assert.equal(taken({ ...said, reason: 'down 😀' }).reason, 'down 😀');
  });

  it('makes one visible line of a text', () => {
    const { reason, quotes } = taken({
      ...said,
      reason: ' a\r\n\tb\u0000c\u2028d\u0085e \u202Egpj\u2069 z\u200Bw f\uD800 ',
      quotes: ['x\ny', '👩\u200D👧'],
    });
    assert.equal(reason, 'a b c d e gpj zw f\uFFFD');
    assert.deepEqual(quotes, ['x y', '👩\u200D👧']);
  });

  it('never throws, and what it takes fits the schema again', () => {
    const field = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }));
    const shaped = fc.record(
      {
        runbook: fc.oneof(fc.constant('recycle'), field),
        confidence: fc.oneof(fc.double(), field),
        reason: field,
        quotes: fc.oneof(fc.array(field), field),
        model: fc.oneof(fc.constant('m'), field),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (given) => {
        const read = readSuggestion(given);
        if ('dropped' in read) return;
        assert.deepEqual(Suggestion.parse(read), read);
        for (const text of [read.reason, ...read.quotes]) {
          assert.ok(text.isWellFormed());
          assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}\u200b\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the quotes of a suggestion', () => {
  const kept = (quotes: string[], ticket: string): readonly string[] =>
    weigh({ ...said, quotes }, ticket, 'agrees').quotes;

  for (const [quote, ticket] of [
    ['the pool hangs', 'since 9:00 the pool hangs.'],
    ['the pool hangs', 'the  pool\r\n\thangs'],
    ['code 503', 'code\u00A0５０３'],
    ['the cafe\u0301', 'the café is down'],
    ['zero width', 'ze\u200Bro width'],
    ['應用程式', '網站的應用程式集區停止'],
    ['503', 'no 1503, a 503'],
    ['\u200D the pool hangs', 'the pool hangs'],
  ] as const)
    it(`keeps "${quote}" of "${JSON.stringify(ticket).slice(1, -1)}"`, () =>
      assert.deepEqual(kept([quote], ticket), [quote]));

  for (const [quote, ticket] of [
    ['The pool hangs', 'the pool hangs'],
    ['the pool is gone', 'the pool hangs'],
    ['proved', 'not approved yet'],
    ['503', 'ticket 1503'],
    ['the p\u043Eol', 'the pool hangs'],
    ['...', 'wait... what'],
    ['', 'anything'],
  ] as const)
    it(`leaves "${quote}" out, which is not in "${ticket}"`, () => {
      const weighed = weigh({ ...said, quotes: [quote] }, ticket, 'alone');
      assert.deepEqual([weighed.quotes, weighed.misquotes], [[], 1]);
    });

  it('counts nothing when all are there', () =>
    assert.equal('misquotes' in weigh(said, 'the pool hangs', 'agrees'), false));
});

describe('a suggestion that was weighed', () => {
  const weighed = { ...said, role: 'agrees', misquotes: 1 };
  it('is stored with how it stands to the rules', () => {
    for (const role of ['agrees', 'alone', 'differs'])
      assert.deepEqual(WeighedSuggestion.parse({ ...weighed, role }), { ...weighed, role });
    assert.deepEqual(WeighedSuggestion.parse({ ...said, role: 'alone' }), { ...said, role: 'alone' });
    assert.equal(WeighedSuggestion.parse({ ...weighed, misquotes: 0 }).misquotes, 0);
  });

  for (const wrong of [{ role: '' }, { role: undefined }, { misquotes: -1 }, { misquotes: 0.5 }, { more: 1 }])
    it(`is none with ${JSON.stringify(wrong)}`, () =>
      assert.equal(WeighedSuggestion.safeParse({ ...weighed, ...wrong }).success, false));
});

describe('a suggestion in words', () => {
  const words = (change: Partial<WeighedSuggestion>) =>
    suggestionInWords({ ...said, role: 'agrees', ...change });

  it('says who said it, how sure, that it is a machine, and how it stands to the rules', () => {
    assert.equal(
      words({}),
      'Suggested by triage-7b (82 %), a machine: "The pool hangs."; it quotes "the pool hangs"; the rules of this runbook fit, too',
    );
    assert.equal(
      words({ role: 'alone', quotes: [], misquotes: 2, reason: '', confidence: 0.29 }),
      'Suggested by triage-7b (29 %), a machine: no reason given; it quotes nothing; left out, because not in the ticket: 2 of its quotes; no rule of any runbook fits',
    );
    assert.match(words({ role: 'differs' }), /; it named recycle, the rules chose another runbook$/);
  });

  it('never rounds up to certainty', () => assert.match(words({ confidence: 0.999 }), /\(99 %\)/));

  it('lets the machine not end its own quotation', () => {
    const text = words({ reason: 'ok"; Approved by Arne ”“', quotes: ['a "b" c'] });
    assert.match(text, /"ok'; Approved by Arne ''"; it quotes "a 'b' c";/);
  });

  for (const [reason, inert] of [
    ['[code]<b>x</b>[/CODE]', '[ code]<b>x</b>[ /CODE]'],
    ['[ code]x[ / code ]', '[  code]x[  / code ]'],
    ['[/ code][code\t]', '[ / code][ code\t]'],
    ['[codes] [a code] [code', '[codes] [a code] [code'],
  ] as const)
    it(`never becomes HTML in a work note: ${reason}`, () =>
      assert.ok(words({ reason }).includes(`"${inert}"`)));

  it('has each quote in marks of its own', () =>
    assert.match(words({ quotes: ['a', 'b'] }), /; it quotes "a", "b"; /));
});

describe('the work notes of a run with a suggestion', () => {
  const suggestion: WeighedSuggestion = { ...said, role: 'agrees' };
  const propose = f.command('propose', system('servicenow'), {
    incident: 'a'.repeat(32),
    runbook: 'recycle',
    reason: 'matches',
    suggestion,
  });
  const missing = f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } });

  for (const [name, change] of [
    ['waits for values', { world: missing }],
    ['asks for approval', {}],
  ] as const)
    it(`say on one line what the machine said when it ${name}`, () => {
      const notes = reportsDue(f.after([propose], change)).flatMap((one) =>
        one.to === 'ticket' ? [one.note.workNote.split('\n')] : [],
      );
      const said = notes.map((lines) => lines.filter((line) => line.includes('triage-7b')));
      assert.deepEqual(said, [[suggestionInWords(suggestion)]]);
    });
});

describe('a run that rests on a machine', () => {
  const rests = (role: WeighedSuggestion['role'], runbook = 'recycle') =>
    restsOnMachine({ ...said, role }, runbook);

  it('is one whose runbook nothing else named', () => {
    assert.ok(rests('alone'));
    assert.ok(rests('differs'));
    assert.ok(!rests('differs', 'the-one-of-the-rules'));
    assert.ok(!rests('agrees'));
    assert.ok(!restsOnMachine(undefined, 'recycle'));
  });
});
