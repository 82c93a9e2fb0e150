import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { fillPromql, placementFaults } from '../../src/domain/promql-fill.ts';
import { type PromqlToken, promqlTokens } from '../../src/domain/promql-tokens.ts';

const tokens = (query: string): readonly PromqlToken[] => {
  const read = promqlTokens(query);
  assert.ok(read.ok, query);
  return read.tokens;
};
/** What Prometheus reads between these quotes. */
const unquoted = (text: string): string => {
  const plain: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:u([\da-f]{4})|(.))/gu, (_all, code?: string, one?: string) =>
      code === undefined ? (plain[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    );
};
const strings = (query: string): string[] =>
  tokens(query)
    .filter(({ kind }) => kind === 'string')
    .map(({ text }) => unquoted(text));
const skeleton = (query: string): string[] =>
  tokens(query).map(({ kind, text }) => (kind === 'string' ? text.slice(0, 1) : text));

describe('a parameter in a PromQL query', () => {
  for (const query of [
    'up{job="{job}"}',
    'up{job=\'{job}-{zone}\', x!="a{job}"} > 3',
    'up{job=~"{job}"}',
    'up{job!~"(?:a|{job})-.*"}',
    'up{job=~"web\\\\.{job}"}',
  ])
    it(`may stand in ${query}`, () => assert.deepEqual(placementFaults(query), []));

  for (const [query, why] of [
    ['up > {limit}', /quoted value of a label only/],
    ['up{job={job}}', /quoted value of a label only/],
    ['up # {job}', /quoted value of a label only/],
    ['{job}', /quoted value of a label only/],
    ['label_replace(up, "a", "{job}", "b", "")', /not in other strings/],
    ['up{"{job}"="x"}', /not in other strings/],
    ['up{job=`{job}`}', /double quotes/],
    ['up{job=~"[{job}]"}', /beside plain text/],
    ['up{job=~"\\\\{job}"}', /beside plain text/],
    ['up{job=~"\\\\Q{job}\\\\E"}', /beside plain text/],
    ['up{job=~"(?P<{job}>x)"}', /beside plain text/],
    ['up{job=~"{job}*"}', /beside plain text/],
    ['up{job=~"a{2}{job}"}', /beside plain text/],
  ] as const)
    it(`may not stand in ${query}, which is left as it is`, () => {
      const [fault, ...more] = placementFaults(query);
      assert.match(fault ?? '', why);
      assert.deepEqual(more, []);
      assert.equal(fillPromql(query, { job: 'x', limit: 3 }), query);
    });

  it('has no place in what is no query, which is left as it is, too', () => {
    const query = 'up{job="{job}"';
    assert.deepEqual([placementFaults(query), fillPromql(query, { job: 'x' })], [[], query]);
  });

  it('is judged by what stands before its own string', () => {
    assert.deepEqual(placementFaults('"{a}" == up{x="{b}", y=~"{c}*"}'), [
      '{a}: a parameter may stand in the value of a label only, not in other strings',
      '{c}: a parameter in a regular expression may stand beside plain text, ., *, +, ?, | and ( ) only',
    ]);
    assert.deepEqual(placementFaults('up{x="{a}", y=~"{b}"} > {c}').length, 1);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(...'"\'\\`{}()[]|.*+?^$#=~!,\n\r\t\0 ax-\u2028\ud800{job}'.split('')),
    }),
    fc.constantFrom('"} or vector(0) #', "'} or up{x='", '\\', '\\"', '{zone}', 'a-z', '.*', ''),
  );
  const scalar = fc.oneof(text, fc.integer(), fc.boolean());

  it('never changes what the query is, whatever its value', () => {
    const templates = [
      'up{job="{job}"}',
      'sum(rate(errors{job=\'a{job}b\', zone!="{zone}"}[5m])) by (job) > bool 1',
      'up{job=~"web-{job}|{zone}", x="y"} or up{job!~\'{job}\'}',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...templates), scalar, scalar, (query, job, zone) => {
        assert.deepEqual(skeleton(fillPromql(query, { job, zone })), skeleton(query));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is written as people would write it, who read the query before they approve', () => {
    const query = fillPromql('up{instance="{host}", path=~"{path}"}', { host: 'SHOP\\web', path: 'a.b\t' });
    assert.equal(query, String.raw`up{instance="SHOP\\web", path=~"a\\.b\t"}`);
    assert.equal(fillPromql('up{a="{a}"}', { a: '\r\n"\'\0' }), String.raw`up{a="\r\n\u0022\u0027\u0000"}`);
  });

  it('is equal to exactly its value', () => {
    fc.assert(
      fc.property(scalar, (job) => {
        const want = `a${String(job).toWellFormed()}b`;
        assert.deepEqual(strings(fillPromql('up{job="a{job}b"}', { job })), [want]);
        assert.deepEqual(strings(fillPromql("up{job!='a{job}b'}", { job })), [want]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('matches nothing but its value where it stands in a regular expression', () => {
    fc.assert(
      fc.property(scalar, text, (job, other) => {
        const [pattern, not] = strings(fillPromql('up{job=~"web-(?:{job})", x!~"web-(?:{job})"}', { job }));
        assert.equal(not, pattern);
        const matches = (one: string) => RE2JS.compile(pattern ?? '').matches(one);
        const value = String(job).toWellFormed();
        assert.ok(matches(`web-${value}`), pattern);
        assert.equal(matches(`web-${other.toWellFormed()}`), other.toWellFormed() === value);
      }),
      { numRuns: 2_000 },
    );
  });
});
