import assert from 'node:assert/strict';
import { sha256 } from '../../src/domain/json.ts';
import { recordLines } from '../../src/domain/record.ts';
import type { Artifact, Attachment, Target } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const file = (name: string, text: string | Uint8Array, type = 'application/json'): Artifact => ({
  name,
  type,
  bytes: typeof text === 'string' ? Buffer.from(text) : text,
});
const hosts = file('hosts.json', '[{"host_name":"web01"}]');
const code = f.RUN.slice(-5);

describe('what a job left behind', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let attached: Attachment[];
  const run = async (artifacts: NonNullable<Target['artifacts']>) => {
    const ops = process.deps.targets.get('ops') ?? assert.fail('no target');
    const targets = new Map([['ops', { ...ops, artifacts }]]);
    const attach = async (one: Attachment) => void attached.push(one);
    Object.assign(process.deps, { targets, itsm: { ...process.deps.itsm, attach } });
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    return process.run();
  };
  const finished = async (step: string) =>
    (await process.run()).entries.flatMap((e) =>
      e.type === 'step-finished' && e.data.step === step ? [e.data] : [],
    )[0] ?? assert.fail(`${step} has not ended`);
  const files = () =>
    attached
      .filter(({ name }) => !name.endsWith('.log'))
      .map(({ name, type, bytes }) => [name, type, String(bytes)]);
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    attached = [];
    process = await startProcess(world, temp.file);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('is kept under its hash, named in the log and in the record, and attached to the incident', async () => {
    const { closed, entries } = await run(async () => [hosts]);
    assert.equal(closed?.outcome, 'succeeded');
    const hash = sha256(hosts.bytes);
    const { artifacts } = await finished('recycle-pool');
    assert.deepEqual(artifacts, [
      {
        name: 'hosts.json',
        type: 'application/json',
        sha256: hash,
        bytes: hosts.bytes.length,
        truncated: false,
        ref: `evidence:${f.RUN}/${hash}`,
      },
    ]);
    const line = recordLines(entries).find((one) => one.includes('remediation recycle-pool succeeded'));
    assert.match(line ?? '', new RegExp(`; hosts.json ${hosts.bytes.length} bytes, sha256 ${hash}`));
    assert.deepEqual(files(), [
      [`handrail-${code}-snapshot-hosts.json`, 'application/json', String(hosts.bytes)],
      [`handrail-${code}-recycle-pool-hosts.json`, 'application/json', String(hosts.bytes)],
    ]);
    assert.equal((await process.store.verify(f.RUN)).ok, true);
  });

  it('is asked for by the id of the job that ended', async () => {
    const asked: string[] = [];
    await run(async (externalId) => {
      asked.push(externalId);
      return [];
    });
    assert.deepEqual(asked, [...world.jobs.keys()]);
    assert.equal('artifacts' in (await finished('snapshot')), false);
  });

  it('comes back byte by byte, whatever is in it', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    await run(async () => [file('core.bin', bytes, 'application/octet-stream')]);
    assert.deepEqual(
      Buffer.from(attached.find(({ name }) => name.endsWith('core.bin'))?.bytes ?? []),
      Buffer.from(bytes),
    );
  });

  it('is cut where it is too long, and counted where it is too much', async () => {
    const many = Array.from({ length: 27 }, (_, n) => file(`f${n}`, `${n}`));
    await run(async () => [file('long', Buffer.alloc(1_000_001, 'a')), file('empty', ''), ...many]);
    const { artifacts = [], detail } = await finished('recycle-pool');
    assert.deepEqual([artifacts.length, artifacts[0]?.bytes, artifacts[0]?.truncated], [25, 1_000_000, true]);
    assert.equal(artifacts[1]?.name, 'f0', 'an empty file is left out');
    assert.equal(detail, 'recycle succeeded; 3 more files it left behind were not kept');
  });

  it('is attached under a plain name, though it was a path', async () => {
    await run(async () => [file(`a/b c/../${'x'.repeat(200)}.xml`, '<a/>')]);
    for (const [name] of files()) assert.match(name ?? '', /^handrail-\w{5}-[a-z-]+-x{96}\.xml$/);
  });

  it('that cannot be read changes nothing of the result, and that is told', async () => {
    world.results['recycle'] = 'failed';
    const { closed } = await run(async () => {
      throw new Error('the page is gone');
    });
    assert.equal(closed?.outcome, 'rolled back');
    const { result, detail, evidence } = await finished('recycle-pool');
    assert.deepEqual(
      [result, detail],
      ['failed', 'recycle failed; what it left behind could not be read: the page is gone'],
    );
    assert.ok(evidence, 'the log is kept all the same');
    assert.deepEqual(files(), []);
  });

  it('is not attached when it was changed where it is kept', async () => {
    const { deps } = process;
    const { put } = deps.state;
    const changed = {
      ...deps.state,
      put: (item: Parameters<typeof put>[0], when: Parameters<typeof put>[1]) =>
        put(item.id === sha256(hosts.bytes) ? { ...item, body: 'Zm9yZ2Vk' } : item, when),
    };
    Object.assign(deps, { state: changed });
    const { reported } = await run(async () => [hosts]);
    assert.deepEqual(files(), []);
    assert.match(
      reported['attached:recycle-pool:1'] ?? '',
      /^not delivered: the file is gone, or it is not the one/,
    );
  });
});
