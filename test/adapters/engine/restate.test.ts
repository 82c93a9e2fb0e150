import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { restateEngine } from '../../../src/adapters/engine/restate.ts';
import { engineContract } from '../../contract/engine.ts';
import { fileState } from '../../fakes/engine-state.ts';

const clock = { now: () => new Date() };
const ids = { ulid, uuid: () => crypto.randomUUID() };

describe('a real Restate server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hr-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  engineContract('the Restate engine', (settings) =>
    restateEngine({
      clock,
      ids,
      state: fileState(join(dir, 'state')),
      server: { kind: 'embedded', dir: join(dir, 'r') },
      ...settings,
    }),
  );
});
