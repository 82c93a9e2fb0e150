import { join } from 'node:path';
import { ulid } from 'ulid';
import { localEngine } from '../../src/adapters/engine/local.ts';
import { restateEngine } from '../../src/adapters/engine/restate.ts';
import type { Engine } from '../../src/ports.ts';
import { command } from './engine-handlers.ts';
import { fileLog } from './engine-log.ts';
import { fileState } from './engine-state.ts';

/** A process of its own around an engine, to be killed: `node engine-host.ts <local|restate> <dir> [run to submit]`. */
const [kind, dir, runId] = process.argv.slice(2) as [string, string, string | undefined];
const clock = { now: () => new Date() };
const ids = { ulid, uuid: () => crypto.randomUUID() };
const shared = {
  clock,
  reconcileEveryMs: 60_000,
  onError: (error: unknown) => console.error(error),
};

function engine(): Engine {
  if (kind === 'local') return localEngine(shared);
  const server = { kind: 'embedded', dir: join(dir, 'r') } as const;
  return restateEngine({ ...shared, server, ids, state: fileState(join(dir, 'state')) });
}

const hosted = engine();
await hosted.start(fileLog(join(dir, 'log')));
if (runId !== undefined) await hosted.submit(runId, command());
process.send?.('ready');
process.once('message', () => {
  void hosted.stop().then(() => process.exit(0));
});
