import assert from 'node:assert/strict';
import { join } from 'node:path';
import { simulate } from '../../src/cli/simulate.ts';
import { AppError } from '../../src/domain/errors.ts';
import { guardrails } from '../../src/domain/guardrails.ts';
import { inFolder, run } from './terminal.ts';

const incident = `
incident: { number: INC0010042 }
ci:
  name: shop-web-01
  criticality: 2
  fields: { u_site: shop, u_app_pool: shop, u_health_url: 'http://shop.example/health' }
`;
const simulated = (files: Readonly<Record<string, string>>, ...args: string[]) =>
  inFolder({ 'incident.yaml': incident, ...files }, (folder) =>
    run(
      simulate,
      '--runbook',
      'iis-app-pool-recycle',
      ...args.map((arg) => (arg in files || arg === 'incident.yaml' ? join(folder, arg) : arg)),
    ),
  );
const refusal = async (...args: string[]) => {
  const error: unknown = await simulated({}, ...args).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, 'it is not refused');
  return `${error.message} ${error.fix}`;
};

describe('handrail simulate', () => {
  it('says what every guardrail says, the tier, who is asked, and what would run', async () => {
    const { code, text } = await simulated(
      {},
      '--incident',
      'incident.yaml',
      '--at',
      '2026-11-18 11:00 Europe/Berlin',
    );
    assert.equal(code, 0);
    for (const name of Object.keys(guardrails)) assert.match(text, new RegExp(` ${name} `));
    assert.match(text, /INC0010042 on shop-web-01 \(production\), asked for by ServiceNow/);
    assert.match(text, /at 2026-11-18T10:00:00\.000Z/);
    assert.match(text, /^tier: standard$/m);
    assert.match(text, /^parameter pool: shop \(ci\.u_app_pool\)$/m);
    assert.match(text, /^decision: asked: 1 of web-approvers$/m);
    assert.match(text, /^next: people decide until 2026-11-18T10:30:00\.000Z/m);
    assert.match(text, /^ {2}remediation +recycle-pool: ops iis-recycle-pool$/m);
  });

  it('takes JSON, and further facts from another file', async () => {
    const files = {
      'incident.json': JSON.stringify({
        ci: { environment: 'test', fields: { u_site: 's', u_app_pool: 'p' } },
      }),
      'facts.yaml': "ci: { fields: { u_health_url: 'http://s.example/' } }\nauthors: []\n",
    };
    const { text } = await simulated(files, '--incident', 'incident.json', '--facts', 'facts.yaml');
    assert.match(text, /^decision: auto-approved: the rule recycling outside production$/m);
    assert.match(text, /^next: it starts when every guardrail agrees again$/m);
  });

  it('says why it is denied, and until when', async () => {
    const facts = { 'facts.yaml': 'history: [{ at: -10m }]\n' };
    const { code, text } = await simulated(
      facts,
      '--incident',
      'incident.yaml',
      '--facts',
      'facts.yaml',
      '--at',
      '2026-11-18T10:00:00Z',
    );
    assert.equal(code, 0);
    assert.match(text, /^ {2}deny +cooldown +ran 10 min ago.*\[until 2026-11-18T10:20:00\.000Z\]$/m);
    assert.match(text, /^decision: denied: ran 10 min ago/m);
    assert.match(text, /^next: nothing runs/m);
  });

  it('says what could not be read, and what is missing', async () => {
    const facts = { 'unread.yaml': 'unknown: { history: the log is locked }\n', 'bare.yaml': '{}' };
    const unread = await simulated(facts, '--incident', 'incident.yaml', '--facts', 'unread.yaml');
    assert.match(unread.text, /^decision: unknown: .*the log is locked/m);
    const bare = await simulated(facts, '--incident', 'bare.yaml');
    assert.match(bare.text, /^decision: needs values: Site, Application pool, Health page$/m);
  });

  it('may be asked for by a person of the facts', async () => {
    const facts = { 'facts.yaml': 'people: { sam: [] }\n' };
    const { text } = await simulated(
      facts,
      '--incident',
      'incident.yaml',
      '--facts',
      'facts.yaml',
      '--by',
      'sam',
    );
    assert.match(text, /asked for by sam/);
    assert.match(text, /^ {2}deny +authorised +sam is in none of/m);
  });

  it('says how it is used when it is used otherwise', async () => {
    assert.match(await refusal(), /--incident is missing/);
    assert.match(await refusal('--incident', 'nowhere.yaml'), /nowhere\.yaml cannot be read/);
    assert.match(await refusal('--incident', 'incident.yaml', '--at', 'noon'), /--at noon is no moment/);
    assert.match(await refusal('--incident', 'incident.yaml', '--by', 'sam'), /nobody called sam/);
    assert.match(await refusal('--incident', 'incident.yaml', '--colour', 'red'), /--colour/);
    const twice = await refusal('--runbook', 'restart', '--incident', 'incident.yaml');
    assert.match(twice, /there is no runbook restart; known: .*iis-app-pool-recycle/);
  });

  it('names line and field of what is given wrongly', () =>
    inFolder({ 'incident.yaml': 'ci:\n  enviroment: test\n' }, async (folder) => {
      const file = join(folder, 'incident.yaml');
      const asked = run(simulate, '--runbook', 'iis-app-pool-recycle', '--incident', file);
      await assert.rejects(asked, /incident\.yaml:2 ci\.enviroment: there is no such field/);
    }));
});
