import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { sourceHashes } from '../../../infra/servicenow/build/sources.ts';

type Event = typeof import('../../../infra/servicenow/src/server/event.ts');
type Fields = Readonly<Record<string, string>>;

const folder = path.resolve(import.meta.dirname, '../../../infra/servicenow');
const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
const records: readonly Fields[] = JSON.parse(read('built/records.json'));
const of = (record: string): readonly Fields[] => records.filter((one) => one['record'] === record);

describe('the ServiceNow application as it is built', () => {
  it('is that of the sources beside it (if not: npm run build:servicenow)', () => {
    assert.deepEqual(JSON.parse(read('built/sources.json')), sourceHashes(folder));
  });

  it('has every module of the sources', () => {
    const sources = fs
      .readdirSync(path.join(folder, 'src', 'server'))
      .map((name) => path.basename(name, '.ts'));
    const built = fs
      .readdirSync(path.join(folder, 'built', 'modules'))
      .map((name) => path.basename(name, '.js'));
    assert.deepEqual(built.toSorted(), sources.toSorted());
    assert.equal(Object.keys(JSON.parse(read('built/modules.json'))).length, sources.length);
  });

  it('says nothing that the SDK could not write down', () => {
    assert.doesNotMatch(read('built/records.json'), /\[object |undefined|NaN/);
  });

  it('comes switched off, without an address and without a secret', () => {
    const properties = of('sys_properties');
    const given = Object.fromEntries(properties.map(({ name, value }) => [name, value]));
    for (const name of ['active', 'endpoint', 'secret', 'secret_next', 'integration_user', 'tag_rule'])
      assert.equal(given[`x_handrail.${name}`], undefined, name);
    const secrets = properties.filter(({ type }) => type === 'password2');
    assert.deepEqual(
      secrets.map(({ name, is_private: isPrivate, read_roles: readers }) => [name, isPrivate, readers]),
      ['secret', 'secret_next'].map((name) => [`x_handrail.${name}`, 'true', 'x_handrail.admin']),
    );
    for (const { name, write_roles: writers } of properties) assert.equal(writers, 'x_handrail.admin', name);
  });

  it('gives each role what it needs and no more', () => {
    const contained = of('sys_user_role_contains').map(({ role, contains }) => `${role} > ${contains}`);
    assert.deepEqual(contained.toSorted(), [
      'x_handrail.admin > x_handrail.operator',
      'x_handrail.integration > cmdb_read',
      'x_handrail.integration > sn_incident_read',
      'x_handrail.integration > sn_incident_write',
    ]);
    const rights = of('sys_security_acl').map(({ sys_id: acl, operation, name, condition = 'always' }) => {
      const roles = of('sys_security_acl_role').filter((one) => one['sys_security_acl'] === acl);
      const names = roles.map((one) => one['sys_user_role']).toSorted();
      return `${operation} ${name} ${condition}: ${names.join(' ')}`;
    });
    assert.deepEqual(rights.toSorted(), [
      'delete x_handrail_outbox state=dead: x_handrail.operator',
      'read incident.x_handrail_tag always: itil sn_incident_read x_handrail.integration x_handrail.operator',
      'read x_handrail_outbox always: x_handrail.operator',
      'write incident.x_handrail_tag always: itil x_handrail.operator',
    ]);
  });

  it('shows its buttons only to those who may press them', () => {
    const buttons = of('sys_ui_action').map(({ sys_id: action, name, condition }) => {
      const roles = of('sys_ui_action_role').filter((one) => one['sys_ui_action'] === action);
      return `${name} (${condition}): ${roles
        .map((one) => one['sys_user_role'])
        .toSorted()
        .join(' ')}`;
    });
    assert.deepEqual(buttons.toSorted(), [
      'Propose runbook (current.active == true): itil x_handrail.operator',
      "Send again (current.state == 'dead'): x_handrail.operator",
    ]);
  });

  it('has a page for operators that explains every setting and every role', () => {
    const page = read('README.md');
    for (const { name = '' } of [...of('sys_properties'), ...of('sys_user_role')])
      assert.ok(page.includes(`\`${name}\``), `${name} is missing in infra/servicenow/README.md`);
    for (const [name] of page.matchAll(/x_handrail\.(?!zip)[a-z_]+/g))
      assert.ok(
        records.some((record) => record['name'] === name),
        `${name} does not exist`,
      );
  });

  it('writes every body in plain ASCII without a dollar sign, and within its column', async () => {
    const url = pathToFileURL(path.join(folder, 'built', 'modules', 'event.js')).href;
    const { eventBody, LONGEST_BODY } = (await import(url)) as Event;
    const column = of('sys_dictionary').find(({ element }) => element === 'body');
    assert.ok(LONGEST_BODY <= Number(column?.['max_length']));
    const suggestions = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json({ stringUnit: 'binary' }),
      fc.string({ minLength: 20_000 }),
    );
    fc.assert(
      fc.property(suggestions, fc.nat(), (suggestion, modCount) => {
        const body = eventBody({ sysId: 'a'.repeat(32), number: 'INC0010023', modCount, suggestion });
        assert.match(body, /^[ !-#%-~]*$/);
        assert.ok(body.length <= LONGEST_BODY);
        assert.equal(JSON.parse(body).sys_mod_count, modCount);
      }),
      { numRuns: 200 },
    );
  });
});
