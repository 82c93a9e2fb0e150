import type { Command, CommandName } from '../domain/commands.ts';
import { due } from '../domain/due.ts';
import { matchRunbooks, unheeded } from '../domain/match.ts';
import { type Actor, system } from '../domain/people.ts';
import { currentStep, openApproval, type Run } from '../domain/run.ts';
import type { Given } from './given.ts';
import { overlay } from './merge.ts';
import { momentOf, spanOf } from './moment.ts';
import { actorNamed, personNamed } from './people.ts';
import { act, controlOf, OTHER_CARD, type Scene, stageFor } from './scene.ts';
import type { Move } from './when.ts';
import { ciOf, incidentOf } from './world.ts';

type Rest<N extends CommandName> = Omit<Extract<Command, { name: N }>, 'name' | 'by' | 'origin'>;
type Arguments<K extends keyof Move> = NonNullable<Move[K]>;

const origin = { conversation: 'case', activity: 'case' };

const send = <N extends CommandName>(scene: Scene, name: N, by: Actor, rest: Rest<N>): Scene =>
  act(scene, { name, by, origin, ...rest } as Command);

/** A name alone is the command of that person. */
const full = <T extends object>(given: string | T): T | { readonly by: string } =>
  typeof given === 'string' ? { by: given } : given;

type Shown = { readonly revision?: number; readonly card?: string };

/** The plan a person is shown: the one of the current card, unless the case says otherwise. */
function shown({ run }: Scene, args: object): Shown {
  if ('typed' in args && args.typed === true) return {};
  const card = 'card' in args && args.card === OTHER_CARD ? { card: OTHER_CARD } : {};
  if ('revision' in args && typeof args.revision === 'number') return { revision: args.revision, ...card };
  const revision = (openApproval(run) ?? run.rollback ?? run.approval)?.revision;
  return revision === undefined ? card : { revision, ...card };
}

const said = (args: object, otherwise: string): string =>
  'reason' in args && typeof args.reason === 'string' ? args.reason : otherwise;

const timed =
  (name: 'dispatch' | 'expire' | 'remind' | 'escalate' | 'advance') =>
  (scene: Scene, { by = 'engine' }: Arguments<'dispatch'>): Scene =>
    send(scene, name, actorNamed(scene.given, by), {});

/** What each word of a case does. */
const moves: { readonly [K in keyof Move]-?: (scene: Scene, args: Arguments<K>) => Scene } = {
  arrive: (scene) => arrive(scene),
  propose(scene, args) {
    const { by = 'servicenow' } = full(args);
    const runbook = scene.stage.runbook.runbook.id;
    const { sysId: incident } = incidentOf(scene.given);
    const actor = actorNamed(scene.given, by);
    return send(scene, 'propose', actor, { incident, runbook, reason: 'asked for in a case' });
  },
  confirm(scene, args) {
    const { by, values = {} } = { values: {}, ...full(args) };
    return send(scene, 'confirm-parameters', actorNamed(scene.given, by), { values });
  },
  mine: (scene, args) => answered(scene, full(args), true, ''),
  'not-mine': (scene, args) => answered(scene, full(args), false, said(full(args), 'never had it')),
  approve(scene, args) {
    const click = full(args);
    return send(scene, 'approve', actorNamed(scene.given, click.by), shown(scene, click));
  },
  reject(scene, args) {
    const click = full(args);
    const reason = said(click, 'not now');
    return send(scene, 'reject', actorNamed(scene.given, click.by), { ...shown(scene, click), reason });
  },
  narrow(scene, click) {
    const rest = { ...shown(scene, click), values: click.values };
    return send(scene, 'narrow', actorNamed(scene.given, click.by), rest);
  },
  'break-glass'(scene, args) {
    const click = full(args);
    const reason = said(click, 'customers cannot wait');
    return send(scene, 'break-glass', actorNamed(scene.given, click.by), { ...shown(scene, click), reason });
  },
  review(scene, args) {
    const { by, verdict, note } = { verdict: 'justified' as const, note: 'looked at it', ...full(args) };
    return send(scene, 'review', actorNamed(scene.given, by), { verdict, note });
  },
  withdraw(scene, args) {
    const { by } = full(args);
    return send(scene, 'withdraw', actorNamed(scene.given, by), { reason: said(full(args), 'because') });
  },
  cancel(scene, args) {
    const { by } = full(args);
    return send(scene, 'cancel', actorNamed(scene.given, by), { reason: said(full(args), 'because') });
  },
  dispatch: timed('dispatch'),
  expire: timed('expire'),
  remind: timed('remind'),
  escalate: timed('escalate'),
  advance: timed('advance'),
  step: (scene, results) =>
    Object.entries(results).reduce((now, [step, result]) => ended(now, step, result), scene),
  finish: (scene) => finish(scene),
  wait: (scene, span) =>
    wait({ ...scene, last: { events: [] } }, new Date(scene.now.getTime() + spanOf(span))),
  clock: (scene, to) => ({
    ...scene,
    now: /^\d+[a-z]+$/.test(to) ? new Date(scene.now.getTime() + spanOf(to)) : momentOf(to, scene.start),
  }),
  change: (scene, moved) => change(scene, moved),
  stop(scene, args) {
    const { by } = full(args);
    return send(scene, 'stop', actorNamed(scene.given, by), { reason: said(full(args), 'bad release') });
  },
  resume(scene, args) {
    const { by } = full(args);
    return send(scene, 'resume', actorNamed(scene.given, by), { reason: said(full(args), 'fixed') });
  },
  delegate(scene, { by, to, until, reason }) {
    const rest = {
      to: personNamed(scene.given, to),
      until: momentOf(until, scene.start).toISOString(),
      reason,
    };
    return send(scene, 'delegate', actorNamed(scene.given, by), rest);
  },
  'end-delegation': (scene, args) =>
    send(scene, 'end-delegation', actorNamed(scene.given, full(args).by), {}),
};

