import type { Command, Reply } from '../../src/domain/commands.ts';
import type { Handlers } from '../../src/ports.ts';

export const changed: Reply = { ok: true, changed: true };

/** A command whose text can be looked for. */
export const command = (reason = 'not needed any more'): Command => ({
  name: 'withdraw',
  by: { kind: 'person', id: 'b5b5', name: 'Ada', tenant: 't1' },
  origin: { conversation: 'c1', activity: 'a1' },
  reason,
});

export type RecordedHandlers = Handlers & {
  readonly commands: { readonly runId: string; readonly command: Command }[];
  /** The drives of a run, by their start in epoch milliseconds. */
  of(runId: string): readonly { readonly at: number }[];
};

/** Handlers that answer what a test says and write down how they were called. */
export function recordedHandlers(script: Partial<Handlers> = {}): RecordedHandlers {
  const commands: RecordedHandlers['commands'] = [];
  const drives: { readonly runId: string; readonly at: number }[] = [];
  return {
    commands,
    of: (runId) => drives.filter((drive) => drive.runId === runId),
    async command(runId, given) {
      commands.push({ runId, command: given });
      return (await script.command?.(runId, given)) ?? changed;
    },
    async drive(runId) {
      drives.push({ runId, at: Date.now() });
      return await script.drive?.(runId);
    },
    openRuns: script.openRuns ?? (async () => []),
  };
}

/** Waits until something holds; fails after fifteen seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`still waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
