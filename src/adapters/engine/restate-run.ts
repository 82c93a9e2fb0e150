import * as restate from '@restatedev/restate-sdk';
import { CommandRef, type Outcome, Wake } from './restate-messages.ts';

/** The name and its handlers are append-only: messages to them may be older than the code. */
export const runObjectName = 'Run';

export type RunCalls = {
  /** Drives unless it is before `at`. Answers the time now and when to drive again, in epoch milliseconds. */
  drive(runId: string, at: number | undefined): Promise<{ readonly now: number; readonly next?: number }>;
  /** Never rejects. */
  command(runId: string, ref: CommandRef): Promise<Outcome>;
  /** Runs the handler of a request, or refuses it with an error that the engine takes as "later". */
  accept<T>(request: restate.Request, handler: () => Promise<T>): Promise<T>;
};

/** State: epoch milliseconds of the run's own timer. */
const timer = 'at';
const json = restate.serde.json as restate.Serde<Wake>;
const hour = { hours: 1 };

function wake(ctx: restate.ObjectSharedContext, message: Wake, delay?: number): void {
  ctx.genericSend({
    service: runObjectName,
    method: 'drive',
    key: ctx.key,
    parameter: message,
    inputSerde: json,
    ...(delay === undefined ? {} : { delay }),
  });
}

function parsed<T>(result: { success: true; data: T } | { success: false }): T {
  if (result.success) return result.data;
  throw new restate.TerminalError('the message does not fit its schema', { errorCode: 400 });
}

/**
 * One drive, then the timer for the next. The state holds the only timer that counts: one that was replaced by an
 * earlier one, or was answered already, finds another time there and does nothing.
 */
async function drive(ctx: restate.ObjectContext, message: unknown, calls: RunCalls): Promise<void> {
  const { at, armed } = parsed(Wake.safeParse(message));
  const pending = (await ctx.get<number>(timer)) ?? undefined;
  if (armed && pending !== at) return;
  // The call never rejects (a failed drive answers when to try again), so a poison run cannot block its own key.
  const { now, next } = await ctx.run('drive', () => calls.drive(ctx.key, at));
  if (armed) ctx.clear(timer);
  if (next === undefined) return;
  // A timer whose time has come is spent: its message, if it still arrives, is answered by this very drive.
  if (!armed && pending !== undefined && pending > now && pending <= next) return;
  ctx.set(timer, next);
  wake(ctx, { at: next, armed: true }, Math.max(0, next - Date.now()));
}

/** The virtual object of a run: one drive at a time; a command is not queued behind it and is followed by a drive. */
export function runObject(calls: RunCalls) {
  return restate.object({
    name: runObjectName,
    handlers: {
      drive: (ctx: restate.ObjectContext, message: unknown): Promise<void> =>
        calls.accept(ctx.request(), () => drive(ctx, message, calls)),
      command: restate.handlers.object.shared(
        (ctx: restate.ObjectSharedContext, message: unknown): Promise<Outcome> =>
          calls.accept(ctx.request(), async () => {
            const ref = parsed(CommandRef.safeParse(message));
            // Stored before it is answered: a repeat must not come to another outcome half-way.
            const outcome = await ctx.run('command', () => calls.command(ctx.key, ref));
            wake(ctx, {});
            return outcome;
          }),
      ),
    },
    options: { journalRetention: hour, idempotencyRetention: hour },
  });
}
