import assert from 'node:assert/strict';
import { type Command, type Reply, refusals } from '../../src/domain/commands.ts';
import { CONTROL } from '../../src/domain/control.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import { fold } from '../../src/domain/run.ts';
import { openSession } from '../../src/flow/session.ts';
import type { Action, Ask } from './actions.ts';
import { happen } from './actions.ts';
import { mayContinue, maySettle } from './after-end.ts';
import { commandOf, RUN } from './command.ts';
import { mayApprove, mayBreak, mayReject, mayStart, openNow } from './model.ts';
import { depsFor, type Logs } from './ports.ts';
import { type Handed, inGroup, isDown, type Outside } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { atFirst, FORGED, type Situation } from './situation.ts';
import { newState } from './state.ts';
import { watch } from './watch.ts';
import type { Act, Watched } from './watched.ts';

const control: readonly string[] = ['stop', 'resume', 'delegate', 'end-delegation'];

/** One sequence through the flow's own sessions, every event of it judged by the model. Answers what was seen. */
export async function play(scenario: Scenario, actions: readonly Action[]): Promise<ReadonlySet<string>> {
  const stage = stageOf(scenario);
  for (const action of actions) {
    if (action.is === 'ask') await stage.ask(action.ask);
    else if (action.is === 'race') await stage.race(action.first, action.second);
    else stage.happens(action);
    stage.settled();
  }
  return stage.seen;
}

function stageOf(scenario: Scenario) {
  let situation: Situation = atFirst;
  let stopped = false;
  let delegations: readonly Handed[] = [];
  const logs: Logs = new Map();
  const watched: Watched = { state: newState(), digests: new Map(), seen: new Set() };
  const { state, seen } = watched;
  const outside = (): Outside => ({ scenario, situation, stopped, delegations });

  function judged(act: Act, stored: readonly LogEntry[]): void {
    for (const entry of stored)
      if (entry.runId === RUN) watch(watched, act, entry);
      else controlled(act, entry);
  }

  /** What concerns every run: only administrators stop and resume, and people hand on their own vote only. */
  function controlled({ says, outside: then }: Act, entry: LogEntry): void {
    const admin = says.by !== undefined && says.tenant === 'tenant-1' && inGroup(then, says.by, 'admins');
    seen.add(entry.type);
    if (entry.type === 'dispatch-stopped') {
      assert.ok(admin && !stopped, 'stopped by somebody who may not');
      stopped = true;
    } else if (entry.type === 'dispatch-resumed') {
      assert.ok(admin && stopped, 'resumed by somebody who may not');
      stopped = false;
    } else if (entry.type === 'vote-delegated') {
      const { from, to, until } = entry.data;
      assert.ok(
        from.id === says.by && to.id !== from.id && scenario.delegation,
        'somebody else handed on a vote',
      );
      assert.ok(
        inGroup(then, to.id, 'deputies') && Date.parse(until) > situation.now,
        'handed on to whom it may not',
      );
      const others = delegations.filter((one) => one.from !== from.id);
      delegations = [...others, { from: from.id, to: to.id, until: Date.parse(until) }];
    } else if (entry.type === 'delegation-ended')
      delegations = delegations.filter(({ from }) => from !== says.by);
    else if (entry.type !== 'command-refused') assert.fail(`${entry.type} in the stream of all runs`);
  }

  /** Asks through a session of its own, opened on the head of now. */
  async function submit(act: Act, beforeAppend?: () => Promise<void>): Promise<Reply> {
    let first = beforeAppend;
    const hook = async () => {
      const run = first;
      first = undefined;
      await run?.();
    };
    const deps = depsFor(scenario, logs, () => situation, {
      watch: (stored) => judged(act, stored),
      ...(beforeAppend === undefined ? {} : { beforeAppend: hook }),
    });
    const session = await openSession(deps, streamOf(act.command));
    const reply = await session.decide(act.command);
    // it had nothing to store: then whoever raced with it comes after it
    await hook();
    seen.add(reply.ok ? 'ok' : reply.refusal.code);
    answered(reply);
    return reply;
  }

  const possible = (ask: Ask): boolean => !(control.includes(ask.ask) && isDown(outside(), 'control'));
  const actOf = (ask: Ask): Act => {
    const command = commandOf(ask, state, situation, scenario);
    return { command, says: saysOf(command, isDown(outside(), 'cards')), outside: outside() };
  };

  return {
    seen,
    happens(action: Exclude<Action, { is: 'ask' | 'race' }>): void {
      situation = happen(situation, action);
    },
    /** The model says beforehand whether it counts; then it is delivered a second time. */
    async ask(ask: Ask): Promise<void> {
      if (!possible(ask)) return;
      const act = actOf(ask);
      const expected = expectedOf(act, watched);
      const before = (logs.get(RUN) ?? []).length;
      const reply = await submit(act);
      const types = (logs.get(RUN) ?? []).slice(before).map(({ type }) => type);
      if (expected !== undefined)
        assert.ok(
          types.includes(expected),
          `no ${expected} after ${act.command.name}: ${JSON.stringify(reply)}`,
        );
      if (act.command.by.kind === 'person') await again(act);
    },
    async race(first: Ask, second: Ask): Promise<void> {
      if (!possible(first) || !possible(second)) return;
      const late = actOf(second);
      await submit(late, async () => void (await submit(actOf(first))));
    },
    /** Whatever happened: the log alone gives the state, and at most one remediation was ever claimed. */
    settled(): void {
      const entries = logs.get(RUN) ?? [];
      const run = fold(RUN, entries);
      assert.equal(run.closed?.outcome, state.outcome);
      const claims = entries.filter((one) => one.type === 'step-started' && one.data.phase === 'remediation');
      assert.ok(claims.length <= 1, 'two remediations');
      const open = openNow(state, outside());
      const votes = (run.rollback ?? run.approval)?.votes.length ?? 0;
      if (open) assert.equal(votes, open.votes.length, 'votes that were not kept, or kept too long');
    },
  };

  async function again(act: Act): Promise<void> {
    const count = () => [...logs.values()].flat().length;
    const before = count();
    const reply = await submit(act);
    assert.equal(count(), before, `${act.command.name} a second time changed something`);
    if (reply.ok) assert.equal(reply.changed, false);
  }
}

