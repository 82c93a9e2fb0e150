/**
 * Loaded into the process under test before its own code (`node --import`). It watches what goes into the store and, when
 * the point it was ordered to is reached, kills: itself, the engine's server, or both. SIGKILL to oneself ends the process
 * before the call returns, so nothing else happens after the point.
 */
import { flushCompileCache } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Message, Order, Side } from './points.ts';
import { trigger } from './points.ts';
import { killServer } from './server.ts';

const send = (message: Message): void => void process.send?.(message);
let reached: ReturnType<typeof trigger> = () => false;
let kill: readonly number[] = [];
let storing: string[] = [];

process.on('message', (order: Order) => {
  reached = trigger(order.point);
  kill = order.kill;
  // a killed process never writes its compile cache by itself
  flushCompileCache();
  send({ armed: true });
});
process.channel?.unref();
// when the test itself is killed, nothing of it stays behind
process.once('disconnect', () => {
  killServer(process.env['HANDRAIL_DATA'] ?? '');
  process.kill(process.pid, 'SIGKILL');
});

function at(side: Side): void {
  // every item is counted, also when an earlier one of the same transaction is the point
  if (storing.filter((label) => reached(label, side)).length === 0) return;
  for (const pid of kill) process.kill(pid, 'SIGKILL');
  send({ fired: true });
}

/** Events by their type, other items by their kind; what is removed by its partition. */
function labelOf(sql: string, values: readonly unknown[]): string | undefined {
  if (/^INSERT INTO (audit|state)\(pk, id, k, kind\b/.test(sql)) return `store ${values[3]}`;
  if (/^DELETE FROM state WHERE pk = \?/.test(sql)) return `remove ${String(values[0]).split(':')[0]}`;
  return undefined;
}

const run = StatementSync.prototype.run;
StatementSync.prototype.run = function (this: StatementSync, ...values: unknown[]) {
  const label = labelOf(this.sourceSQL, values);
  if (label !== undefined) storing.push(label);
  return Reflect.apply(run, this, values);
};

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  const commits = sql === 'COMMIT';
  if (sql.startsWith('BEGIN')) storing = [];
  if (commits) at('before');
  exec.call(this, sql);
  if (!commits) return;
  at('after');
  if (storing.length > 0) send({ stored: storing });
  storing = [];
};
