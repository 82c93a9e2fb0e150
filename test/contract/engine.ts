import assert from 'node:assert/strict';
import type { OnError } from '../../src/adapters/engine/steady-drive.ts';
import type { Reply } from '../../src/domain/commands.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Engine, Handlers } from '../../src/ports.ts';
import { changed, command, recordedHandlers, until } from '../fakes/engine-handlers.ts';

export type EngineSettings = {
  readonly reconcileEveryMs: number;
  readonly onError: OnError;
  readonly own?: () => Promise<void>;
};

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const refused: Reply = {
  ok: false,
  refusal: { code: 'already-ended', message: 'It has ended.', nextAction: 'Nothing.', fields: [] },
};
let runs = 0;
const newRun = (): string => `run-${process.pid}-${++runs}`;

/** What every engine does. `make` gives a fresh engine on the same world. */
export function engineContract(name: string, make: (settings: EngineSettings) => Engine): void {
  describe(`${name} as an engine`, () => {
    let engine: Engine;
    let errors: unknown[];
    let runId: string;

    async function started(script: Partial<Handlers> = {}, settings: Partial<EngineSettings> = {}) {
      engine = make({ reconcileEveryMs: 300_000, onError: (error) => errors.push(error), ...settings });
      const handlers = recordedHandlers(script);
      await engine.start(handlers);
      return handlers;
    }

    beforeEach(() => {
      errors = [];
      runId = newRun();
    });
    afterEach(() => engine.stop());

    it('hands the command to the run and answers with its reply', async () => {
      const handlers = await started();
      assert.deepEqual(await engine.submit(runId, command('too late')), changed);
      assert.deepEqual(handlers.commands, [{ runId, command: command('too late') }]);
    });

    it('answers with a refusal as it is', async () => {
      await started({ command: async () => refused });
      assert.deepEqual(await engine.submit(runId, command()), refused);
    });

    it('passes on the code of an error and whether a repeat may help', async () => {
      const error = new AppError({ code: 'store-unavailable', message: 'm', fix: 'f', retryable: true });
      await started({ command: () => Promise.reject(error) });
      const thrown = await engine.submit(runId, command()).catch((reason: unknown) => reason);
      assert.ok(thrown instanceof AppError);
      assert.deepEqual([thrown.code, thrown.retryable], ['store-unavailable', true]);
    });

    it('drives the run after a command, also when the command was refused or failed', async () => {
      const handlers = await started({
        command: async (id) => {
          if (id.endsWith('failed')) throw new Error('no');
          return refused;
        },
      });
      await engine.submit(runId, command());
      await assert.rejects(engine.submit(`${runId}-failed`, command()));
      await until(
        'both are driven',
        () => handlers.of(runId).length > 0 && handlers.of(`${runId}-failed`).length > 0,
      );
    });

    it('drives a run once at a time, and again after a wake that came during its drive', async () => {
      const release = Promise.withResolvers<void>();
      let active = 0;
      let most = 0;
      const handlers = await started({
        async drive() {
          most = Math.max(most, ++active);
          await release.promise;
          active -= 1;
          return undefined;
        },
      });
      await engine.wake(runId);
      await until('the drive has begun', () => handlers.of(runId).length === 1);
      await Promise.all([engine.wake(runId), engine.wake(runId), engine.submit(runId, command())]);
      assert.equal(handlers.of(runId).length, 1);
      release.resolve();
      await until('it is driven again', () => handlers.of(runId).length > 1);
      assert.equal(most, 1);
    });

    it('drives different runs at the same time', async () => {
      const both = Promise.withResolvers<void>();
      let active = 0;
      await started({
        async drive() {
          if (++active === 2) both.resolve();
          await both.promise;
          return undefined;
        },
      });
      await Promise.all([engine.wake(runId), engine.wake(`${runId}-b`)]);
      await both.promise;
    });

    it('decides on a command while the same run is being driven', async () => {
      const decided = Promise.withResolvers<void>();
      const handlers = await started({
        drive: async () => void (await decided.promise),
      });
      await engine.wake(runId);
      await until('the drive has begun', () => handlers.of(runId).length === 1);
      await engine.submit(runId, command());
      decided.resolve();
    });

    it('wakes a run at its time and not before', async () => {
      const handlers = await started();
      const at = Date.now() + 400;
      await engine.wake(runId, new Date(at));
      await until('it is driven', () => handlers.of(runId).length > 0);
      assert.ok(handlers.of(runId).every((drive) => drive.at >= at));
    });

    it('keeps the earlier of two wakes, whichever was asked for first', async () => {
      const handlers = await started();
      const other = `${runId}-b`;
      const [soon, late] = [new Date(Date.now() + 300), new Date(Date.now() + 3_600_000)];
      await engine.wake(runId, late);
      await engine.wake(runId, soon);
      await engine.wake(other, soon);
      await engine.wake(other, late);
      await until('both are driven', () => handlers.of(runId).length > 0 && handlers.of(other).length > 0);
      assert.ok([...handlers.of(runId), ...handlers.of(other)].every(({ at }) => at >= soon.getTime()));
    });

    it('drives a run again at the time its drive asked for, and not before', async () => {
      let next = 0;
      const handlers = await started({
        async drive() {
          if (next > 0) return undefined;
          next = Date.now() + 300;
          return new Date(next);
        },
      });
      await engine.wake(runId);
      await until('it is driven again', () => handlers.of(runId).length > 1);
      assert.ok((handlers.of(runId)[1]?.at ?? 0) >= next);
    });

    it('goes on at once as long as a drive asks for it', async () => {
      let left = 10;
      const handlers = await started({ drive: async () => (--left > 0 ? new Date(0) : undefined) });
      await engine.wake(runId);
      await until('it is driven ten times', () => handlers.of(runId).length >= 10);
    });

    it('reports a drive that throws and calls it again', async () => {
      const handlers = await started({
        async drive() {
          if (handlers.of(runId).length === 1) throw new Error('the target is down');
          return undefined;
        },
      });
      await engine.wake(runId);
      await until('it is driven again', () => handlers.of(runId).length > 1);
      assert.match(String(errors[0]), /the target is down/);
    });

    it('serves the commands of a run whose drive always throws', async () => {
      await started({ drive: () => Promise.reject(new Error('poison')) });
      await engine.wake(runId);
      await until('it has thrown', () => errors.length > 0);
      assert.deepEqual(await engine.submit(runId, command()), changed);
    });

    it('brings 128 runs to their end, each by several drives', async () => {
      const steps = new Map<string, number>();
      await started({
        async drive(id) {
          const done = (steps.get(id) ?? 0) + 1;
          steps.set(id, done);
          return done < 4 ? new Date() : undefined;
        },
      });
      const ids = Array.from({ length: 128 }, (_, n) => `${runId}-${n}`);
      const replies = await Promise.all(ids.map((id) => engine.submit(id, command())));
      assert.ok(replies.every((reply) => reply.ok));
      await until('all have ended', () => ids.every((id) => (steps.get(id) ?? 0) >= 4));
    });

    it('drives the open runs at its start, and again every so often', async () => {
      const handlers = await started({ openRuns: async () => [runId] }, { reconcileEveryMs: 200 });
      await until('it is driven three times', () => handlers.of(runId).length > 2);
    });

    it('reports a look for open runs that failed and looks again', async () => {
      let looks = 0;
      const handlers = await started({
        async openRuns() {
          if (++looks === 1) throw new Error('the store is down');
          return [runId];
        },
      });
      await until('it is driven', () => handlers.of(runId).length > 0);
      assert.match(String(errors[0]), /the store is down/);
    });

    it('waits for the drive in progress when it stops', async () => {
      const release = Promise.withResolvers<void>();
      let ended = false;
      const handlers = await started({
        async drive() {
          await release.promise;
          ended = true;
          return undefined;
        },
      });
      await engine.wake(runId);
      await until('the drive has begun', () => handlers.of(runId).length === 1);
      const stopped = engine.stop().then(() => ended);
      setImmediate(release.resolve);
      assert.equal(await stopped, true);
    });

    it('refuses commands and ignores wakes when it is stopped', async () => {
      const handlers = await started();
      await engine.stop();
      await assert.rejects(engine.submit(runId, command()), isCode('engine-unavailable'));
      await engine.wake(runId);
      assert.deepEqual([handlers.commands, handlers.of(runId)], [[], []]);
    });

    it('does not start on a store that another process owns', async () => {
      const inUse = new AppError({ code: 'store-in-use', message: 'm', fix: 'f' });
      const start = started({ openRuns: async () => [runId] }, { own: () => Promise.reject(inUse) });
      await assert.rejects(start, isCode('store-in-use'));
    });
  });
}
