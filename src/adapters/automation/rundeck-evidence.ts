import { z } from 'zod';
import type { Artifact } from '../../ports.ts';
import { parseJson } from './http.ts';
import { errorCodeOf, type RundeckApi } from './rundeck-api.ts';
import { executionChain } from './rundeck-execution.ts';

const State = z.looseObject({ executionState: z.string() });

/** What an execution left: which nodes succeeded, and how each step ended on each node, as far as Rundeck tells. */
export async function executionArtifacts(api: RundeckApi, id: number): Promise<readonly Artifact[]> {
  const chain = await executionChain(api, id);
  const nodes = chain.map(({ id: execution, status, successfulNodes, failedNodes }) => ({
    execution,
    status,
    successfulNodes,
    failedNodes,
  }));
  const last = chain.at(-1)?.id ?? id;
  const answer = await api.read(`/execution/${last}/state`, `the steps of execution ${last}`);
  const state = State.safeParse(parseJson(answer.text)).data;
  const files = [jsonFile(api, 'nodes.json', nodes)];
  return answer.status === 200 && state !== undefined
    ? [...files, jsonFile(api, 'steps.json', state)]
    : files;
}

const jsonFile = (api: RundeckApi, name: string, content: unknown): Artifact => ({
  name,
  type: 'application/json',
  bytes: Buffer.from(api.mask(JSON.stringify(content, null, 2))),
});

const Mode = z.object({ executionMode: z.string() });
type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Up, running executions, and our token is taken. A token that may not ask for the mode is let in all the same. */
export async function rundeckHealth(api: RundeckApi): Promise<Health> {
  const answer = await api.read('/system/executions/status', 'the execution mode');
  const code = errorCodeOf(answer);
  if (code === 'unauthorized') return { ok: false, why: `${api.name} does not accept our token (any more)` };
  if (answer.status === 403 && code === 'api.error.item.unauthorized') return { ok: true };
  if (code === 'api.error.api-version.unsupported')
    return { ok: false, why: `${api.name} is too old for the API version asked for` };
  const mode = Mode.safeParse(parseJson(answer.text)).data?.executionMode;
  if (answer.status !== 200 || mode === undefined)
    return { ok: false, why: `${api.name} answered ${answer.status} when asked for its execution mode` };
  return mode === 'active'
    ? { ok: true }
    : { ok: false, why: `${api.name} is up, but in ${mode} mode: it runs no executions` };
}
