import assert from 'node:assert/strict';
import type { EventData, LogEntry } from '../../src/domain/events.ts';
import { mayContinue, maySettle } from './after-end.ts';
import { approved, askerOf, itemNow, mayChange, mayGoOn, mayNarrow, mayStart, openNow } from './model.ts';
import { inGroup, isDown, type Outside } from './rules.ts';
import type { State, Value } from './state.ts';
import { asked, broken, ruled, voted } from './watch-approval.ts';
import { type Act, check, ids, type Of, type Watched } from './watched.ts';

/** Judges one stored event by the model, then takes it over. An event the model would not have allowed is a finding. */
export function watch(watched: Watched, act: Act, entry: LogEntry): void {
  const { state, seen } = watched;
  const { command, says, outside } = act;
  if (state.outcome !== undefined) {
    const allowed = [
      ...['reported', 'card-posted', 'run-reviewed', 'review-overdue', 'command-refused'],
      ...['outcome-settled', 'run-continued'],
    ];
    check(allowed.includes(entry.type), `${entry.type} after the end`);
  }
  seen.add(entry.type);
  switch (entry.type) {
    case 'run-proposed':
      proposed(state, act, entry);
      return;
    case 'parameters-confirmed':
      check(says.by !== undefined && inGroup(outside, says.by, 'web-operations'), 'confirmed by a stranger');
      check(state.steps.length === 0 && !approved(state.asked, state, outside), 'confirmed too late');
      if (says.by !== undefined) state.confirmers.push(says.by);
      valued(state, entry.data);
      return;
    case 'parameters-narrowed':
      check(mayNarrow(state, outside, says), 'narrowed by somebody who may not');
      check(!isLarger(state.drain, entry.data), 'made larger');
      valued(state, entry.data);
      return;
    case 'parameters-resolved':
      valued(state, entry.data);
      return;
    case 'approval-requested':
      asked(watched, act, entry);
      return;
    case 'auto-approved':
      ruled(watched, act, entry);
      return;
    case 'vote-cast':
      voted(state, act, entry);
      return;
    case 'glass-broken':
      broken(state, act, entry);
      return;
    case 'approval-escalated': {
      const open = openNow(state, outside);
      check(open?.revision === entry.data.revision && outside.scenario.escalate, 'escalated for nothing');
      if (open) open.escalated = true;
      return;
    }
    case 'step-started':
      started(watched, act, entry);
      return;
    case 'step-finished': {
      const step = state.steps.find((one) => one.step === entry.data.step);
      if (step) step.result = entry.data.result;
      return;
    }
    case 'cancel-requested':
      state.cancelled = true;
      return;
    case 'run-closed':
      closed(watched, act, entry);
      return;
    case 'run-reviewed': {
      const { breakers } = state;
      const mayReview =
        says.by !== undefined && breakers.length > 0 && !breakers.includes(says.by) && !state.reviewed;
      check(mayReview && inGroup(outside, ids(says.by), 'reviewers'), 'reviewed by somebody who may not');
      state.reviewed = true;
      return;
    }
    case 'outcome-settled':
      check(maySettle(state, outside, says), `${says.by} said what happened, and may not`);
      state.word = entry.data.word;
      return;
    case 'run-continued':
      check(mayContinue(state, outside, says), `${says.by} continued what may not be continued`);
      state.continued = true;
      return;
    case 'guardrails-evaluated':
    case 'incident-changed':
    case 'approval-reminded':
    case 'review-overdue':
    case 'dispatch-postponed':
    case 'dispatch-waiting':
    case 'command-refused':
    case 'step-launched':
    case 'card-posted':
    case 'reported':
      return;
    case 'owner-asked':
    case 'ownership-answered':
    case 'dispatch-stopped':
    case 'dispatch-resumed':
    case 'vote-delegated':
    case 'delegation-ended':
      // the runbook of the model asks no owner, and the others are in the log of what concerns every run
      assert.fail(`${entry.type} in the log of this run (${command.name})`);
  }
}

function proposed(state: State, { says, outside }: Act, { data }: Of<'run-proposed'>): void {
  check(state.proposed === undefined, 'proposed twice');
  state.asker = says.by;
  state.proposed = itemNow(state, outside);
  state.about = outside.situation.names;
  valued(state, data);
}

function valued(state: State, { parameters }: Pick<EventData<'run-proposed'>, 'parameters'>): void {
  for (const { name, value, source, confirm } of parameters) {
    const known: Value = {
      value: String(value),
      chosen: ['person', 'approver'].includes(source),
      open: confirm,
    };
    if (name === 'pool') state.pool = known;
    if (name === 'drain') state.drain = known;
  }
}

const isLarger = (before: Value, { parameters }: Pick<EventData<'run-proposed'>, 'parameters'>): boolean =>
  Number(parameters.find(({ name }) => name === 'drain')?.value) > Number(before.value);

function started(watched: Watched, { command, outside }: Act, { data }: Of<'step-started'>): void {
  const { state, seen } = watched;
  check(!state.steps.some(({ step }) => step === data.step), `${data.step} claimed twice`);
  if (state.steps.length === 0)
    check(command.name === 'dispatch' && mayStart(state, outside), 'started although it may not');
  else check(mayGoOn(state, outside, data.phase), `${data.phase} went on although it may not`);
  // nobody finished a step with this command: the change was held back, and hours may have passed
  if (data.phase === 'remediation' && command.name === 'advance')
    check(mayChange(state, outside), 'changed something later although it may not');
  state.steps.push({ step: data.step, phase: data.phase });
  seen.add(`${data.phase} started`);
}

function closed({ state, seen }: Watched, { command, says, outside }: Act, { data }: Of<'run-closed'>): void {
  const causes: Readonly<Record<string, boolean>> = {
    rejected: state.asked?.votes.some(({ verb }) => verb === 'reject') === true,
    expired: state.steps.length === 0 && !approved(state.asked, state, outside),
    withdrawn: command.name === 'withdraw' && state.steps.length === 0,
    cancelled: state.cancelled,
    denied: state.steps.every(({ phase }) => phase === 'diagnostics') && !mayChange(state, outside),
    succeeded: state.steps.length > 0 && state.steps.every(({ result }) => result === 'succeeded'),
  };
  check(causes[data.outcome] ?? state.steps.length > 0, `${data.outcome} without a cause`);
  // what people have been asked is not thrown away because somebody wanted other values at a bad moment
  if (data.outcome === 'denied' && (command.name === 'narrow' || command.name === 'confirm-parameters'))
    check(state.asked === undefined, 'ended by other values');
  check(data.nextAction !== '' && data.reason !== '', 'an end without a reason or a next action');
  if (data.outcome === 'withdrawn')
    check(isInvolved(state, outside, ids(says.by)), 'withdrawn by a stranger');
  state.outcome = data.outcome;
  seen.add(data.outcome);
}

/** May stop a run: whoever asked for it, may ask for it or may approve it, or has approved it. */
function isInvolved(state: State, outside: Outside, who: string): boolean {
  const { asked } = state;
  if (who === askerOf(state) || asked?.votes.some(({ by }) => by === who)) return true;
  if (asked?.glass?.by === who) return true;
  if (isDown(outside, 'groups')) return false;
  const groups = [
    'web-operations' as const,
    ...(asked?.places.map(({ group }) => group) ?? []),
    ...(asked?.escalated ? ['managers' as const] : []),
  ];
  return groups.some((group) => inGroup(outside, who, group));
}
