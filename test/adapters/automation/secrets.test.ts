import assert from 'node:assert/strict';
import { opsApi } from '../../../src/adapters/automation/ops-api.ts';
import type { Job } from '../../../src/sandbox/ops-api/job-runner.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { opsWorld, quick } from './ops-api-world.ts';

const password = 'pa55 "word"/ä';
const vault: Record<string, string> = { DB_PASSWORD: password, OTHER_KEY: 'other-key-value' };
const resolveSecret = async (reference: string) => vault[reference];

const tellsAll: Job = async ({ password: given }, log) => {
  const text = String(given);
  log(`plain ${text}`);
  log(`json ${JSON.stringify({ text })}`);
  log(`url ${encodeURIComponent(text)}`);
  for (const user of ['', 'a', 'ab']) log(`basic ${Buffer.from(`${user}${text}:x`).toString('base64')}`);
  throw new Error(`cannot log in with ${text}`);
};

describe('A secret parameter', () => {
  it('is resolved right before it is sent', async () => {
    const seen: unknown[] = [];
    const world = await opsWorld(
      { look: async (parameters) => void seen.push(parameters) },
      { resolveSecret },
    );
    const sent = { password: 'secret:DB_PASSWORD', note: 'secret: no reference', n: 3, ok: true };
    const { externalId } = await world.target.launch(launchOf('look', sent));
    await ended(world.target, externalId);
    assert.deepEqual(seen, [{ ...sent, password }]);
    await world.close();
  });

  it('is masked in the detail and the log, in every usual form', async () => {
    const world = await opsWorld({ tell: tellsAll }, { resolveSecret });
    const { externalId } = await world.target.launch(launchOf('tell', { password: 'secret:DB_PASSWORD' }));
    const { detail } = await ended(world.target, externalId);
    const { text } = await world.target.log(externalId);
    assert.equal(detail, 'cannot log in with ***');
    assertHidden(text);
    await world.close();
  });

  it('is masked in the log of a job that another process launched before a restart', async () => {
    const world = await opsWorld({ tell: tellsAll }, { resolveSecret });
    const { externalId } = await world.target.launch(launchOf('tell', { password: 'secret:DB_PASSWORD' }));
    await ended(world.target, externalId);
    const later = opsApi(quick(world.url, { resolveSecret, knownSecrets: ['DB_PASSWORD', 'NOT_SET_HERE'] }));
    assertHidden((await later.log(externalId)).text);
    assert.equal((await later.poll(externalId)).detail, 'cannot log in with ***');
    await world.close();
  });

  it('that is not set stops the launch before anything is sent, and names what to set', async () => {
    const world = await opsWorld({ tell: tellsAll }, { resolveSecret });
    const error = await refused(
      world.target.launch(launchOf('tell', { password: 'secret:NO_SUCH' })),
      'config-invalid',
    );
    assert.match(error.fix, /NO_SUCH/);
    assert.equal(error.maybeApplied, false);
    assert.deepEqual(await world.faults.requests(), {});
    await world.close();
  });

  it('that cannot be read stops the launch before anything is sent and may be tried again', async () => {
    const world = await opsWorld(
      { tell: tellsAll },
      { resolveSecret: () => Promise.reject(new RangeError(`the vault said ${password}`)) },
    );
    const error = await refused(
      world.target.launch(launchOf('tell', { password: 'secret:DB_PASSWORD' })),
      'config-invalid',
    );
    assert.deepEqual([error.maybeApplied, error.retryable], [false, true]);
    assert.doesNotMatch(error.message, /pa55/);
    assert.deepEqual(await world.faults.requests(), {});
    await world.close();
  });

  it('that cannot be read now keeps a log back rather than show it unmasked', async () => {
    const world = await opsWorld({ tell: tellsAll }, { resolveSecret });
    const { externalId } = await world.target.launch(launchOf('tell', { password: 'secret:DB_PASSWORD' }));
    const later = opsApi(
      quick(world.url, {
        resolveSecret: () => Promise.reject(new Error('down')),
        knownSecrets: ['DB_PASSWORD'],
      }),
    );
    await refused(later.log(externalId), 'config-invalid');
    await world.close();
  });
});

function assertHidden(text: string): void {
  assert.match(text, /plain \*\*\*/);
  assert.match(text, /json \{"text":"\*\*\*"\}/);
  assert.match(text, /url \*\*\*/);
  const basics = [...text.matchAll(/basic (\S+)/g)].map((match) => match[1] ?? '');
  assert.equal(basics.length, 3);
  for (const basic of basics) assert.match(basic, /^.{0,4}\*\*\*.{0,8}$/);
}
