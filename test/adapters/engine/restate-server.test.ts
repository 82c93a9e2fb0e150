import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restateHost } from '../../../src/adapters/engine/restate-host.ts';
import { requestIdentity } from '../../../src/adapters/engine/restate-identity.ts';
import { restateServer } from '../../../src/adapters/engine/restate-server.ts';
import {
  serverBinary,
  serverEnvironment,
  serverSockets,
} from '../../../src/adapters/engine/restate-settings.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { until } from '../../fakes/engine-handlers.ts';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const isError = (code: string, fix: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && fix.test(error.fix);

describe('the settings of the embedded server', () => {
  it('name the package to install when the server is missing', () => {
    const fix = /npm install @restatedev\/restate-server-win32-x64 .*local engine/;
    assert.throws(() => serverBinary('win32', 'x64'), isError('engine-unavailable', fix));
  });

  it('refuse a folder whose path is too long for a unix socket, and accept the longest that is not', () => {
    const rest = '/handrail/ingress.sock'.length;
    const longest = `/${'d'.repeat(103 - rest - 1)}`;
    assert.equal(serverSockets(longest).ingress.length, 103);
    assert.throws(() => serverSockets(`${longest}d`), isError('config-invalid', /shorter path/));
  });

  it('hand the server nothing of our own environment', () => {
    const foreign = Object.keys(serverEnvironment('/d', '/p')).filter((key) => !key.startsWith('RESTATE_'));
    assert.deepEqual(foreign, ['DO_NOT_TRACK']);
  });

  it('demand an identity key of an external Restate', () => {
    const sdk = { host: '127.0.0.1', port: 0, uri: 'http://handrail:9080' };
    const external = {
      kind: 'external',
      ingressUrl: 'http://r',
      adminUrl: 'http://r',
      identityKeys: [],
      sdk,
    } as const;
    assert.throws(() => restateHost(external, () => undefined), isError('config-invalid', /publickeyv1_/));
  });
});

describe('the supervised server', () => {
  let dir: string;
  let errors: unknown[];
  const pid = (): number => Number(readFileSync(join(dir, 'restate.pid'), 'utf8'));
  const pids = (): string[] => readFileSync(join(dir, 'pids'), 'utf8').trim().split('\n');

  function supervised(script: string, startWithinMs = 5000) {
    const binary = join(dir, 'restate-server.sh');
    writeFileSync(binary, `#!/bin/sh\necho $$ >> pids\n${script}\n`, { mode: 0o700 });
    const healthy = async (): Promise<boolean> => existsSync(join(dir, 'pids')) && script.includes('sleep');
    const onError = (error: unknown): void => void errors.push(error);
    return restateServer({
      dir,
      binary,
      environment: { PATH: '/usr/bin:/bin' },
      healthy,
      onError,
      startWithinMs,
    });
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hr-'));
    errors = [];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is ended by a stop', async () => {
    const server = supervised('exec sleep 100');
    await server.start();
    const started = pid();
    await server.stop();
    assert.throws(() => process.kill(started, 0), { code: 'ESRCH' });
    assert.deepEqual([existsSync(join(dir, 'restate.pid')), errors], [false, []]);
  });

  it('fails to start when it does not get healthy, tells where to look, and leaves nothing running', async () => {
    const server = supervised('exit 3', 700);
    await assert.rejects(server.start(), isError('engine-unavailable', /restate\.log/));
    assert.match(String(errors[0]), /ended by itself \(exit code 3\)/);
    assert.ok(pids().length > 1, 'it was tried more than once');
    assert.equal(existsSync(join(dir, 'restate.pid')), false);
  });

  it('fails to start when the binary cannot be run', async () => {
    const server = restateServer({
      dir,
      binary: join(dir, 'missing'),
      environment: {},
      healthy: async () => false,
      onError: (error) => errors.push(error),
      startWithinMs: 300,
    });
    await assert.rejects(server.start(), isError('engine-unavailable', /restate\.log/));
    assert.match(String(errors[0]), /ENOENT/);
  });

  it('takes over no process whose id happens to stand in an old pid file', async () => {
    writeFileSync(join(dir, 'restate.pid'), String(process.pid));
    const server = supervised('exec sleep 100');
    await server.start();
    await until('it has started its own', () => pids().length === 1);
    await server.stop();
  });
});

describe('the request identity', () => {
  it('is made once, and its public key is that of the private one', () => {
    const dir = mkdtempSync(join(tmpdir(), 'hr-'));
    const first = requestIdentity(dir);
    assert.deepEqual(requestIdentity(dir), first);
    const raw = createPublicKey(readFileSync(first.pem)).export({ format: 'jwk' }).x ?? '';
    const digits = [...first.publicKey.replace('publickeyv1_', '')].map((letter) => alphabet.indexOf(letter));
    const decoded = digits
      .reduce((sum, digit) => sum * 58n + BigInt(digit), 0n)
      .toString(16)
      .padStart(64, '0');
    assert.equal(decoded, Buffer.from(raw, 'base64url').toString('hex'));
    rmSync(dir, { recursive: true });
  });
});
