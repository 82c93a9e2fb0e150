import type { GuardrailFacts } from './facts.ts';
import type { ConfigurationItem, Relations } from './incident.ts';
import type { Tier, TierCondition } from './risk.ts';

/** What a risk tier is judged by. Read lazily: a fact no tier asks for is not touched. */
export type TierFacts = Pick<GuardrailFacts, 'policy' | 'incident' | 'ci' | 'relations'> & {
  readonly runbook: Pick<GuardrailFacts['runbook'], 'userAccess'>;
};

/** A tier, why it fits, and what was looked at for that. */
export type Found = {
  readonly tier: Tier;
  readonly why: string;
  readonly facts: Readonly<Record<string, string>>;
};
type Unknown = { readonly is: 'unknown'; readonly what: string; readonly why: string };
export type JudgedTier = ({ readonly is: 'found' } & Found) | { readonly is: 'none' } | Unknown;

/** The first tier that fits, from the most to the least risky. Whether one fits is unknown when a fact it needs is. */
export function judgeTier(facts: TierFacts): JudgedTier {
  for (const tier of facts.policy.tiers) {
    const judged = judge(tier, facts);
    if (judged.is === 'unknown') return judged;
    if (judged.is === 'fits') return { is: 'found', tier, why: judged.why, facts: judged.facts };
  }
  return { is: 'none' };
}

/** The tier that fits; undefined when the policy names none that does, or nobody can tell (then the guardrails refuse). */
export function tierOf(facts: TierFacts): Found | undefined {
  const judged = judgeTier(facts);
  return judged.is === 'found' ? judged : undefined;
}

type Fits = { readonly is: 'fits'; readonly why: string; readonly facts: Readonly<Record<string, string>> };
type Judged = Fits | { readonly is: 'not' } | Unknown;
const not: Judged = { is: 'not' };
const fits = (why: string, facts: Fits['facts']): Fits => ({ is: 'fits', why, facts });
const unknown = (what: string, { why }: { readonly why: string }): Unknown => ({ is: 'unknown', what, why });

/** One condition that fits is enough, whatever is not known about the others. */
function judge({ when }: Tier, facts: TierFacts): Judged {
  if (when === undefined) return fits('everything else', {});
  let missing: Judged = not;
  for (const condition of when) {
    const judged = allOf(condition, facts);
    if (judged.is === 'fits') return judged;
    if (judged.is === 'unknown') missing = judged;
  }
  return missing;
}

/** All parts must fit; one that does not settles it, whatever is not known about the others. */
function allOf(condition: TierCondition, facts: TierFacts): Judged {
  const fitting: Fits[] = [];
  let missing: Unknown | undefined;
  for (const part of parts) {
    const judged = part(condition, facts);
    if (judged?.is === 'not') return not;
    if (judged?.is === 'unknown') missing ??= judged;
    if (judged?.is === 'fits') fitting.push(judged);
  }
  if (missing !== undefined) return missing;
  const seen = Object.assign({}, ...fitting.map((one) => one.facts));
  return fits(fitting.map(({ why }) => why).join(' and '), seen);
}

/** Judges one part of a condition; undefined when the condition does not have it. */
type Part = (condition: TierCondition, facts: TierFacts) => Judged | undefined;

const environment: Part = ({ environments }, facts) => {
  if (environments === undefined) return undefined;
  const { ci } = facts;
  if (!ci.ok) return unknown('the environment', ci);
  const where = ci.value.environment;
  return environments.includes(where) ? fits(where, { environment: where }) : not;
};

const ciClass: Part = (condition, facts) => {
  if (condition.ciClass === undefined) return undefined;
  const { ci } = facts;
  if (!ci.ok) return unknown('the class of the item', ci);
  return condition.ciClass.includes(ci.value.class)
    ? fits(`class ${ci.value.class}`, { class: ci.value.class })
    : not;
};

const customerImpact: Part = (condition, facts) => {
  if (condition.customerImpact === undefined) return undefined;
  const { incident, policy } = facts;
  if (!incident.ok) return unknown('the customer impact', incident);
  const { column, values } = policy.customerImpact;
  // priority has a place of its own in an incident
  const value = column === 'priority' ? incident.value.priority : (incident.value.fields[column] ?? '');
  return values.includes(value) ? fits(`customers affected (${column} ${value})`, { [column]: value }) : not;
};

const userAccess: Part = (condition, facts) => {
  if (condition.userAccess === undefined) return undefined;
  return facts.runbook.userAccess === true ? fits('it changes user access', { 'user access': 'yes' }) : not;
};

const dependents: Part = (condition, facts) => {
  if (condition.dependents === undefined) return undefined;
  const { relations } = facts;
  if (!relations.ok) return unknown('what depends on the item', relations);
  if (relations.value.truncated)
    return fits('more dependents than can be counted', { dependents: 'too many' });
  const count = relations.value.dependents.length;
  if (count < condition.dependents) return not;
  return fits(count === 1 ? '1 dependent' : `${count} dependents`, { dependents: String(count) });
};

const criticality: Part = (condition, facts) => {
  if (condition.criticality === undefined) return undefined;
  const { ci, relations } = facts;
  if (!ci.ok) return unknown('the business criticality', ci);
  if (!relations.ok) return unknown('the business criticality', relations);
  const { level, from } = mostCritical(ci.value, relations.value, facts.policy.assume.criticality);
  if (!condition.criticality.includes(level)) return not;
  return fits(`criticality ${level} (${from})`, { criticality: String(level), 'criticality of': from });
};

const parts: readonly Part[] = [environment, ciClass, userAccess, customerImpact, dependents, criticality];

/** The lowest number of the item itself and of all that depends on it. */
function mostCritical(
  ci: ConfigurationItem,
  { dependents: items, truncated }: Relations,
  assumed: number | undefined,
): { readonly level: number; readonly from: string } {
  if (truncated) return { level: 1, from: 'not everything that depends on it could be read' };
  // ServiceNow spells the column so, and its values "1 - most critical"
  const [own] = /^[1-4]/.exec(ci.fields['busines_criticality'] ?? '') ?? [];
  let found = own === undefined ? undefined : { level: Number(own), from: ci.name };
  for (const { criticality: level, name: from } of items)
    if (level !== undefined && level < (found?.level ?? Number.POSITIVE_INFINITY)) found = { level, from };
  if (found !== undefined) return found;
  return { level: assumed ?? 1, from: assumed === undefined ? 'the CMDB names none' : 'assumed' };
}
