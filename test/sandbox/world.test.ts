import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startWorld, type World } from '../../src/sandbox/world.ts';

const eventsUrl = 'http://127.0.0.1:9/api/servicenow/events';
const addresses = ({ info: { servicenow, site, ops, graph } }: World) => [servicenow, site, ops, graph];

describe('the simulated world after a restart', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'handrail world '));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('is where it was, because open runs and the CMDB hold its addresses', async () => {
    const first = await startWorld({ directory, eventsUrl });
    await first.close();
    const second = await startWorld({ directory, eventsUrl });
    await second.close();
    assert.deepEqual(addresses(second), addresses(first));
    assert.equal(second.info.webhookSecret, first.info.webhookSecret);
  });

  it('moves away from a port that somebody else has taken meanwhile', async () => {
    const first = await startWorld({ directory, eventsUrl });
    await first.close();
    const taken = createServer().listen(Number(new URL(first.info.site).port), '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const second = await startWorld({ directory, eventsUrl });
    await second.close();
    taken.close();
    assert.notEqual(second.info.site, first.info.site);
    assert.equal(second.info.servicenow, first.info.servicenow);
  });
});
