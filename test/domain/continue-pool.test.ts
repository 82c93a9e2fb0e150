import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const NEXT = `${f.RUN.slice(0, -1)}N`;
const rolling = { over: 'servers', maxUnavailable: 2 };
const over = (id: string, job: string) => ({
  ...{ id, title: id, target: 'ops', job, with: { servers: '{servers}' } },
  rolling,
});
const facts = {
  runbook: f.runbook({
    parameters: { servers: { type: 'list', title: 'Servers', from: ['ci.u_servers'] } },
    steps: {
      diagnostics: [],
      remediation: [over('restart', 'restart')],
      verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/' } }],
    },
    rollback: { steps: [over('restore', 'restore')] },
  }),
  world: f.world({
    ci: { ok: true, value: f.ci({ fields: { u_servers: 'web1 web2 web3 web4 web5 web6' } }) },
  }),
};
const play = (run: Run, ...commands: Command[]): Run =>
  commands.reduce((one, command) => f.play(one, command, facts).run, run);
const stepsOf = ({ approval }: Run): string[] => (approval?.plan.steps ?? []).map(({ id }) => id);

/** The run that does what was left of this one, approved and begun. */
function nextOf(first: Run): Run {
  const before = play(first, f.command('continue', f.olivia, { next: NEXT }));
  const propose = f.command('propose', f.olivia, {
    ...{ incident: 'a'.repeat(32), runbook: 'recycle', reason: 'continues', resumes: f.RUN },
  });
  const { run } = f.play(newRun(NEXT), propose, { ...facts, resumed: { ok: true, value: before } });
  return play(run, f.anyOf.approve, f.anyOf.dispatch);
}

const begun = play(newRun(f.RUN), f.anyOf.propose, f.anyOf.approve, f.anyOf.dispatch);
const settle = (word: 'ran' | 'did-not-run') => f.command('settle', f.mia, { word, reason: 'looked' });

describe('what is left of a run over a pool', () => {
  it('is every batch that was not done', () => {
    assert.deepEqual(stepsOf(begun), [
      ...['restart-1', 'restart-2', 'restart-3', 'answers', 'restore-1', 'restore-2', 'restore-3'],
    ]);
    const lost = play(begun, f.result('restart-1', 'succeeded'), f.result('restart-2', 'unknown'));
    assert.equal(lost.closed?.outcome, 'outcome unknown');
    const again = nextOf(play(lost, settle('did-not-run')));
    assert.deepEqual(stepsOf(again).slice(0, 3), ['restart-2', 'restart-3', 'answers']);
    const after = nextOf(play(lost, settle('ran')));
    assert.deepEqual(stepsOf(after).slice(0, 2), ['restart-3', 'answers']);
  });

  /** Everything that is undone when the rest goes wrong. */
  const undone = (run: Run): string[] => {
    const done = play(run, ...['restore-1', 'restore-2', 'restore-3'].map((id) => f.result(id, 'succeeded')));
    assert.equal(done.closed?.outcome, 'rolled back');
    return done.steps.filter(({ phase }) => phase === 'rollback').map(({ id }) => id);
  };

  it('is undone with the hosts that the first run changed, and without those that nobody did', () => {
    const lost = play(begun, f.result('restart-1', 'succeeded'), f.result('restart-2', 'unknown'));
    const ran = nextOf(play(lost, settle('ran')));
    assert.deepEqual(undone(play(ran, f.result('restart-3', 'failed'))), [
      'restore-1',
      'restore-2',
      'restore-3',
    ]);
    const not = nextOf(play(lost, settle('did-not-run')));
    assert.deepEqual(undone(play(not, f.result('restart-2', 'failed'))), ['restore-1', 'restore-2']);
    const none = nextOf(play(begun, f.result('restart-1', 'not-started')));
    assert.deepEqual(undone(play(none, f.result('restart-1', 'failed'))), ['restore-1']);
  });

  it('is undone with all of them when only the verification was left', () => {
    const all = ['restart-1', 'restart-2'].map((id) => f.result(id, 'succeeded'));
    const lost = play(begun, ...all, f.result('restart-3', 'unknown'), settle('ran'));
    const rest = nextOf(lost);
    assert.deepEqual(stepsOf(rest).slice(0, 1), ['answers']);
    assert.deepEqual(undone(play(rest, f.result('answers', 'failed'))), [
      'restore-1',
      'restore-2',
      'restore-3',
    ]);
  });
});
