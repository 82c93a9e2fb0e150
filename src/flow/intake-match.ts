import type { InboxEntry } from '../domain/inbox.ts';
import type { ConfigurationItem, Incident } from '../domain/incident.ts';
import { type Candidate, matchRunbooks, unheeded } from '../domain/match.ts';
import type { Deps } from './deps.ts';

/** The runbook to propose, if any, and a remark for the record when a suggestion counted for nothing. */
export function bestRunbook(
  { catalogue: { runbooks, policy } }: Deps,
  incident: Incident,
  ci: ConfigurationItem,
  { suggestion, suggestionDropped }: Pick<InboxEntry, 'suggestion' | 'suggestionDropped'>,
): readonly [best: Candidate | undefined, also: string] {
  const all = [...runbooks.values()];
  const alone = policy.policy.suggestions;
  const [best] = matchRunbooks(all, incident, ci, suggestion, alone);
  const why = suggestion ? unheeded(all, incident, ci, suggestion, alone) : suggestionDropped;
  return [best, why === undefined ? '' : `; suggestion left out: ${why}`];
}