/** What the model expects to be stored, when this is certain. */
function expectedOf({ command, says, outside }: Act, { state }: Watched): LogEntry['type'] | undefined {
  if (command.name === 'approve' && mayApprove(state, outside, says)) return 'vote-cast';
  if (command.name === 'reject' && command.reason.trim() !== '' && mayReject(state, outside, says))
    return 'vote-cast';
  if (command.name === 'settle' && maySettle(state, outside, says)) return 'outcome-settled';
  if (command.name === 'continue' && mayContinue(state, outside, says)) return 'run-continued';
  if (command.name === 'break-glass' && command.reason.trim() !== '' && mayBreak(state, outside, says))
    return 'glass-broken';
  return command.name === 'dispatch' && mayStart(state, outside) ? 'step-started' : undefined;
}

/** A refusal says what happened and what to do now. */
function answered(reply: Reply): void {
  if (reply.ok) return;
  const { code, message, nextAction } = reply.refusal;
  assert.ok(code in refusals && message.trim() !== '' && nextAction.trim() !== '', `refused badly: ${code}`);
}

const streamOf = ({ name }: Command): string => (control.includes(name) ? CONTROL : RUN);

/** A card that cannot be looked up is as good as forged. */
const saysOf = (command: Command, unread: boolean): Act['says'] => ({
  by: command.by.kind === 'person' ? command.by.id : undefined,
  tenant: command.by.kind === 'person' ? command.by.tenant : 'tenant-1',
  revision: 'revision' in command ? command.revision : undefined,
  forged: 'card' in command && command.card !== undefined && (unread || command.card === FORGED),
});
