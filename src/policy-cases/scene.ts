import type { Command, RefusalCode } from '../domain/commands.ts';
import { CONTROL, type Control, noControl, standsInFor } from '../domain/control.ts';
import { decide } from '../domain/decide.ts';
import { afterwards, type Facts } from '../domain/decision.ts';
import type { RunEvent } from '../domain/events.ts';
import type { Actor } from '../domain/people.ts';
import { newRun, type Run, requesterOf } from '../domain/run.ts';
import type { Given } from './given.ts';
import { momentOf, readInstant } from './moment.ts';
import { actorNamed, groupsOf, personNamed, tenant } from './people.ts';
import { type Base, type Stage, stageOf } from './stage.ts';
import { factIn, type Scenery, worldOf } from './world.ts';

/** A Wednesday morning, when a case does not say another time. */
const PLAIN_START = '2026-11-18T10:00:00Z';
const RUN = '01JD8Z6N3V6Q4W8X2Y5A7K2QDM';
const EXECUTION = '7d2f6f0e-0000-4000-8000-000000000001';

/** A card that was never posted. */
export const OTHER_CARD = 'forged';

/** What came of the last command. */
export type Answer = {
  /** Who asked; nobody when the world only moved. */
  readonly by?: Actor;
  readonly refusal?: { readonly code: RefusalCode; readonly message: string };
  readonly events: readonly RunEvent[];
  /** Why a suggestion counts for nothing. */
  readonly unheeded?: string;
};

/** A case while it is played. */
export type Scene = Scenery & {
  readonly base: Base;
  readonly run: Run;
  readonly control: Run;
  readonly last: Answer;
};

/** The world as a case begins. Throws when the files do not fit: `faultsOf` has told that before. */
export function beginning(base: Base, given: Given): Scene {
  const read = readInstant(given.at ?? PLAIN_START);
  if (!read.ok) throw new RangeError(`${given.at} ${read.message}`);
  const start = read.at;
  return {
    base,
    given,
    stage: stageFor(base, given),
    start,
    now: start,
    run: newRun(RUN),
    control: controlOf(given, start),
    last: { events: [] },
  };
}

export function stageFor(base: Base, given: Given): Stage {
  const staged = stageOf(base, given);
  if (staged.ok) return staged.stage;
  throw new Error(`the ${staged.in} of the case does not fit: ${staged.issues[0]?.message ?? ''}`);
}

/** The control stream, as far as a case says that something happened before it began. */
export function controlOf(given: Given, start: Date): Run {
  const { stopped, delegations = [] } = given;
  const control: Control = {
    delegations: delegations.map(({ from, to, until, reason }) => ({
      from: personNamed(given, from),
      to: personNamed(given, to),
      until: momentOf(until, start).toISOString(),
      reason,
    })),
    ...(stopped
      ? { stopped: { by: actorNamed(given, stopped.by), reason: stopped.reason, at: start.toISOString() } }
      : {}),
  };
  return { ...newRun(CONTROL), control };
}

/** Everything a decision may look at, as the flow would have gathered it. */
export function factsFor(scene: Scene, command: Command): Facts {
  const { given, stage, now, run } = scene;
  const { by } = command;
  const fact = factIn(given);
  const control = scene.control.control ?? noControl;
  const id = run.proposal?.runbook.id ?? (command.name === 'propose' ? command.runbook : '');
  const standIns = by.kind === 'person' ? standsInFor(control, by, now) : [];
  return {
    now,
    tenant,
    policy: stage.policy,
    runbook: stage.runbooks.find(({ runbook }) => runbook.id === id),
    world: worldOf(scene, requesterOf(run) ?? by),
    actorGroups: fact('groups', by.kind === 'person' ? groupsOf(given, by.id) : []),
    standIns: fact(
      'standIns',
      standIns.map(({ from }) => ({ from, groups: groupsOf(given, from.id) })),
    ),
    delegateGroups: fact('delegateGroups', command.name === 'delegate' ? groupsOf(given, command.to.id) : []),
    control: fact('control', control),
    shownCard: fact('shownCard', !('card' in command) || command.card !== OTHER_CARD),
    resumed: { ok: true, value: undefined },
    executionId: EXECUTION,
  };
}

const forAll: readonly Command['name'][] = ['stop', 'resume', 'delegate', 'end-delegation'];

/** Goes through the one door, and keeps what was decided. */
export function act(scene: Scene, command: Command): Scene {
  const stream = forAll.includes(command.name) ? 'control' : 'run';
  const facts = factsFor(scene, command);
  const decided = decide(scene[stream], command, facts);
  const last: Answer = decided.ok
    ? { by: command.by, events: decided.events }
    : { by: command.by, events: decided.events, refusal: decided.refusal };
  return { ...scene, [stream]: afterwards(scene[stream], decided.events, command, facts), last };
}
