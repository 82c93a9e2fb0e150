import type { LogEntry } from './events.ts';
import { nameOf } from './people.ts';

/** The record of a run for a person: one line an event, in order. What the log holds beyond this is in its JSON. */
export const recordLines = (entries: readonly LogEntry[]): string[] =>
  entries.map((entry) => {
    const head = `#${String(entry.seq).padStart(3, '0')} ${entry.at} ${entry.type.padEnd(20)} ${nameOf(entry.actor)}`;
    const from = entry.origin.activity === '' ? '' : ` [message ${entry.origin.activity}]`;
    return `${head}: ${what(entry)}${from}`;
  });

/** What an event says, in words. */
function what(entry: LogEntry): string {
  switch (entry.type) {
    case 'run-proposed': {
      const { runbook, incident, ci, reason } = entry.data;
      return `${runbook.id} ${runbook.version} (${runbook.hash.slice(0, 12)}) for ${incident.number} on ${ci.name}, ${reason}`;
    }
    case 'guardrails-evaluated': {
      const lines = entry.data.lines.map((line) => `${line.guardrail} ${line.effect} (${line.reason})`);
      return `at ${entry.data.stage}: ${entry.data.effect}; ${lines.join('; ')}`;
    }
    case 'parameters-confirmed':
    case 'parameters-resolved':
      return entry.data.parameters.map((p) => `${p.name}=${String(p.value)} from ${p.source}`).join(', ');
    case 'approval-requested': {
      const { group, quorum, expiresAt, digest, revision, changes } = entry.data;
      const again = changes.length > 0 ? `, because ${changes.join('; ')}` : '';
      return `plan ${revision} (${digest.slice(0, 12)}) needs ${quorum} of ${group} until ${expiresAt}${again}`;
    }
    case 'auto-approved':
      return `plan ${entry.data.revision} (${entry.data.digest.slice(0, 12)}) by rule ${entry.data.rule} of ${entry.data.owner}`;
    case 'vote-cast': {
      const { verb, revision, digest, reason } = entry.data;
      return `${verb} plan ${revision} (${digest.slice(0, 12)})${reason === '' ? '' : `: ${reason}`}`;
    }
    case 'command-refused':
      return `${entry.data.command} refused: ${entry.data.code}`;
    case 'dispatch-waiting':
      return `waits for run ${entry.data.holder}`;
    case 'step-started':
      return `${entry.data.phase} ${entry.data.step}, execution ${entry.data.executionId}`;
    case 'step-launched':
      return `${entry.data.step} is ${entry.data.externalId} at the target`;
    case 'step-finished': {
      const { phase, step, result, detail, evidence } = entry.data;
      const kept = evidence ? `; log ${evidence.bytes} bytes, sha256 ${evidence.sha256}` : '';
      return `${phase} ${step} ${result}: ${detail}${kept}`;
    }
    case 'cancel-requested':
      return entry.data.reason;
    case 'run-closed':
      return `${entry.data.outcome}: ${entry.data.reason}`;
    case 'card-posted':
      return `in ${entry.data.conversation}`;
    case 'reported':
      return entry.data.note === '' ? entry.data.key : `${entry.data.key}: ${entry.data.note}`;
  }
}
