import type { Command } from '../../src/domain/commands.ts';
import { system } from '../../src/domain/people.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import type { RunView } from '../../src/domain/view.ts';
import * as f from '../fakes/domain.ts';

const servers = Array.from({ length: 10 }, (_, n) => `orders-web-${String(n + 1).padStart(2, '0')}`);
const undo = {
  id: 'restore',
  title: 'Put the last good configuration back',
  target: 'awx',
  job: 'restore-config',
  with: { 'launch.limit': '{servers}' },
  rolling: { over: 'servers', maxUnavailable: '25%', stopAfterFailures: 2 },
};
const farm = f.rolling(
  {},
  { maxUnavailable: '25%', stopAfterFailures: 2 },
  { title: 'Recycle a web farm, some servers at a time', rollback: { steps: [undo] } },
);
const policy = f.policy({ blastRadius: { targets: 12, atOnce: '25%' } });
const ci = f.ci({ name: 'orders-farm', class: 'cmdb_ci_cluster', fields: { u_servers: servers.join(',') } });
const world = f.world({ ci: { ok: true, value: ci } });

/** A batch ends: the named hosts have failed, the others of it are done. */
const batch = (n: number, ...failed: readonly string[]): Command =>
  f.command('step-result', system('target'), {
    step: `restart-${n}`,
    result: failed.length > 0 ? 'failed' : 'succeeded',
    detail: failed.length > 0 ? `failed on: ${failed.join(', ')}` : '2 hosts done, 2 changed',
    hosts: servers
      .slice(2 * n - 2, 2 * n)
      .map((host) =>
        failed.includes(host)
          ? { host, result: 'failed', detail: 'unreachable' }
          : { host, result: 'succeeded' },
      ),
  });

function shown(...commands: readonly Command[]): RunView {
  const view = viewOf(f.after([f.anyOf.propose, ...commands], { runbook: farm, policy, world }));
  if (view === undefined) throw new Error('there is no run');
  return view;
}

const started = [f.anyOf.approve, f.anyOf.dispatch];
const half = [...started, batch(1), batch(2, 'orders-web-03')];

/** A run over a pool of ten, two at a time: asked for, half-way past one that failed, through, and stopped. */
export const pooled = {
  'approval-pool': shown(),
  'progress-pool': shown(...half),
  'outcome-pool': shown(...half, batch(3), batch(4), batch(5), f.result('answers', 'succeeded')),
  'outcome-pool-stopped': shown(
    ...half,
    batch(3, 'orders-web-06'),
    ...['restore-1', 'restore-2', 'restore-3'].map((id) => f.result(id, 'succeeded')),
  ),
} as const satisfies Record<string, RunView>;
