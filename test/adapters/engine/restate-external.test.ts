import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { restateEngine } from '../../../src/adapters/engine/restate.ts';
import { restateApi } from '../../../src/adapters/engine/restate-api.ts';
import { requestIdentity } from '../../../src/adapters/engine/restate-identity.ts';
import { restateServer } from '../../../src/adapters/engine/restate-server.ts';
import { serverBinary, serverEnvironment } from '../../../src/adapters/engine/restate-settings.ts';
import type { Engine } from '../../../src/ports.ts';
import {
  changed,
  command,
  type RecordedHandlers,
  recordedHandlers,
  until,
} from '../../fakes/engine-handlers.ts';
import { fileState } from '../../fakes/engine-state.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an external Restate, shared by two replicas', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hr-'));
  const identity = requestIdentity(dir);
  const replicas: { readonly engine: Engine; readonly handlers: RecordedHandlers }[] = [];
  const errors: unknown[] = [];
  let cluster: ReturnType<typeof restateServer>;
  let ingressUrl: string;
  let adminUrl: string;

  async function replica(identityKeys = [identity.publicKey]): Promise<Engine> {
    const port = await freePort();
    const sdk = { host: '127.0.0.1', port, uri: `http://127.0.0.1:${port}` };
    const engine = restateEngine({
      clock: { now: () => new Date() },
      ids: { ulid, uuid: () => crypto.randomUUID() },
      state: fileState(join(dir, 'state')),
      reconcileEveryMs: 60_000,
      onError: (error) => errors.push(error),
      server: {
        kind: 'external',
        ingressUrl,
        adminUrl,
        token: 't0ken',
        identityKeys,
        sdk,
        startWithinMs: 2500,
      },
    });
    const handlers = recordedHandlers();
    await engine.start(handlers);
    replicas.push({ engine, handlers });
    return engine;
  }

  before(async () => {
    const [fabric, ingress, admin] = await Promise.all([freePort(), freePort(), freePort()]);
    ingressUrl = `http://127.0.0.1:${ingress}`;
    adminUrl = `http://127.0.0.1:${admin}`;
    const api = restateApi({ ingress: { url: ingressUrl }, admin: { url: adminUrl } });
    const environment = {
      ...serverEnvironment(dir, identity.pem),
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(fabric),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
    };
    const { healthy } = api;
    const onError = () => undefined;
    cluster = restateServer({
      dir,
      binary: serverBinary(),
      environment,
      healthy,
      onError,
      startWithinMs: 15_000,
    });
    await cluster.start();
    await api.close();
  });
  after(async () => {
    for (const { engine } of replicas) await engine.stop();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('hands a command taken by one replica to the handlers registered last, and brings the reply back', async () => {
    const first = await replica();
    assert.deepEqual(await first.submit('r1', command()), changed);
    await replica();
    assert.deepEqual(await first.submit('r2', command()), changed);
    const [old, latest] = replicas.map(({ handlers }) => handlers);
    assert.deepEqual([old?.commands.length, latest?.commands.length], [1, 1]);
    await until('both runs are driven', () => old?.of('r1').length === 1 && latest?.of('r2').length === 1);
  });

  it('outlives its replicas', async () => {
    await replicas[0]?.engine.stop();
    await replicas[1]?.engine.submit('r3', command());
    assert.equal(replicas[1]?.handlers.commands.at(-1)?.runId, 'r3');
  });

  it('reports a token that no proxy has taken away, once and without the token', () => {
    const leaks = errors.map(String).filter((text) => text.includes('header authorization'));
    assert.equal(leaks.length, replicas.length);
    assert.ok(leaks.every((text) => !text.includes('t0ken')));
  });

  it('is refused when it signs with another key', async () => {
    const other = requestIdentity(mkdtempSync(join(dir, 'other-')));
    await assert.rejects(replica([other.publicKey]), { code: 'engine-unavailable' });
  });
});