/** Plays one command of a case. */
export function moved(scene: Scene, move: Move): Scene {
  const [name] = Object.keys(move) as [keyof Move];
  const does = moves[name] as (scene: Scene, args: Move[keyof Move]) => Scene;
  return does(scene, move[name]);
}

const answered = (scene: Scene, { by }: { readonly by: string }, mine: boolean, reason: string): Scene =>
  send(scene, 'answer-ownership', actorNamed(scene.given, by), { mine, reason });

/** What an event of ServiceNow sets off: the best runbook is proposed, or none. */
function arrive(scene: Scene): Scene {
  const { given, stage } = scene;
  const incident = incidentOf(given);
  const ci = ciOf(given);
  const own = stage.runbook.runbook.id;
  const suggestion = given.suggestion
    ? { ...given.suggestion, runbook: given.suggestion.runbook ?? own }
    : undefined;
  const alone = stage.policy.policy.suggestions;
  const [best] = matchRunbooks(stage.runbooks, incident, ci, suggestion, alone);
  const why = suggestion && unheeded(stage.runbooks, incident, ci, suggestion, alone);
  const remark = why === undefined ? {} : { unheeded: why };
  if (best === undefined) return { ...scene, last: { events: [], ...remark } };
  const proposed = send(scene, 'propose', system('servicenow'), {
    incident: incident.sysId,
    runbook: best.loaded.runbook.id,
    reason: best.reason,
    ...(best.suggestion ? { suggestion: best.suggestion } : {}),
  });
  return { ...proposed, last: { ...proposed.last, ...remark } };
}

const ended = (scene: Scene, step: string, result: Arguments<'step'>[string]): Scene =>
  send(scene, 'step-result', system('target'), { step, result, detail: `it ${result}` });

function finish(scene: Scene): Scene {
  const step = currentStep(scene.run);
  return step === undefined ? scene : finish(ended(scene, step.id, 'succeeded'));
}

/** Time passes until `end`; at each moment in between the engine decides what is due by the clock alone. */
function wait(scene: Scene, end: Date): Scene {
  const next = due(scene.run, scene.now);
  if (next.act === 'wait' && next.until > scene.now && next.until <= end)
    return wait({ ...scene, now: next.until }, end);
  if (next.act !== 'decide') return { ...scene, now: end };
  const after = send(scene, next.command, system('engine'), {});
  if (isStuck(scene.run, after.run)) return { ...after, now: end };
  const events = [...scene.last.events, ...after.last.events];
  return wait({ ...after, last: { ...after.last, events } }, end);
}

const isStuck = (before: Run, after: Run): boolean => before.entries.length === after.entries.length;

/** The world is different from now on; so may be the runbook and the policy. */
function change(scene: Scene, difference: Arguments<'change'>): Scene {
  const given: Given = overlay(scene.given, difference);
  const control =
    'stopped' in difference || 'delegations' in difference ? controlOf(given, scene.start) : scene.control;
  return { ...scene, given, control, stage: stageFor(scene.base, given), last: { events: [] } };
}
