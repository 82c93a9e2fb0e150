import { messageOf } from '../domain/errors.ts';
import type { KeptFile } from '../domain/events.ts';
import { sha256 } from '../domain/json.ts';
import { codeOf, type Run } from '../domain/run.ts';
import type { Artifact, Target } from '../ports.ts';
import type { Deps } from './deps.ts';
import { within } from './within.ts';

/** So long a target may take to hand over what a job left. */
const PATIENCE_MS = 30_000;
const MOST_FILES = 25;
/** Of a longer file the beginning is kept: as base64 it has to fit into one item of every store. */
const MOST_BYTES = 1_000_000;
/** Of a longer name, as a path in a workspace may be, the end is kept. */
const LONGEST_NAME = 100;

/** What was kept, and a sentence about what was not; '' when there is nothing to say. */
type Kept = { readonly files: readonly KeptFile[]; readonly missing: string };

/** Keeps what a job left besides its log. What cannot be read is told, and changes nothing of the job's result. */
export async function keepArtifacts(
  deps: Deps,
  runId: string,
  target: Target,
  externalId: string,
): Promise<Kept> {
  const found = await artifactsOf(deps, target, externalId);
  if (typeof found === 'string') return { files: [], missing: found };
  const files: KeptFile[] = [];
  const some = found.filter(({ bytes }) => bytes.length > 0);
  for (const artifact of some.slice(0, MOST_FILES)) files.push(await keepFile(deps, runId, artifact));
  const more = some.length - files.length;
  return { files, missing: more > 0 ? `${more} more files it left behind were not kept` : '' };
}

async function artifactsOf(
  deps: Deps,
  target: Target,
  externalId: string,
): Promise<readonly Artifact[] | string> {
  if (target.artifacts === undefined) return [];
  try {
    return await within(PATIENCE_MS, target.artifacts(externalId));
  } catch (error) {
    const why = messageOf(error);
    deps.report('warn', 'what a job left could not be read', { target: target.name, job: externalId, why });
    return `what it left behind could not be read: ${why}`;
  }
}

/** A file is found by its content, so keeping it again after a crash changes nothing. */
async function keepFile(deps: Deps, runId: string, { name, type, bytes }: Artifact): Promise<KeptFile> {
  const kept = Buffer.from(bytes.subarray(0, MOST_BYTES));
  const hash = sha256(kept);
  const pk = `evidence:${runId}`;
  const k = `${deps.clock.now().toISOString()}|${runId}|${hash}`;
  await deps.state.put({ pk, id: hash, kind: 'evidence', k, body: kept.toString('base64') }, 'any');
  const truncated = kept.length < bytes.length;
  return { name, type, sha256: hash, bytes: kept.length, truncated, ref: `${pk}/${hash}` };
}

/** Attaches a kept file to the run's incident. Answers '' when it is there, else why it never can be. */
export async function attachFile(deps: Deps, run: Run, step: string, file: KeptFile): Promise<string> {
  const bytes = await readFile(deps, file);
  if (bytes === undefined) return 'not delivered: the file is gone, or it is not the one that was kept';
  const plain = file.name.replaceAll(/[^\w.-]+/g, '-').slice(-LONGEST_NAME);
  const name = `handrail-${codeOf(run.runId)}-${step}-${plain}`;
  const sysId = run.proposal?.incident.sysId ?? '';
  await deps.itsm.attach({ sysId, name, type: file.type, bytes });
  return '';
}

/** The file kept under a reference; undefined when it is gone, or is not the one whose hash is in the log. */
async function readFile(
  deps: Deps,
  { ref, sha256: hash }: Pick<KeptFile, 'ref' | 'sha256'>,
): Promise<Uint8Array | undefined> {
  const slash = ref.lastIndexOf('/');
  const stored = await deps.state.get(ref.slice(0, slash), ref.slice(slash + 1));
  if (stored === undefined) return undefined;
  const bytes = Buffer.from(String(stored.item.body), 'base64');
  return sha256(bytes) === hash ? bytes : undefined;
}
