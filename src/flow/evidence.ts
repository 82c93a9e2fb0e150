import { messageOf } from '../domain/errors.ts';
import type { Evidence } from '../domain/events.ts';
import { sha256 } from '../domain/json.ts';
import type { Target } from '../ports.ts';
import type { Deps } from './deps.ts';

const TAIL_LINES = 8;
const TAIL_CHARACTERS = 1_200;

type LogText = { readonly text: string; readonly truncated: boolean };

/** The target's log, or a sentence saying why there is none: a missing log is no reason to lose the result. */
export async function logOf(deps: Deps, target: Target, externalId: string): Promise<LogText> {
  try {
    return await target.log(externalId);
  } catch (error) {
    deps.report('warn', 'a log could not be read', {
      target: target.name,
      job: externalId,
      why: messageOf(error),
    });
    return { text: `The log could not be read: ${messageOf(error)}`, truncated: true };
  }
}

/** Keeps a log beside the event log; the event carries its hash and size. */
export async function keepEvidence(
  deps: Deps,
  runId: string,
  step: string,
  { text: raw, truncated }: LogText,
): Promise<Evidence | undefined> {
  if (raw === '') return undefined;
  // half a character at a cut would be refused by the log
  const text = raw.toWellFormed();
  const pk = `evidence:${runId}`;
  const at = deps.clock.now().toISOString();
  await deps.state.put({ pk, id: step, kind: 'evidence', k: `${at}|${runId}|${step}`, body: text }, 'any');
  return describe(text, truncated, `${pk}/${step}`);
}

const describe = (text: string, truncated: boolean, ref: string): Evidence => ({
  sha256: sha256(text),
  bytes: new TextEncoder().encode(text).length,
  truncated,
  ref,
  tail: text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS).toWellFormed(),
});

/** What was kept whole of a run under a name, though no event speaks of it yet; undefined when nothing was. */
export async function evidenceUnder(
  deps: Deps,
  runId: string,
  name: string,
): Promise<{ readonly text: string; readonly evidence: Evidence } | undefined> {
  const ref = `evidence:${runId}/${name}`;
  const text = await readEvidence(deps, ref);
  return text === undefined ? undefined : { text, evidence: describe(text, false, ref) };
}

/** The text kept under a reference, or undefined when it is gone. */
export async function readEvidence(deps: Deps, ref: string): Promise<string | undefined> {
  const slash = ref.lastIndexOf('/');
  const stored = await deps.state.get(ref.slice(0, slash), ref.slice(slash + 1));
  return stored === undefined ? undefined : String(stored.item.body);
}
