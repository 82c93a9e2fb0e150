import assert from 'node:assert/strict';
import {
  has,
  mandate,
  mayApprove,
  mayBreak,
  mayDecideAlone,
  mayReject,
  openNow,
  placesOf,
  planNow,
} from './model.ts';
import type { Asked, State } from './state.ts';
import { type Act, check, ids, type Of, type Watched } from './watched.ts';

/** The same plan has the same digest and another one has another, across everything this run has seen. */
function digested({ digests }: Watched, plan: string | undefined, digest: string): void {
  check(plan !== undefined, 'asked for a plan with a value missing');
  const known = digests.get(ids(plan));
  check(known === undefined || known === digest, 'one plan with two digests');
  check(known !== undefined || ![...digests.values()].includes(digest), 'two plans with one digest');
  digests.set(ids(plan), digest);
}

export function asked(
  watched: Watched,
  { command, outside }: Act,
  { data, at }: Of<'approval-requested'>,
): void {
  const { state } = watched;
  const { scenario } = outside;
  const undo = data.phase === 'rollback';
  const before = undo ? state.rollback : state.asked;
  check(
    data.revision === Math.max(state.asked?.revision ?? 0, state.rollback?.revision ?? 0) + 1,
    'revision',
  );
  check(undo || before === undefined || data.changes.length > 0, 'asked again without saying why');
  check(!undo || (scenario.rollbackApproval && before === undefined), 'a rollback asked for again');
  const plan = undo ? state.asked?.plan : planNow(state, outside);
  digested(watched, plan, data.digest);
  check((data.escalateTo !== undefined) === scenario.escalate, 'whether anybody is asked next');
  const places = undo ? [{ group: 'service-owners' as const, number: 1 }] : placesOf(state, outside);
  const wanted = places.map(({ group, number }) => ({ group, needed: number }));
  const stored = (data.requirements ?? []).map((one) => ({ group: one.group, needed: one.needed }));
  assert.deepEqual(stored, wanted, `who has to agree, after ${command.name}`);
  const now: Asked = {
    revision: data.revision,
    phase: undo ? 'rollback' : 'run',
    plan: ids(plan),
    places,
    authors: !undo && scenario.notAuthor ? ['nadia'] : [],
    expires: Date.parse(data.expiresAt),
    opens: data.notBefore === undefined ? undefined : Date.parse(data.notBefore),
    rule: false,
    escalated: false,
    votes: [],
    decided: data.notBefore === undefined ? 0 : Date.parse(data.notBefore),
  };
  check(now.expires > Date.parse(at), 'asked with no time to answer');
  if (undo) state.rollback = now;
  else state.asked = now;
}

export function ruled(watched: Watched, { outside }: Act, { data, at }: Of<'auto-approved'>): void {
  const { state } = watched;
  check(mayDecideAlone(state, outside), 'a rule decided where it may not');
  const plan = planNow(state, outside);
  digested(watched, plan, data.digest);
  const { revision, until } = data;
  state.asked = {
    revision,
    phase: 'run',
    plan: ids(plan),
    places: [],
    authors: [],
    expires: Date.parse(until),
    opens: undefined,
    rule: true,
    escalated: false,
    votes: [],
    decided: Date.parse(at),
  };
}

export function voted(
  state: State,
  { command, says, outside }: Act,
  { data, actor, at }: Of<'vote-cast'>,
): void {
  check(actor.kind === 'person', 'a vote of a machine');
  check(
    command.name === data.verb && actor.kind === 'person' && actor.id === says.by,
    'a vote of somebody else',
  );
  const may = data.verb === 'approve' ? mayApprove : mayReject;
  check(may(state, outside, says), `a vote that does not count: ${data.verb} by ${says.by}`);
  const open = openNow(state, outside);
  if (open === undefined) return;
  check(open.revision === data.revision && !has(open, ids(says.by), data.verb), 'one person counted twice');
  const as = mandate(state, outside, open, ids(says.by));
  assert.deepEqual([data.groups, data.standsInFor?.id], [as?.groups, as?.instead], 'in whose name');
  open.votes.push({
    by: ids(says.by),
    verb: data.verb,
    groups: as?.groups ?? [],
    ...(as?.instead === undefined ? {} : { instead: as.instead }),
  });
  open.decided = Math.max(open.decided, Date.parse(at));
}

export function broken(state: State, { says, outside }: Act, { data, at }: Of<'glass-broken'>): void {
  const may = mayBreak(state, outside, says);
  check(may !== undefined && data.reason !== '', `the glass broken by ${says.by}, who may not`);
  assert.deepEqual(data.overridden, may);
  const open = openNow(state, outside);
  if (open === undefined) return;
  open.glass = { by: ids(says.by), broken: data.overridden };
  state.breakers.push(ids(says.by));
  state.reviewed = false;
  open.decided = Math.max(open.decided, Date.parse(at));
}
