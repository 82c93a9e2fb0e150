import type { ConfigurationItem, Incident } from './incident.ts';
import type { LoadedRunbook, Runbook } from './runbook.ts';

/** A runbook that fits an incident, and why. It is a suggestion: it reaches nothing but the proposal. */
export type Candidate = { readonly loaded: LoadedRunbook; readonly score: number; readonly reason: string };

/** Runbooks whose rules fit, best first: most matching rules, then id. */
export function matchRunbooks(
  runbooks: readonly LoadedRunbook[],
  incident: Incident,
  ci: ConfigurationItem,
): Candidate[] {
  return runbooks
    .flatMap((loaded) => candidate(loaded, incident, ci))
    .sort((a, b) => b.score - a.score || a.loaded.runbook.id.localeCompare(b.loaded.runbook.id));
}

function candidate(loaded: LoadedRunbook, incident: Incident, ci: ConfigurationItem): Candidate[] {
  const { match } = loaded.runbook;
  if (match.ciClass.length > 0 && !match.ciClass.includes(ci.class)) return [];
  const columns = Object.entries(match.incident);
  if (!columns.every(([column, values]) => values.includes(columnOf(incident, column)))) return [];
  const symptoms = symptomsIn(loaded.runbook, `${incident.shortDescription}\n${incident.description}`);
  if (symptoms.length === 0) return [];
  const reasons = [
    `symptom ${symptoms.map((s) => `"${s}"`).join(', ')}`,
    ...(match.ciClass.length > 0 ? [`class ${ci.class}`] : []),
    ...columns.map(([column]) => `${column} ${columnOf(incident, column)}`),
  ];
  return [{ loaded, score: reasons.length - 1 + symptoms.length, reason: `matches ${reasons.join('; ')}` }];
}

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
