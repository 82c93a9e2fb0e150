import assert from 'node:assert/strict';
import { openRuns } from '../../../src/flow/projection.ts';
import { type Instance, startInstance } from './instance.ts';
import { first, openStage, type Stage, second, sysId } from './stage.ts';

describe('the built ServiceNow application', () => {
  let instance: Instance;
  let stage: Stage;
  before(async () => {
    instance = await startInstance();
  });
  after(() => instance.stop());
  beforeEach(async () => {
    stage = await openStage(instance);
  });
  afterEach(() => stage.close());
  const inboxIds = async () => Object.keys(await stage.inbox()).toSorted();
  const tagOf = async () => (await instance.rows('incident'))[0]?.['x_handrail_tag'];

  describe('tells Handrail', () => {
    it('of a new incident that the tag rule fits, and Handrail proposes a run', async () => {
      await stage.save();
      assert.equal(await tagOf(), 'offer');
      await instance.work();
      assert.deepEqual(await stage.states(), ['sent']);
      assert.deepEqual(await inboxIds(), [`inc_${sysId}_0`]);
      assert.equal((await stage.inbox())[`inc_${sysId}_0`]?.modCount, 0);
      for (let n = 0; n < 500 && (await openRuns(stage.process.deps)).length === 0; n++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal((await openRuns(stage.process.deps)).length, 1);
      assert.deepEqual(await instance.told(), { errors: [], messages: [] });
    });

    it('and does not wait for an answer for three minutes, as the platform would', async () => {
      await stage.save();
      await instance.work();
      assert.deepEqual(
        instance.sent.map(({ timeoutMs }) => timeoutMs),
        [10_000],
      );
    });

    it('of each later change, also when the rule no longer fits', async () => {
      await stage.save();
      await instance.work();
      await stage.save({ state: '6' });
      await instance.work();
      assert.deepEqual(await inboxIds(), [`inc_${sysId}_0`, `inc_${sysId}_1`]);
    });

    it('of an incident that a person tagged', async () => {
      await stage.save({ category: 'network', x_handrail_tag: 'offer' });
      await instance.work();
      assert.deepEqual(await inboxIds(), [`inc_${sysId}_0`]);
    });

    it('once when a person takes it out, so that what was proposed is taken back', async () => {
      await stage.save();
      await stage.save({ x_handrail_tag: 'never' });
      await stage.save({ x_handrail_tag: 'never', state: '2' });
      await instance.work();
      assert.equal((await stage.rows()).length, 2);
      assert.ok((await inboxIds()).includes(`inc_${sysId}_1`));
    });

    it('nothing of an incident that no rule fits, and nothing of one a person took out', async () => {
      await stage.save({ category: 'network' });
      await stage.save({ category: 'software', x_handrail_tag: 'never' });
      await instance.work();
      assert.equal(await tagOf(), 'never');
      assert.deepEqual(await stage.rows(), []);
    });

    it('nothing of what Handrail itself wrote, however its name is spelt', async () => {
      await stage.save({}, 'handrail');
      assert.equal(await tagOf(), 'offer');
      await stage.save({ state: '2' }, 'HANDRAIL');
      assert.deepEqual(await stage.rows(), []);
      await stage.save({ state: '1' }, 'beth');
      assert.equal((await stage.rows()).length, 1);
    });

    it('nothing while the rule has a column that does not exist, which would fit every incident', async () => {
      await stage.set('tag_rule', 'categroy=software');
      await stage.save();
      assert.deepEqual(await stage.rows(), []);
      assert.match((await instance.told()).errors.join(), /tag_rule is no valid query/);
    });
  });

  describe('joins events', () => {
    it('of one incident while they wait: only the newest is sent', async () => {
      await stage.set('active', 'false');
      for (const priority of ['5', '4', '3', '2', '1']) await stage.save({ priority });
      await instance.work();
      await stage.tick();
      assert.deepEqual((await stage.states()).toSorted(), ['pending', ...Array(4).fill('superseded')]);
      assert.equal(instance.sent.length, 0);
      await stage.set('active', 'true');
      await stage.tick();
      assert.deepEqual(await inboxIds(), [`inc_${sysId}_4`]);
    });

    it('of several incidents not at all', async () => {
      await stage.set('active', 'false');
      for (const digit of ['1', '2', '3']) await stage.save({ sys_id: digit.repeat(32) });
      await stage.set('active', 'true');
      await stage.tick();
      assert.deepEqual(await stage.states(), ['sent', 'sent', 'sent']);
      assert.equal((await inboxIds()).length, 3);
    });
  });

  describe('carries a suggestion', () => {
    const placeholder = (name: string): string => `$\u007b${name}}`;
    const suggestion = {
      runbook: 'recycle',
      confidence: 0.9,
      reason: `Größe ${placeholder('x')} 🙂 $100 "quoted"\\`,
      quotes: [placeholder('incident.secret'), 'Pool läuft über'],
      model: 'triage-7b',
    };

    it('word for word, although the platform fills in placeholders in what is sent', async () => {
      await stage.save({ u_triage_suggestion: JSON.stringify(suggestion) });
      await instance.work();
      assert.deepEqual((await stage.inbox())[`inc_${sysId}_0`]?.suggestion, suggestion);
    });

    it('that is no JSON as text, and one that is too long as a remark: Handrail records why it counts for nothing', async () => {
      await stage.save({ u_triage_suggestion: 'restart it!' });
      await instance.work();
      await stage.save({ u_triage_suggestion: JSON.stringify({ ...suggestion, reason: 'ü'.repeat(3_000) }) });
      await instance.work();
      const inbox = await stage.inbox();
      assert.match(String(inbox[`inc_${sysId}_0`]?.suggestionDropped), /expected object, received string/);
      assert.match(String(inbox[`inc_${sysId}_1`]?.suggestionDropped), /expected object, received string/);
      assert.match(instance.sent[1]?.body ?? '', /left out: \d+ characters are too many/);
    });

    it('not at all when the column is empty or does not exist', async () => {
      await stage.save({ u_triage_suggestion: ' ' });
      await instance.work();
      await stage.set('suggestion_column', 'u_other');
      await stage.save({ state: '2', u_triage_suggestion: JSON.stringify(suggestion) });
      await instance.work();
      assert.deepEqual(
        instance.sent.map(({ body }) => JSON.parse(body).suggestion),
        [undefined, undefined],
      );
    });
  });

  describe('signs so that secrets can be changed', () => {
    it('without one event refused at any step', async () => {
      const next = async (priority: string) => {
        await stage.save({ priority });
        await instance.work();
      };
      await next('5');
      await stage.set('secret_next', second);
      await next('4');
      await stage.handrail(second, first);
      await next('3');
      await stage.set('secret', second);
      await stage.set('secret_next', '');
      await next('2');
      await stage.handrail(second);
      await next('1');
      assert.deepEqual(await stage.states(), Array(5).fill('sent'));
      assert.equal((await inboxIds()).length, 5);
      assert.deepEqual(
        instance.sent.map(({ headers }) => headers['webhook-signature']?.split(' ').length),
        [1, 2, 2, 1, 1],
      );
    });

    it('and a receiver that knows only one of two takes it, whichever it is', async () => {
      await stage.set('secret_next', second);
      await stage.handrail(second);
      await stage.save();
      await instance.work();
      assert.deepEqual(await stage.states(), ['sent']);
    });

    it('and a stranger learns nothing: Handrail refuses another secret, and the event waits', async () => {
      await stage.set('secret', second);
      await stage.save();
      await instance.work();
      const [row] = await stage.rows();
      assert.deepEqual([row?.['state'], row?.['last_status']], ['pending', '401']);
      assert.deepEqual(await inboxIds(), []);
      await stage.set('secret', first);
      await stage.tick(30);
      assert.deepEqual(await stage.states(), ['sent']);
    });
  });

  describe('sends nothing and says why', () => {
    const wrong = {
      'without a secret': ['secret', '', /x_handrail.secret is empty/],
      'with a secret that was cut': ['secret', first.slice(0, -3), /is not whsec_ followed by base64/],
      'with a next secret that is none': ['secret_next', 'changeme', /secret_next is not whsec_/],
      'without an address': ['endpoint', '', /endpoint is no https address/],
      'to an address without TLS': [
        'endpoint',
        'http://handrail.example/api/servicenow/events',
        /no https address/,
      ],
      'to an address with a name in it': [
        'endpoint',
        'https://a:b@handrail.example/events',
        /no https address/,
      ],
    } as const;
    for (const [name, [property, value, problem]] of Object.entries(wrong))
      it(name, async () => {
        await stage.set(property, value);
        await stage.save();
        await instance.work();
        await stage.tick();
        const [row] = await stage.rows();
        assert.deepEqual([row?.['state'], row?.['attempts'], instance.sent.length], ['pending', '0', 0]);
        const { errors } = await instance.told();
        assert.match(errors.join(), problem);
        assert.ok(!errors.join().includes(first.slice(6, 20)));
      });
  });
});
