import type { ConfigurationItem, Incident } from './incident.ts';
import type { Policy } from './policy.ts';
import type { LoadedRunbook, Runbook } from './runbook.ts';
import { type Suggestion, type SuggestionRole, type WeighedSuggestion, weigh } from './suggestion.ts';

/** A runbook that fits an incident, and why. It is a suggestion: it reaches nothing but the proposal. */
export type Candidate = {
  readonly loaded: LoadedRunbook;
  /** How many rules fit. */
  readonly score: number;
  /** Why, in our words only: text of the ticket or of a machine never gets in. */
  readonly reason: string;
  /** What a machine said about this incident, as that. */
  readonly suggestion?: WeighedSuggestion;
};

/**
 * Runbooks that fit, best first: those that rules and suggestion agree on, then those that rules chose alone, then the one
 * only the machine named; most matching rules, then id. The policy (`alone`) says whether a machine may name one without
 * the rules.
 */
export function matchRunbooks(
  runbooks: readonly LoadedRunbook[],
  incident: Incident,
  ci: ConfigurationItem,
  suggestion?: Suggestion,
  alone?: Policy['suggestions'],
): Candidate[] {
  const byRules = runbooks.flatMap((loaded) => candidate(loaded, incident, ci));
  const found = suggestion ? merge(byRules, runbooks, incident, ci, suggestion, alone) : byRules;
  return found.sort(
    (a, b) =>
      rank(b) - rank(a) || b.score - a.score || a.loaded.runbook.id.localeCompare(b.loaded.runbook.id),
  );
}

/** Why a suggestion counts for nothing here, or undefined when it is heeded. */
export function unheeded(
  runbooks: readonly LoadedRunbook[],
  incident: Incident,
  ci: ConfigurationItem,
  suggestion: Suggestion,
  alone?: Policy['suggestions'],
): string | undefined {
  const named = runbooks.find(({ runbook }) => runbook.id === suggestion.runbook);
  if (named === undefined) return 'it names no runbook of ours';
  const { id, environments, match } = named.runbook;
  if (fitting(match, incident, ci) === undefined) return `${id} does not fit this incident and its item`;
  if (!environments.includes(ci.environment)) return `${id} may not touch ${ci.environment}`;
  if (symptomsIn(named.runbook, textOf(incident)).length > 0) return undefined;
  if (alone === undefined) return 'the policy lets no machine name a runbook that no rule names';
  if (!alone.models.includes(suggestion.model)) return 'the policy does not list its model';
  return suggestion.confidence < alone.atLeast ? `its confidence is below ${alone.atLeast}` : undefined;
}

function merge(
  byRules: readonly Candidate[],
  runbooks: readonly LoadedRunbook[],
  incident: Incident,
  ci: ConfigurationItem,
  suggestion: Suggestion,
  alone: Policy['suggestions'],
): Candidate[] {
  if (unheeded(runbooks, incident, ci, suggestion, alone) !== undefined) return [...byRules];
  const isNamed = ({ runbook }: LoadedRunbook): boolean => runbook.id === suggestion.runbook;
  const as = (role: SuggestionRole) => ({ suggestion: weigh(suggestion, textOf(incident), role) });
  const withIt = byRules.map((one) => ({ ...one, ...as(isNamed(one.loaded) ? 'agrees' : 'differs') }));
  if (byRules.some((one) => isNamed(one.loaded))) return withIt;
  const only = runbooks.filter(isNamed).map((loaded) => ({
    loaded,
    score: fitting(loaded.runbook.match, incident, ci)?.length ?? 0,
    reason: 'named by a machine; no symptom fits',
    ...as(byRules.length === 0 ? 'alone' : 'differs'),
  }));
  return [...withIt, ...only];
}

const rank = ({ suggestion, loaded }: Candidate): number => {
  if (suggestion === undefined || suggestion.runbook !== loaded.runbook.id) return 1;
  return suggestion.role === 'agrees' ? 2 : 0;
};

function candidate(loaded: LoadedRunbook, incident: Incident, ci: ConfigurationItem): Candidate[] {
  const fits = fitting(loaded.runbook.match, incident, ci);
  if (fits === undefined) return [];
  const symptoms = symptomsIn(loaded.runbook, textOf(incident));
  if (symptoms.length === 0) return [];
  const reasons = [`symptom ${symptoms.map((s) => `"${s}"`).join(', ')}`, ...fits];
  return [{ loaded, score: fits.length + symptoms.length, reason: `matches ${reasons.join('; ')}` }];
}

/** The rules on class and columns, one line each; undefined when one of them does not hold. */
function fitting(match: Runbook['match'], incident: Incident, ci: ConfigurationItem): string[] | undefined {
  if (match.ciClass.length > 0 && !match.ciClass.includes(ci.class)) return undefined;
  const columns = Object.entries(match.incident);
  if (!columns.every(([column, values]) => values.includes(columnOf(incident, column)))) return undefined;
  return [
    ...(match.ciClass.length > 0 ? [`class ${ci.class}`] : []),
    ...columns.map(([column]) => `${column} ${columnOf(incident, column)}`),
  ];
}

const textOf = ({ shortDescription, description }: Incident): string => `${shortDescription}\n${description}`;

const columnOf = (incident: Incident, column: string): string =>
  column === 'priority' ? incident.priority : (incident.fields[column] ?? '');

/** The symptoms found as whole words, whatever their case. */
function symptomsIn(runbook: Runbook, text: string): string[] {
  const words = wordsOf(text);
  return runbook.match.symptoms.filter((symptom) => words.includes(wordsOf(symptom)));
}

/** Words between single spaces: case, punctuation and the way a letter is encoded do not matter. */
const wordsOf = (text: string): string =>
  ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()} `;
