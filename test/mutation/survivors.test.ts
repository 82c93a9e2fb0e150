import assert from 'node:assert/strict';
import fs from 'node:fs';
import { parse } from 'yaml';
import { type Mutant, nameMutant, ReviewedList, review, scoreOf } from './survivors.ts';

const text = 'const a = 1;\nif (a === 1 ||\n    b) {\n  go();\n}\n';
const mutant = (from: [number, number], to: [number, number], change: Partial<Mutant> = {}): Mutant => ({
  status: 'Survived',
  replacement: 'true',
  location: { start: { line: from[0], column: from[1] }, end: { line: to[0], column: to[1] } },
  ...change,
});
const one = nameMutant('a.ts', text, mutant([1, 11], [1, 12]));

describe('the name of a mutant', () => {
  it('is the text it replaces, in one line, with the line where it begins', () => {
    assert.deepEqual(one, { file: 'a.ts', line: 'const a = 1;', from: '1', to: 'true' });
    assert.deepEqual(nameMutant('a.ts', text, mutant([2, 5], [3, 6])), {
      file: 'a.ts',
      line: 'if (a === 1 ||',
      from: 'a === 1 || b',
      to: 'true',
    });
  });

  it('stays the same when lines are put before it', () => {
    assert.deepEqual(nameMutant('a.ts', `\n\n${text}`, mutant([3, 11], [3, 12])), one);
  });
});

describe('the mutation score', () => {
  const of = (...statuses: string[]) =>
    scoreOf(statuses.map((status) => mutant([1, 1], [1, 2], { status }))).percent;

  it('is the share that was found; to hang is to be found, and what is left out does not count', () => {
    assert.equal(of('Killed', 'Timeout', 'Survived', 'NoCoverage'), 50);
    assert.equal(of('Killed', 'Ignored', 'CompileError'), 100);
    assert.equal(of(), 100);
  });
});

describe('the review of survivors', () => {
  const listed = (...mutants: (typeof one)[]): ReviewedList => [{ why: 'nobody can see it', mutants }];

  it('lets pass what has a reason, and nothing else', () => {
    const other = { ...one, to: 'false' };
    const { unlisted, outdated } = review([{ name: one }, { name: other }], listed(one));
    assert.deepEqual([unlisted, outdated], [[{ name: other }], []]);
  });

  it('lets pass one mutant for each entry', () => {
    assert.equal(review([{ name: one }, { name: one }], listed(one)).unlisted.length, 1);
    assert.equal(review([{ name: one }, { name: one }], listed(one, one)).unlisted.length, 0);
  });

  it('names the entries that no longer fit', () => {
    assert.deepEqual(review([], listed(one)).outdated, [one]);
  });

  it('has a list to go by in which each entry has a reason', () => {
    const file = new URL('survivors.yaml', import.meta.url);
    assert.doesNotThrow(() => ReviewedList.parse(parse(fs.readFileSync(file, 'utf8'))));
    assert.throws(() => ReviewedList.parse([{ why: '', mutants: [one] }]));
  });
});
