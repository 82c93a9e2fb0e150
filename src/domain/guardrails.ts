import { spell } from './duration.ts';
import type { Effect, GuardrailLine } from './guardrail-line.ts';
import { type Change, type ConfigurationItem, type Incident, isOver } from './incident.ts';
import type { Actor } from './people.ts';
import type { Policy } from './policy.ts';
import type { Runbook } from './runbook.ts';
import { isOpen } from './windows.ts';

/** Something that was fetched, or the reason why it could not be. A fact that is missing is never a pass. */
export type Fact<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** Everything a guardrail may look at. The flow fetches it; the domain judges. */
export type GuardrailFacts = {
  readonly now: Date;
  readonly runbook: Runbook;
  readonly policy: Policy;
  readonly incident: Fact<Incident>;
  readonly ci: Fact<ConfigurationItem>;
  readonly changes: Fact<readonly Change[]>;
  /** When this runbook last started to change this CI; null when it never did. */
  readonly lastRun: Fact<Date | null>;
  readonly requester: Actor;
  /** sys_id of the item the run was proposed for; undefined while it is being proposed. */
  readonly proposedCi: string | undefined;
  /** Names of the policy's groups the requester is in. */
  readonly requesterGroups: Fact<readonly string[]>;
};

type Verdict = { readonly effect: Effect; readonly reason: string; readonly unknown?: true };
export type Guardrail = (facts: GuardrailFacts) => Verdict;

const allow = (reason: string): Verdict => ({ effect: 'allow', reason });
const deny = (reason: string): Verdict => ({ effect: 'deny', reason });
const unknown = (what: string, why: string): Verdict => ({
  ...deny(`${what} could not be checked: ${why}`),
  unknown: true,
});

const incidentOpen: Guardrail = ({ incident, proposedCi }) => {
  if (!incident.ok) return unknown('the incident', incident.why);
  // its values and its lease belong to the item it was proposed for; another item is another run
  if (proposedCi !== undefined && incident.value.ciSysId !== proposedCi)
    return deny(`${incident.value.number} names another configuration item now`);
  return isOver(incident.value)
    ? deny(`${incident.value.number} is ${incident.value.state}`)
    : allow(`${incident.value.number} is open`);
};

const environment: Guardrail = ({ ci, runbook }) => {
  if (!ci.ok) return unknown('the environment', ci.why);
  const { name, environment: where, environmentKnown } = ci.value;
  if (!runbook.environments.includes(where)) return deny(`${runbook.id} may not touch ${where}`);
  if (!environmentKnown)
    return {
      effect: 'require-approval',
      reason: `the CMDB names no environment for ${name}: treated as production`,
    };
  if (where === 'production') return { effect: 'require-approval', reason: `${name} is in production` };
  return allow(`${name} is in ${where}`);
};

const changeWindow: Guardrail = (facts) => {
  const { ci, policy, now } = facts;
  if (!ci.ok) return unknown('the change window', ci.why);
  const where = ci.value.environment;
  const covers = (rule: { environments: readonly string[] }) => rule.environments.includes(where);
  const freeze = policy.freezes.find(
    (one) => covers(one) && now.getTime() >= Date.parse(one.from) && now.getTime() < Date.parse(one.to),
  );
  if (freeze) return deny(`change freeze "${freeze.name}" until ${freeze.to}`);
  if (!policy.changeWindowRequired.includes(where)) return allow(`${where} needs no change window`);
  const window = policy.changeWindows.find((one) => covers(one) && isOpen(one, now));
  return window ? allow(`change window "${window.name}" is open`) : approvedChange(facts, where);
};

function approvedChange({ changes, now }: GuardrailFacts, where: string): Verdict {
  if (!changes.ok) return unknown('the change window', changes.why);
  const at = now.getTime();
  const change = changes.value.find(
    (one) =>
      one.approved &&
      !one.onHold &&
      one.state !== 'other' &&
      Date.parse(one.start) <= at &&
      at < Date.parse(one.end),
  );
  if (change) return allow(`change ${change.number} covers now`);
  return deny(`no change window is open for ${where} and no approved change covers now`);
}

const cooldown: Guardrail = ({ lastRun, runbook, now }) => {
  if (!lastRun.ok) return unknown('the cooldown', lastRun.why);
  if (lastRun.value === null) return allow('no earlier run on this CI');
  const since = now.getTime() - lastRun.value.getTime();
  if (since >= runbook.cooldown) return allow(`last run ${spell(since)} ago`);
  return deny(`ran ${spell(since)} ago; the cooldown is ${spell(runbook.cooldown)}`);
};

const authorised: Guardrail = ({ requester, requesterGroups, runbook }) => {
  if (requester.kind === 'system') return allow('raised by an event; people approve it');
  if (!requesterGroups.ok) return unknown(`the groups of ${requester.name}`, requesterGroups.why);
  const group = runbook.requesters.find((name) => requesterGroups.value.includes(name));
  if (group) return allow(`${requester.name} is in ${group}`);
  return deny(`${requester.name} is in none of ${runbook.requesters.join(', ')}`);
};

/** Every guardrail by name, in the order people read them. */
export const guardrails: Readonly<Record<string, Guardrail>> = {
  incident: incidentOpen,
  environment,
  'change window': changeWindow,
  cooldown,
  authorised,
};

export type Evaluation = {
  readonly effect: Effect;
  readonly lines: GuardrailLine[];
  /** Denied only because something could not be read: worth asking again, never a pass. */
  readonly unknown: boolean;
};
const strictness: Readonly<Record<Effect, number>> = { allow: 0, 'require-approval': 1, deny: 2 };

/** Asks every guardrail; the strictest verdict wins. */
export function evaluate(facts: GuardrailFacts): Evaluation {
  const verdicts = Object.entries(guardrails).map(([guardrail, judge]) => ({ guardrail, ...judge(facts) }));
  const effect = verdicts.reduce<Effect>(
    (worst, one) => (strictness[one.effect] > strictness[worst] ? one.effect : worst),
    'allow',
  );
  const denied = verdicts.filter((one) => one.effect === 'deny');
  return {
    effect,
    lines: verdicts.map(({ unknown: _unknown, ...line }) => line),
    unknown: denied.length > 0 && denied.every((one) => one.unknown),
  };
}

/** The reasons that forbid it, as one sentence. */
export const denials = (evaluation: Pick<Evaluation, 'lines'>): string =>
  evaluation.lines
    .filter((line) => line.effect === 'deny')
    .map((line) => line.reason)
    .join('; ');
