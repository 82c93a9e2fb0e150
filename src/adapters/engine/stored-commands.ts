import { Command } from '../../domain/commands.ts';
import { AppError } from '../../domain/errors.ts';
import type { Clock, Ids, StateStore } from '../../ports.ts';
import { pause } from './pauses.ts';

export type StoredCommands = {
  /** Stores a command and answers its id. */
  keep(runId: string, command: Command): Promise<string>;
  /** Throws AppError `engine-unavailable` when the command is gone or cannot be read. */
  read(runId: string, id: string): Promise<Command>;
};

const dayInSeconds = 86_400;
/** Another replica may not see a fresh item at once (session consistency), so a look that finds nothing is repeated. */
const looksAfterMs = [0, 50, 150, 400, 900];
const partition = (runId: string): string => `command:${runId}`;

const unreadable = (id: string, why: string): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `The stored command ${id} ${why}.`,
    fix: 'Send the command again.',
    retryable: true,
  });

/** Commands wait in our own store, so that the engine is given nothing but their ids. */
export function storedCommands(deps: {
  readonly state: StateStore;
  readonly ids: Ids;
  readonly clock: Clock;
}): StoredCommands {
  const { state, ids, clock } = deps;

  async function find(runId: string, id: string) {
    for (const ms of looksAfterMs) {
      if (ms > 0) await pause(ms);
      const stored = await state.get(partition(runId), id);
      if (stored !== undefined) return stored.item.body;
    }
    throw unreadable(id, 'is gone');
  }

  return {
    async keep(runId, command) {
      const id = ids.ulid();
      const k = `${clock.now().toISOString()}|${id}`;
      const item = { pk: partition(runId), id, kind: 'command', k, ttl: dayInSeconds, body: command };
      const written = await state.put(item, 'new');
      if (!written.ok) throw unreadable(id, 'could not be stored');
      return id;
    },
    async read(runId, id) {
      const command = Command.safeParse(await find(runId, id));
      if (!command.success) throw unreadable(id, 'does not fit its schema');
      return command.data;
    },
  };
}
