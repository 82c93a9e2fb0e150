import type { GuardrailFacts, World } from '../facts.ts';
import type { GuardrailLine } from '../guardrail-line.ts';

/** Where each fact comes from, in the words of the record. */
const sources: Readonly<Record<keyof World | 'control', string>> = {
  incident: 'ServiceNow incident',
  ci: 'ServiceNow cmdb_ci',
  owner: 'ServiceNow assigned_to',
  changes: 'ServiceNow change_request and task_ci',
  relations: 'ServiceNow cmdb_rel_ci',
  majorIncidents: 'ServiceNow incident',
  schedule: 'ServiceNow change schedules',
  history: 'run log',
  lastHour: 'run log',
  holders: 'leases',
  requesterGroups: 'Entra ID',
  requesterOnCall: 'ServiceNow on-call',
  members: 'Entra ID',
  authors: 'Entra ID',
  control: 'run log',
};
const factNames = Object.keys(sources) as (keyof typeof sources)[];

/** What is younger is fresh: so long an answer may take to arrive. */
const FRESH_MS = 3_000;

export type Watched = {
  readonly facts: GuardrailFacts;
  /** Where what was looked at comes from, and when it was read if that was more than a few seconds before. */
  provenance(): Pick<GuardrailLine, 'source' | 'readAt'>;
};

/**
 * The same facts, and what of them was looked at. That depends on the policy and on what a guardrail finds on its way,
 * so it is watched: a list of it would have to repeat every guardrail.
 */
export function watched(facts: GuardrailFacts): Watched {
  const used = new Set<PropertyKey>();
  return {
    facts: new Proxy(facts, {
      get(all, name) {
        used.add(name);
        return Reflect.get(all, name);
      },
    }),
    provenance: () => ({ ...sourceOf(used), ...readAtOf(facts, used) }),
  };
}

/** What was fetched; the files of the operator only where nothing was. */
function sourceOf(used: ReadonlySet<PropertyKey>): Pick<GuardrailLine, 'source'> {
  const fetched = factNames.filter((name) => used.has(name)).map((name) => sources[name]);
  const files = ['policy', 'runbook'].filter((name) => used.has(name));
  const named = [...new Set(fetched.length > 0 ? fetched : files)];
  return named.length === 0 ? {} : { source: named.join(', ') };
}

/** The oldest counts: a verdict is as old as that. */
function readAtOf(facts: GuardrailFacts, used: ReadonlySet<PropertyKey>): Pick<GuardrailLine, 'readAt'> {
  const stale = facts.now.getTime() - FRESH_MS;
  const [oldest] = factNames
    .flatMap((name) => {
      const fact = used.has(name) ? facts[name] : undefined;
      return fact?.ok === true && fact.readAt !== undefined ? [fact.readAt] : [];
    })
    .filter((at) => Date.parse(at) < stale)
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  return oldest === undefined ? {} : { readAt: oldest };
}
