import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { backtest } from '../../src/cli/backtest.ts';
import { AppError } from '../../src/domain/errors.ts';
import { inFolder, run } from './terminal.ts';

const present = readFileSync('test/policy/policy.yaml', 'utf8');
const rule = (environment: string) => `autoApprovals:
  - { name: ${environment}, runbook: recycle, environments: [${environment}], owner: web, until: '2027-01-01T00:00:00Z' }
`;
const runbook = readFileSync('test/policy/recycle.yaml', 'utf8');
const stricter = `${present.replace('version: plain', 'version: stricter')}${rule('staging')}tiers:
  - { name: high, when: [{ environments: [production] }], approvers: [{ group: service-owners, quorum: 2 }] }
  - { name: low, effect: allow }
`;
const at = '2026-10-01T10:00:00Z';
const incidents = [
  { at, incident: { number: 'INC1' } },
  { at, incident: { number: 'INC2' }, ci: { name: 'test-01', environment: 'test' } },
  'nonsense',
  { at, incident: { numbr: 'INC3' } },
  { at, incident: { number: 'INC4', shortDescription: 'The printer is out of paper' } },
  { at, incident: { number: 'INC5', state: 'closed' }, runbook: 'recycle' },
  { at: 'noon' },
  { at, incident: { number: 'INC6' }, ci: { environment: 'development' } },
  { at, incident: { number: 'INC7' }, unknown: { history: 'the log is locked' } },
  { at, incident: { number: 'INC8' }, runbook: 'restart' },
];
const lines = incidents.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');

const Side = z.object({ version: z.string(), hash: z.string(), counts: z.record(z.string(), z.number()) });
const Verdict = z.strictObject({ fate: z.string(), by: z.string(), runbook: z.string(), tier: z.string() });
const Report = z.strictObject({
  present: Side,
  new: Side,
  incidents: z.array(
    z.strictObject({
      line: z.number(),
      incident: z.string(),
      ci: z.string(),
      present: Verdict,
      new: Verdict,
    }),
  ),
  different: z.array(z.number()),
  bad: z.array(z.strictObject({ line: z.number(), message: z.string() })),
});

const tested = (more: readonly string[] = [], text = lines, policy = stricter) =>
  inFolder(
    {
      'policy.yaml': `${present}${rule('test')}`,
      'recycle.yaml': runbook,
      'new.txt': policy,
      'past.jsonl': text,
    },
    async (folder) => {
      const result = await run(
        backtest,
        '--runbooks',
        folder,
        '--policy',
        join(folder, 'new.txt'),
        '--incidents',
        join(folder, 'past.jsonl'),
        ...more.flatMap((name) => ['--json', join(folder, name)]),
      );
      const [name] = more;
      const json: unknown =
        name === undefined ? undefined : JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return { ...result, json };
    },
  );

describe('handrail backtest', () => {
  it('counts what both policies would have decided', async () => {
    const { text } = await tested();
    assert.match(text, /^ +present +new +change$/m);
    assert.match(text, /^auto-approved +1 +0 +-1$/m);
    assert.match(text, /^asked +2 +3 +\+1$/m);
    assert.match(text, /^denied +1 +1 +0$/m);
    assert.match(text, /^unknown +1 +1 +0$/m);
    assert.match(text, /^no runbook +2 +2 +0$/m);
    assert.match(text, /^all +7 +7/m);
  });

  it('lists those that would have been decided otherwise, and by whom', async () => {
    const { text } = await tested();
    assert.match(text, /^decided otherwise: 2$/m);
    assert.match(
      text,
      /line 2 INC2 on test-01\n +present: auto-approved: the rule test, recycle\n +new: +asked: 1 of web-approvers, tier low/,
    );
    assert.match(
      text,
      /line 1 INC1 on shop-web-01\n +present: asked: 1 of web-approvers, recycle\n +new: +asked: 1 of web-approvers and 2 of service-owners, tier high/,
    );
  });

  it('counts people where they are named', async () => {
    const one = { at, incident: { number: 'INC1' }, people: { sven: ['service-owners'] } };
    const { text } = await tested([], JSON.stringify(one));
    assert.match(text, /new: +denied: only 1 of 2 needed can approve \(service-owners\)/);
  });

  it('names bad lines by their number, loses nothing else, and fails', async () => {
    const { code, text } = await tested();
    assert.equal(code, 1);
    assert.match(text, /^line 3 was left out: is no JSON/m);
    assert.match(text, /^line 4 was left out: incident: /m);
    assert.match(text, /^line 7 was left out: at: is no moment/m);
    assert.equal(text.match(/was left out/g)?.length, 3);
  });

  it('succeeds when every line is good, and says when nothing differs', async () => {
    const good = JSON.stringify({ at, incident: { number: 'INC1' } });
    const same = `${present}${rule('test')}`;
    const { code, text } = await tested([], `${good}\n\n${good}\n`, same);
    assert.equal(code, 0);
    assert.match(text, /^the policies decide the same$/m);
    assert.match(text, /^all +2 +2/m);
  });

  it('writes all of it as JSON', async () => {
    const { json } = await tested(['out.json']);
    const { present: before, new: after, incidents: all, different, bad } = Report.parse(json);
    assert.deepEqual([before.version, after.version], ['plain', 'stricter']);
    assert.deepEqual([before.counts['auto-approved'], after.counts['auto-approved']], [1, 0]);
    assert.deepEqual(different, [1, 2]);
    assert.deepEqual(
      all.map(({ line }) => line),
      [1, 2, 5, 6, 8, 9, 10],
    );
    assert.deepEqual(
      bad.map(({ line }) => line),
      [3, 4, 7],
    );
    assert.deepEqual(all[1]?.new, {
      fate: 'asked',
      by: '1 of web-approvers',
      runbook: 'recycle',
      tier: 'low',
    });
  });

  it('refuses a policy that is none, with its line and field', async () => {
    await assert.rejects(
      tested([], lines, stricter.replace('version: stricter', 'versoin: x')),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.match(error.message, /new\.txt:\d+ versoin: there is no such field/);
        return true;
      },
    );
  });

  it('refuses a policy that could not be started with these runbooks, with its line and field', async () => {
    await assert.rejects(
      tested([], lines, stricter.replace('2027-01-01T00:00:00Z', '2026-11-01T00:00:00Z')),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.match(error.message, /new\.txt:\d+ autoApprovals\S+until: .*2026-11-01/);
        return true;
      },
    );
  });

  it('leaves the mapping of ServiceNow beside the runbooks alone', () =>
    inFolder(
      {
        'policy.yaml': `${present}${rule('test')}`,
        'recycle.yaml': runbook,
        'servicenow.yaml': 'tag: { field: u_runbook }\n',
        'new.txt': stricter,
        'past.jsonl': lines,
      },
      async (folder) => {
        const files = ['--policy', join(folder, 'new.txt'), '--incidents', join(folder, 'past.jsonl')];
        const { text } = await run(backtest, '--runbooks', folder, ...files);
        assert.match(text, /INC1/);
      },
    ));

  it('says which option is missing', async () => {
    await assert.rejects(run(backtest), /--policy is missing/);
  });
});
