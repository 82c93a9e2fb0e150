import { codeOf, type Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { readEvidence } from './evidence.ts';
import { loadRun } from './load-run.ts';

/** Attaches the diagnostics of earlier runs as one file, oldest first: what a person needs to find the cause. */
export async function attachSeries(
  deps: Deps,
  run: Run,
  sysId: string,
  runIds: readonly string[],
): Promise<string> {
  const parts = await Promise.all([...runIds].reverse().map((runId) => diagnosticsOf(deps, runId)));
  const text = parts.flat().join('\n');
  if (text === '') return 'not delivered: the earlier runs left no diagnostics';
  const name = `handrail-${codeOf(run.runId)}-series.log`;
  await deps.itsm.attach({ sysId, name, type: 'text/plain', bytes: new TextEncoder().encode(text) });
  return '';
}

async function diagnosticsOf(deps: Deps, runId: string): Promise<string[]> {
  const run = await loadRun(deps, runId);
  const steps = run.steps.filter(({ phase, evidence }) => phase === 'diagnostics' && evidence !== undefined);
  return Promise.all(
    steps.map(async ({ id, startedAt, evidence }) => {
      const text = await readEvidence(deps, evidence?.ref ?? '');
      const head = `=== run ${codeOf(runId)}, ${run.proposal?.incident.number}, ${id}, ${startedAt}`;
      return `${head}\n${text ?? `(the log is gone; its sha256 was ${evidence?.sha256})`}`;
    }),
  );
}
