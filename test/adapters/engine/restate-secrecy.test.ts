import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { restateEngine } from '../../../src/adapters/engine/restate.ts';
import { restateDoor } from '../../../src/adapters/engine/restate-door.ts';
import { command, recordedHandlers } from '../../fakes/engine-handlers.ts';
import { fileState } from '../../fakes/engine-state.ts';

type Deployments = { readonly deployments: readonly { readonly uri: string }[] };

/** Inodes of the sockets a process has open. */
function socketsOf(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** Inodes of all listening TCP sockets: state 0A of proc(5). */
function listeningTcp(): string[] {
  const lines = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n'));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .flatMap((cells) => (cells[3] === '0A' ? (cells[9] ?? []) : []));
}

async function statusOf(uri: string, path: string): Promise<number | undefined> {
  const session = connect(uri);
  try {
    const stream = session.request({
      ':path': path,
      ':method': 'POST',
      'content-type': 'application/vnd.restate.invocation.v5',
    });
    stream.end();
    return await new Promise((resolve, reject) => {
      stream.once('response', (headers) => resolve(headers[':status']));
      stream.once('error', reject);
    });
  } finally {
    session.destroy();
  }
}

describe('the embedded Restate server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hr-'));
  const data = join(dir, 'r');
  const marker = `marker${ulid()}`;
  const runId = `run${ulid()}`;
  const engine = restateEngine({
    clock: { now: () => new Date() },
    ids: { ulid, uuid: () => crypto.randomUUID() },
    reconcileEveryMs: 60_000,
    onError: () => undefined,
    state: fileState(join(dir, 'state')),
    server: { kind: 'embedded', dir: data },
  });
  const handlers = recordedHandlers();
  const admin = restateDoor({
    url: 'http://localhost',
    socketPath: join(data, 'handrail/admin.sock'),
    headers: { accept: 'application/json' },
  });

  /** Everything the server has journaled, as the operator of the server could read it. */
  async function journalText(): Promise<string> {
    const body = { query: 'SELECT raw FROM sys_journal' };
    const answer = await admin.ask({ method: 'POST', path: '/query', body }, 2000);
    const rows = (answer as { readonly rows: readonly { readonly raw: string }[] }).rows;
    return rows.map(({ raw }) => Buffer.from(raw, 'hex').toString('latin1')).join('\n');
  }

  before(async () => {
    await engine.start(handlers);
    await engine.submit(runId, command(marker));
  });
  after(async () => {
    await admin.close();
    await engine.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('has no TCP port', function () {
    if (process.platform !== 'linux') this.skip();
    const pid = Number(readFileSync(join(data, 'restate.pid'), 'utf8'));
    const sockets = socketsOf(pid);
    assert.ok(sockets.length > 0);
    assert.deepEqual(
      listeningTcp().filter((inode) => sockets.includes(inode)),
      [],
    );
  });

  it('keeps its folder and its key to the owner', () => {
    assert.equal(statSync(data).mode & 0o777, 0o700);
    assert.equal(statSync(join(data, 'identity.pem')).mode & 0o777, 0o600);
  });

  it('is the only one that may call the endpoint: anything unsigned gets 401', async () => {
    const { deployments } = (await admin.ask({ method: 'GET', path: '/deployments' }, 2000)) as Deployments;
    const uri = deployments[0]?.uri ?? '';
    assert.match(uri, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.equal(await statusOf(uri, '/invoke/Run/drive'), 401);
    assert.equal(await statusOf(uri, '/discover'), 401);
  });

  it('never holds what a command says, neither in its journal nor in any of its files', async () => {
    assert.equal(handlers.commands.length, 1);
    const [stored] = readdirSync(join(dir, 'state')).map(
      (name) => decodeURIComponent(name).split('|')[1] ?? '',
    );
    const journal = await journalText();
    assert.ok(
      stored !== undefined && journal.includes(stored),
      'the journal is readable: it holds the command id',
    );
    assert.ok(!journal.includes(marker));
    await engine.stop();
    const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const holding = (text: string) =>
      files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));
    assert.ok(holding(runId).length > 0, 'the files can be searched: they hold the run id');
    assert.deepEqual(holding(marker), []);
  });
});
