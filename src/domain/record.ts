import { askedOf } from './approval.ts';
import type { EventData, EventType, LogEntry } from './events.ts';
import { ageOf, type GuardrailLine } from './guardrail-line.ts';
import { spellValue } from './parameter-value.ts';
import { nameOf } from './people.ts';
import { spellNeeded } from './quorum.ts';
import { spellHost } from './step-end.ts';

/** The record of a run for a person: one line an event, in order. What the log holds beyond this is in its JSON. */
export const recordLines = (entries: readonly LogEntry[]): string[] =>
  entries.map((entry) => {
    const head = `#${String(entry.seq).padStart(3, '0')} ${entry.at} ${entry.type.padEnd(20)} ${nameOf(entry.actor)}`;
    const from = entry.origin.activity === '' ? '' : ` [message ${entry.origin.activity}]`;
    return `${head}: ${what(entry)}${from}`;
  });

/** What an event says, in words. */
const what = (entry: LogEntry): string => (words[entry.type] as (entry: LogEntry) => string)(entry);

const values = ({ data }: { readonly data: EventData<'parameters-confirmed'> }): string =>
  data.parameters
    .map((p) => `${p.name}=${p.value === null ? 'nothing' : spellValue(p.value)} from ${p.source}`)
    .join(', ');

/** Where the facts came from, and how old they were when they were judged. */
function provenance(line: GuardrailLine, at: string): string {
  const said = [line.source ?? '', ageOf(line, at)].filter((part) => part !== '');
  return said.length === 0 ? '' : ` from ${said.join(', ')}`;
}

type Words = { readonly [T in EventType]: (entry: Extract<LogEntry, { type: T }>) => string };

const words: Words = {
  'run-proposed': ({ data }) => {
    const { runbook, incident, ci, reason, resumes } = data;
    const rest = resumes
      ? `; continues run ${resumes.runId} from ${resumes.from} on, not again: ${resumes.done.join(', ') || 'nothing'}`
      : '';
    return `${runbook.id} ${runbook.version} (${runbook.hash.slice(0, 12)}) for ${incident.number} on ${ci.name}, ${reason}${rest}`;
  },
  'guardrails-evaluated': ({ data, at }) => {
    const lines = data.lines.map(
      (line) => `${line.guardrail} ${line.effect} (${line.reason})${provenance(line, at)}`,
    );
    return `at ${data.stage}: ${data.effect}; ${lines.join('; ')}`;
  },
  'owner-asked': ({ data }) => `${data.owner.name} was asked whether it is theirs`,
  'ownership-answered': ({ data }) =>
    `it is ${data.mine ? '' : 'not '}theirs${data.reason && `: ${data.reason}`}`,
  'parameters-confirmed': values,
  'parameters-resolved': values,
  'parameters-narrowed': values,
  'approval-requested': ({ data, at }) => {
    const { digest, revision, changes, phase, notBefore } = data;
    const what = `${phase === 'rollback' ? 'the rollback of ' : ''}plan ${revision} (${digest.slice(0, 12)})`;
    const again = changes.length > 0 ? `, because ${changes.join('; ')}` : '';
    const later = notBefore === undefined ? '' : `, to start at ${notBefore}`;
    const { requirements, expiresAt } = askedOf(data, at);
    return `${what} needs ${spellNeeded(requirements)} until ${expiresAt}${later}${again}`;
  },
  'auto-approved': ({ data }) =>
    `plan ${data.revision} (${data.digest.slice(0, 12)}) by rule ${data.rule} of ${data.owner}`,
  'vote-cast': ({ data }) => {
    const { verb, revision, digest, reason, groups, card, standsInFor } = data;
    const as = groups === undefined ? '' : ` as ${groups.join(' and ')}`;
    const instead = standsInFor === undefined ? '' : ` in place of ${standsInFor.name}`;
    const seen = card === undefined ? '' : `, card ${card.slice(0, 12)}`;
    return `${verb} plan ${revision} (${digest.slice(0, 12)})${as}${instead}${seen}${reason === '' ? '' : `: ${reason}`}`;
  },
  'command-refused': ({ data }) => `${data.command} refused: ${data.code}`,
  'dispatch-waiting': ({ data }) => `waits for run ${data.holder}`,
  'step-started': ({ data }) => `${data.phase} ${data.step}, execution ${data.executionId}`,
  'step-launched': ({ data }) => `${data.step} is ${data.externalId} at the target`,
  'step-finished': ({ data }) => {
    const { phase, step, result, detail, evidence, artifacts = [], baseline, hosts = [] } = data;
    const kept = evidence ? `; log ${evidence.bytes} bytes, sha256 ${evidence.sha256}` : '';
    const left = artifacts.map(({ name, bytes, sha256: hash }) => `; ${name} ${bytes} bytes, sha256 ${hash}`);
    const then = baseline ? `; before the run: ${baseline.summary}, sha256 ${baseline.evidence.sha256}` : '';
    const each = hosts.length === 0 ? '' : `; ${hosts.map(spellHost).join(', ')}`;
    return `${phase} ${step} ${result}: ${detail}${each}${kept}${left.join('')}${then}`;
  },
  'cancel-requested': ({ data }) => data.reason,
  'incident-changed': ({ data }) => `${data.reason}; what has started goes on`,
  'approval-reminded': ({ data }) => `plan ${data.revision}, reminder ${data.count}`,
  'approval-escalated': ({ data }) => `plan ${data.revision}, now ${data.group} as well`,
  'glass-broken': ({ data }) => {
    const { revision, digest, reason, overridden, reviewGroup, reviewBy } = data;
    const past = overridden.length === 0 ? '' : `, past ${overridden.join(', ')}`;
    return `plan ${revision} (${digest.slice(0, 12)}) alone${past}: ${reason}; to be reviewed by ${reviewGroup} until ${reviewBy}`;
  },
  'review-overdue': ({ data }) => `nobody reviewed it until ${data.reviewBy}`,
  'run-reviewed': ({ data }) => `${data.verdict}: ${data.note}`,
  'outcome-settled': ({ data }) => `${data.step}: ${data.word}, ${data.reason}`,
  'run-continued': ({ data }) => `by run ${data.runId}`,
  'dispatch-postponed': ({ data }) =>
    `${data.reason}${data.until === undefined ? '' : `, until ${data.until}`}`,
  'dispatch-stopped': ({ data }) => data.reason,
  'dispatch-resumed': ({ data }) => data.reason,
  'vote-delegated': ({ data }) => `${data.from.name} to ${data.to.name} until ${data.until}: ${data.reason}`,
  'delegation-ended': ({ data }) => data.from.name,
  'run-closed': ({ data }) => `${data.outcome}: ${data.reason}`,
  'card-posted': ({ data }) => `in ${data.conversation}`,
  reported: ({ data: { key, note, left = '' } }) =>
    [key, ...[note, left].filter((said) => said !== '')].join(': '),
};
