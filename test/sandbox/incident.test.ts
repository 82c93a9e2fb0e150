import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../../src/adapters/catalogue/load.ts';
import { parseThinEvent, type ThinEvent } from '../../src/domain/inbox.ts';
import { matchRunbooks } from '../../src/domain/match.ts';
import { raiseIncident } from '../../src/sandbox/incident.ts';
import { type IncidentName, incidents } from '../../src/sandbox/seed.ts';
import { startWorld, type World } from '../../src/sandbox/world.ts';
import * as f from '../fakes/domain.ts';

const isMid = (name: IncidentName): boolean => 'mid' in incidents[name];
const isFarm = (name: IncidentName): boolean => 'farm' in incidents[name];

/** The class of the item and the runbook for it. */
function meant(name: IncidentName): { readonly class: string; readonly runbook: string } {
  if (isMid(name)) return { class: 'cmdb_ci_appl', runbook: 'mid-server-restart' };
  const { device } = { device: undefined, ...incidents[name] };
  if (device === 'stale') return { class: 'cmdb_ci_computer', runbook: 'device-sync' };
  if (device !== undefined) return { class: 'cmdb_ci_computer', runbook: 'device-restore-compliance' };
  return isFarm(name)
    ? { class: 'cmdb_ci_cluster', runbook: 'iis-farm-recycle' }
    : { class: 'cmdb_ci_app_server', runbook: 'iis-app-pool-recycle' };
}

describe('the incidents of the simulated world', () => {
  const directory = mkdtempSync(join(tmpdir(), 'handrail-incidents-'));
  const bodies: string[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(202).end();
      receiver.emit('event');
    });
  });
  let world: World;
  before(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    world = await startWorld({ directory, eventsUrl: `http://127.0.0.1:${port}/events` });
  });
  after(async () => {
    await world.close();
    receiver.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const eventOf = async (name: string): Promise<ThinEvent> => {
    const arrived = once(receiver, 'event');
    const { sysId } = await raiseIncident(world.info, name);
    await arrived;
    const event = parseThinEvent(bodies.at(-1) ?? '');
    assert.ok('sys_id' in event && event.sys_id === sysId);
    return event;
  };
  /** What the runbooks and the policy of this repository make of it. */
  const found = async (name: IncidentName, event: ThinEvent) => {
    const { runbooks, policy } = await loadCatalogue('runbooks', new Date('2026-11-22T09:00:00Z'));
    const { short: shortDescription, text: description } = incidents[name];
    const incident = f.incident({ shortDescription, description });
    const { suggestions } = policy.policy;
    const ci = f.ci({ class: meant(name).class });
    return matchRunbooks([...runbooks.values()], incident, ci, event.suggestion, suggestions);
  };

  for (const name of Object.keys(incidents) as IncidentName[])
    it(`make ServiceNow send an event for ${name}, which one runbook is proposed for`, async () => {
      const [best, ...more] = await found(name, await eventOf(name));
      assert.equal(best?.loaded.runbook.id, meant(name).runbook);
      assert.deepEqual(more, []);
    });

  it('are one that only a machine has an idea about, and it quotes the ticket', async () => {
    const [best] = await found('iis-suggested', await eventOf('iis-suggested'));
    assert.equal(best?.suggestion?.role, 'alone');
    assert.equal(best?.suggestion?.quotes.length, 2);
    assert.equal(best?.suggestion?.misquotes, undefined);
  });
});
