import assert from 'node:assert/strict';
import { type PromqlToken, promqlTokens } from '../../src/domain/promql-tokens.ts';

const tokens = (query: string): readonly PromqlToken[] => {
  const read = promqlTokens(query);
  assert.ok(read.ok, query);
  return read.tokens;
};

describe('the words of a PromQL query', () => {
  it('are parted as Prometheus parts them', () => {
    const query = `sum by (job) (rate(job:http_errors:total{code=~"5..", site!='a\\'b'}[1h30m:5m] offset 1w)) # {x}\n >= 1.5e-3`;
    assert.deepEqual(
      tokens(query).map(({ text }) => text),
      [
        ...['sum', 'by', '(', 'job', ')', '(', 'rate', '(', 'job:http_errors:total', '{', 'code', '=~'],
        ...['"5.."', ',', 'site', '!=', "'a\\'b'", '}', '[', '1h30m', ':', '5m', ']', 'offset', '1w'],
        ...[')', ')', '>=', '1.5e-3'],
      ],
    );
  });

  const kinds = (query: string) => tokens(query).map(({ kind, text }) => `${kind} ${text}`);
  for (const [query, kind, texts] of [
    ['0 7 10 1.5 10.25 1. .5 .25', 'number', ['0', '7', '10', '1.5', '10.25', '1.', '.5', '.25']],
    ['1e3 1E3 12e+30 1.5e-31 .5e10', 'number', ['1e3', '1E3', '12e+30', '1.5e-31', '.5e10']],
    ['0x1F 0XaB09 0xf', 'number', ['0x1F', '0XaB09', '0xf']],
    ['1ms 2s 3m 4h 5d 6w 7y 10m20s', 'duration', ['1ms', '2s', '3m', '4h', '5d', '6w', '7y', '10m20s']],
    ['up _x :a job:http_5xx:rate5m Zz9 a_b', 'word', ['up', '_x', ':a', 'job:http_5xx:rate5m', 'Zz9', 'a_b']],
    [
      '=~ !~ != == >= <= - + * / % ^ = < > , @',
      'operator',
      [...'=~ !~ != == >= <= - + * / % ^ = < > , @'.split(' ')],
    ],
    ['( ) { } (({}))', 'operator', ['(', ')', '{', '}', '(', '(', '{', '}', ')', ')']],
    [`"" '' \`\``, 'string', ['""', "''", '``']],
    [`"a'b" 'a"b' \`a\\"'\``, 'string', [`"a'b"`, `'a"b'`, '`a\\"\'`']],
    [
      String.raw`"\a\b\f\n\r\t\v\\\"" "\xaF\012\u12aF\U0001f600" '\''`,
      'string',
      [String.raw`"\a\b\f\n\r\t\v\\\""`, String.raw`"\xaF\012\u12aF\U0001f600"`, String.raw`'\''`],
    ],
  ] as const)
    it(`are ${kind}s: ${query}`, () =>
      assert.deepEqual(
        kinds(query),
        texts.map((text) => `${kind} ${text}`),
      ));

  it('are told with the place where each begins', () =>
    assert.deepEqual(tokens(' # of the shop\n\tup # now\n  > 1 # or'), [
      { kind: 'word', text: 'up', at: 16 },
      { kind: 'operator', text: '>', at: 27 },
      { kind: 'number', text: '1', at: 29 },
    ]));

  it('may be none at all', () => assert.deepEqual([tokens(''), tokens(' # nothing')], [[], []]));

  it('are parted otherwise between [ and ], where a colon belongs to no name', () => {
    assert.deepEqual(kinds('a:b[5m:1m]'), [
      ...['word a:b', 'operator [', 'duration 5m', 'operator :', 'duration 1m', 'operator ]'],
    ]);
    assert.deepEqual(kinds('a[ 300 : ]'), ['word a', 'operator [', 'number 300', 'operator :', 'operator ]']);
  });

  for (const query of [
    ...['5mx', '5m3', '5m.', '1x', '1_', '0x', '0xg', '5ms3', '5_m'],
    ...['é', '!', '~', '$x', '"\\x1"', '"\\u12"', '"\\08"', '"\\U0001f60"', '"\\', "'a\nb'", '`a', '"a'],
    ...['a[b]', 'a["5m"]', 'a[5m,1m]', 'a[(5m)]', 'a[[5m]]', 'a[5m', '(a]', '{a)', '[5m}'],
  ])
    it(`are not found in ${JSON.stringify(query)}`, () => assert.equal(promqlTokens(query).ok, false));

  it('are refused with a short piece of what could not be read', () => {
    assert.deepEqual(promqlTokens('up + $abcdefghijklmnop'), {
      ok: false,
      at: 6,
      why: '"$abcdefghijk" is no word of PromQL',
    });
    assert.deepEqual(promqlTokens('{{'), { ok: false, at: 2, why: '{ is not closed' });
    assert.deepEqual(promqlTokens('(up]'), { ok: false, at: 4, why: '] closes nothing' });
  });

  for (const [query, at, why] of [
    ['up{job="x}', 8, /no word/],
    ['up{job="x\ny"}', 8, /no word/],
    ['up{job="a\\q"}', 8, /no word/],
    ["up{job='a\\\"'}", 8, /no word/],
    ['up ; down', 4, /no word/],
    ['sum(up', 4, /\( is not closed/],
    ['up{job="x")', 11, /\) closes nothing/],
    ['rate(up[5x])', 9, /no word/],
    ['up)', 3, /\) closes nothing/],
  ] as const)
    it(`are refused at character ${at} of ${JSON.stringify(query)}`, () => {
      const read = promqlTokens(query);
      assert.ok(!read.ok);
      assert.equal(read.at, at);
      assert.match(read.why, why);
    });
});
