import { chainOf } from './after-end.ts';
import { type Command, type Refusal, type RefusalCode, refusals } from './commands.ts';
import type { Control } from './control.ts';
import type { RunEvent } from './events.ts';
import type { Fact, GuardrailFacts, World } from './facts.ts';
import { type Evaluation, evaluate } from './guardrails.ts';
import { lastEvaluation } from './last-evaluation.ts';
import { nextActionFor } from './next-action.ts';
import type { FieldError } from './parameters.ts';
import type { Actor, Person } from './people.ts';
import type { LoadedPolicy } from './policy.ts';
import { apply, codeOf, type Run, requesterOf } from './run.ts';
import type { LoadedRunbook, Runbook } from './runbook.ts';
import { valuesNow } from './values-now.ts';

/** Somebody the acting person may vote for, and the policy's groups that person is in. */
export type StandIn = { readonly from: Person; readonly groups: readonly string[] };

/** Everything `decide` may look at besides the run and the command. */
export type Facts = {
  readonly now: Date;
  readonly tenant: string;
  readonly policy: LoadedPolicy;
  /** The runbook as it is loaded now; undefined when it is gone. */
  readonly runbook: LoadedRunbook | undefined;
  /** For a proposal of what is left of a run: that run. */
  readonly resumed: Fact<Run | undefined>;
  /** Fetched only for the commands that need it (`needsWorld`). */
  readonly world: World | undefined;
  /** Names of the policy's groups the acting person is in. */
  readonly actorGroups: Fact<readonly string[]>;
  /** Those who let the acting person vote for them. */
  readonly standIns: Fact<readonly StandIn[]>;
  /** Whether the card that was clicked is one that was drawn for this run. */
  readonly shownCard: Fact<boolean>;
  /** For `delegate`: the policy's groups the person who shall vote is in. */
  readonly delegateGroups: Fact<readonly string[]>;
  /** What concerns every run. */
  readonly control: Fact<Control>;
  /** A fresh UUID for a step that may be claimed by this decision. */
  readonly executionId: string;
};

/** Events to store, or a refusal. A refusal may have events too: what was evaluated belongs in the record. */
export type Decided =
  | { readonly ok: true; readonly events: readonly RunEvent[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly events: readonly RunEvent[] };

/** Accepted, and nothing changes: the command had been carried out before. */
export const nothing: Decided = { ok: true, events: [] };

type Extra = {
  readonly message?: string;
  readonly events?: readonly RunEvent[];
  readonly fields?: readonly FieldError[];
};

/** A refusal with the message of its code, the state of the run, and what to do now. */
export function refuse(run: Run, code: RefusalCode, extra: Extra = {}): Decided {
  const { message = refusals[code], events = [], fields = [] } = extra;
  return {
    ok: false,
    refusal: { code, message, nextAction: nextActionFor(run, code), fields: [...fields] },
    events,
  };
}

/** An evaluation as it is recorded. */
export const evaluated = (
  stage: 'proposal' | 'decision' | 'dispatch',
  { effect, lines }: Pick<Evaluation, 'effect' | 'lines'>,
): RunEvent => ({
  type: 'guardrails-evaluated',
  data: { stage, effect, lines },
});

/** The same, unless the last evaluation was one at this stage that came to this as well: asking on does not fill the log. */
export function evaluatedOnce(
  run: Run,
  stage: 'proposal' | 'decision' | 'dispatch',
  evaluation: Evaluation,
): RunEvent[] {
  const before = lastEvaluation(run.entries);
  return before?.stage === stage && verdicts(before.lines) === verdicts(evaluation.lines)
    ? []
    : [evaluated(stage, evaluation)];
}

/** Reasons tell ages, which change with every look; what they come to does not. */
const verdicts = (lines: Evaluation['lines']): string =>
  JSON.stringify(lines.map(({ guardrail, effect, until, unknown }) => [guardrail, effect, until, unknown]));

/** Asks all guardrails about a run with fresh facts. */
export function evaluateRun(run: Run, requester: Actor, facts: Facts, world: World): Evaluation {
  const { resumes, runbook: proposed } = run.proposal ?? {};
  const id = proposed?.id ?? 'the runbook';
  if (facts.runbook === undefined) return noRunbook(`${id} is not loaded any more`);
  // what is left of one runbook is nothing that another one could say
  if (resumes !== undefined && facts.runbook.hash !== proposed?.hash)
    return noRunbook(`${id} was changed since run ${codeOf(resumes.runId)}`);
  return evaluate(
    lookedAt(
      run,
      requesterOf(run) ?? requester,
      facts,
      facts.runbook.runbook,
      without(chainOf(resumes), world),
    ),
  );
}

/** What the guardrails look at. */
export const lookedAt = (
  run: Run,
  requester: Actor,
  { now, policy, control }: Facts,
  runbook: Runbook,
  world: World,
): GuardrailFacts => ({
  now,
  runbook,
  policy: policy.policy,
  requester,
  proposedCi: run.proposal?.ci.sysId,
  parameters: valuesNow(run, runbook, world),
  control,
  ...world,
});

const noRunbook = (reason: string): Evaluation => ({
  effect: 'deny',
  unknown: false,
  lines: [{ guardrail: 'runbook', effect: 'deny', reason }],
});

/** A run is not held back by what the runs it continues have done. */
function without(chain: readonly string[], world: World): World {
  const others = <T extends { readonly runId: string }>(runs: Fact<readonly T[]>): Fact<readonly T[]> =>
    runs.ok ? { ...runs, value: runs.value.filter(({ runId }) => !chain.includes(runId)) } : runs;
  return chain.length === 0
    ? world
    : { ...world, history: others(world.history), lastHour: others(world.lastHour) };
}

/** The run as it will be once these events are stored. */
export const afterwards = (
  run: Run,
  events: readonly RunEvent[],
  { by, origin }: Command,
  facts: Facts,
): Run =>
  events.reduce((before, event) => {
    const seq = before.entries.length + 1;
    const at = facts.now.toISOString();
    const links = { v: 1 as const, runId: run.runId, seq, prev: '', hash: '' };
    return apply(before, {
      ...event,
      event: '',
      at,
      actor: by,
      tenant: facts.tenant,
      origin,
      subject: noSubject,
      ...links,
    });
  }, run);

const noSubject = { incident: '', ci: '', runbook: { id: '', version: '', hash: '' } };
