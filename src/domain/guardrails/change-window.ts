import type { Fact, GuardrailFacts } from '../facts.ts';
import type { Change, ConfigurationItem, ScheduleSpan } from '../incident.ts';
import { type ChangeWindow, clearFrom, covers, isOpen, openingAfter, type Span } from '../windows.ts';
import { permits } from './changes.ts';
import { allow, denyUntil, type Guardrail, unknown, utc, type Verdict } from './verdict.ts';

type Environment = ConfigurationItem['environment'];
type NamedSpan = Span & { readonly name: string };

/** What may open an item for changes, and what closes it whatever is open. */
type Calendar = {
  readonly windows: readonly ChangeWindow[];
  readonly maintenance: readonly NamedSpan[];
  readonly blackouts: readonly NamedSpan[];
};

/**
 * Where the policy wants it, a window of the policy, a maintenance window of ServiceNow or an approved change covers now.
 * A blackout of ServiceNow closes every environment, and goes above all of them.
 */
export const changeWindow: Guardrail = (facts) => {
  const { ci, policy, now } = facts;
  if (!ci.ok) return unknown('the change window', ci);
  const { environment } = ci.value;
  const read = calendarOf(facts, environment);
  if (!read.ok) return unknown('the maintenance and blackout times', read);
  const calendar = read.value;
  const needed = policy.changeWindowRequired.includes(environment);
  const blackout = calendar.blackouts.find((span) => covers(span, now.getTime()));
  if (blackout) {
    const until = needed ? opensAt(calendar, now)?.at : clearOf(calendar, now);
    const reason = `blackout "${blackout.name}" until ${utc(new Date(blackout.to))}`;
    return denyUntil(until, reason, { environment, blackout: blackout.name });
  }
  if (!needed) return allow(`${environment} needs no change window`, { environment });
  return openBy(calendar, now) ?? approvedChange(facts, environment, calendar);
};

/** The approved change a run would be part of: the one that opens the item where no window does. */
export function changeInUse(facts: GuardrailFacts): Change | undefined {
  const { changes, now } = facts;
  const change = changes.ok ? changes.value.find((one) => permits(one, now)) : undefined;
  if (change === undefined) return undefined;
  const { ci, policy } = facts;
  if (!ci.ok || !policy.changeWindowRequired.includes(ci.value.environment)) return undefined;
  const calendar = calendarOf(facts, ci.value.environment);
  return calendar.ok && openBy(calendar.value, now) === undefined ? change : undefined;
}

function calendarOf(facts: GuardrailFacts, environment: Environment): Fact<Calendar> {
  const { policy } = facts;
  const windows = policy.changeWindows.filter((one) => one.environments.includes(environment));
  if (!policy.servicenowSchedules) return { ok: true, value: { windows, maintenance: [], blackouts: [] } };
  const { schedule } = facts;
  if (!schedule.ok) return schedule;
  const of = (kind: ScheduleSpan['kind']) =>
    schedule.value
      .filter((span) => span.kind === kind)
      .map(({ name, start, end }) => ({ name, from: Date.parse(start), to: Date.parse(end) }));
  return { ok: true, value: { windows, maintenance: of('maintenance'), blackouts: of('blackout') } };
}

function openBy({ windows, maintenance }: Calendar, now: Date): Verdict | undefined {
  const window = windows.find((one) => isOpen(one, now));
  if (window) return allow(`change window "${window.name}" is open`, { window: window.name });
  const span = maintenance.find((one) => covers(one, now.getTime()));
  return span && allow(`maintenance window "${span.name}" is open`, { maintenance: span.name });
}

function approvedChange(
  { changes, now }: GuardrailFacts,
  environment: Environment,
  calendar: Calendar,
): Verdict {
  if (!changes.ok) return unknown('the change window', changes);
  const change = changes.value.find((one) => permits(one, now));
  if (change) return allow(`change ${change.number} covers now`, { change: change.number });
  const next = opensAt(calendar, now);
  const closed = calendar.windows.map(({ name }) => `"${name}"`).join(', ');
  const reason = [
    `no change window is open for ${environment} and no approved change covers now`,
    ...(closed === '' ? [] : [`closed: ${closed}`]),
    ...(next === undefined ? [] : [`"${next.name}" opens ${utc(next.at)}`]),
  ].join('; ');
  return denyUntil(next?.at, reason, { environment, ...(next ? { next: next.name } : {}) });
}

const clearOf = ({ blackouts }: Calendar, at: Date): Date => new Date(clearFrom(blackouts, at.getTime()));

/** The first moment from `now` on at which something is open and no blackout is. Each turn gets past a blackout. */
function opensAt(calendar: Calendar, now: Date): { readonly at: Date; readonly name: string } | undefined {
  const clear = clearOf(calendar, now);
  const window = openingAfter(calendar.windows, clear);
  const spans = calendar.maintenance
    .filter(({ to }) => to > clear.getTime())
    .map(({ name, from }) => ({ name, at: new Date(Math.max(from, clear.getTime())) }));
  const [first] = [...(window ? [{ name: window.window.name, at: window.at }] : []), ...spans].sort(
    (a, b) => a.at.getTime() - b.at.getTime(),
  );
  if (first === undefined || clearOf(calendar, first.at).getTime() === first.at.getTime()) return first;
  return opensAt(calendar, first.at);
}
