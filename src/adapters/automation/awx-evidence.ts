import { z } from 'zod';
import type { Artifact } from '../../ports.ts';
import type { AwxApi } from './awx-api.ts';
import { Job } from './awx-job.ts';
import { type JobId, jobPath } from './awx-job-name.ts';
import { hostSummaries, nodesOf } from './awx-status.ts';
import { parseJson } from './http.ts';

/** What a job left: values of set_stats, and what happened on each host or in each node of a workflow. */
export async function jobArtifacts(api: AwxApi, of: JobId): Promise<readonly Artifact[]> {
  const job = await api.get(`${jobPath(of)}/`, `job ${of.id}`, Job);
  const artifacts = job.artifacts ?? {};
  const happened =
    of.kind === 'job'
      ? jsonFile(api, 'hosts.json', (await hostSummaries(api, of.id)).results)
      : jsonFile(api, 'nodes.json', await nodesOf(api, of.id));
  return Object.keys(artifacts).length === 0
    ? [happened]
    : [jsonFile(api, 'artifacts.json', artifacts), happened];
}

const jsonFile = (api: AwxApi, name: string, content: unknown): Artifact => ({
  name,
  type: 'application/json',
  bytes: Buffer.from(api.mask(JSON.stringify(content, null, 2))),
});

const Ping = z.object({
  instance_groups: z.array(z.object({ capacity: z.number() })).default([]),
  instances: z.array(z.object({ node_type: z.string().default(''), capacity: z.number() })).default([]),
});

type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Up, with capacity to run jobs, and our token is taken. */
export async function awxHealth(api: AwxApi): Promise<Health> {
  const ping = await api.read('/ping/', 'a ping');
  const parsed = Ping.safeParse(parseJson(ping.text));
  if (ping.status !== 200 || !parsed.success)
    return { ok: false, why: `${api.name} answered ${ping.status} to a ping` };
  const { instances, instance_groups } = parsed.data;
  const capacities = [...instances, ...instance_groups].map(({ capacity }) => capacity);
  if (capacities.length > 0 && capacities.every((capacity) => capacity <= 0))
    return { ok: false, why: `${api.name} is up, but has no capacity to run jobs` };
  const me = await api.read('/me/', 'our user');
  if (me.status === 401) return { ok: false, why: `${api.name} does not accept our token (any more)` };
  return me.status === 200
    ? { ok: true }
    : { ok: false, why: `${api.name} answered ${me.status} to our token` };
}
