import { httpServer, json, type Request } from './http-server.ts';

export type AzureWorld = {
  /** Values by the beginning of their minute, ISO; what is not in it is null. */
  values: Map<string, number>;
  /** Minutes after which nothing is known yet. */
  knownUntil: Date;
};

/**
 * Azure Resource Manager as far as a metrics question goes (learn.microsoft.com/rest/api/monitor/metrics/list): one point
 * for each interval of the timespan, without a value where nothing was measured.
 */
export function azureServer(world: AzureWorld, token = 'azure-token') {
  return httpServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, {
        error: { code: 'AuthenticationFailed', message: 'Authentication failed.' },
      });
    const problem = problemOf(request);
    if (problem !== undefined) return json(response, 400, { code: 'BadRequest', message: problem });
    return json(response, 200, answer(request.url, world));
  });
}

function problemOf({ method, url }: Request): string | undefined {
  const question = url.searchParams;
  if (method !== 'GET') return 'Only GET is supported';
  if (!url.pathname.endsWith('/providers/Microsoft.Insights/metrics')) return 'No such resource type';
  if (question.get('api-version') !== '2023-10-01') return 'The api-version is not supported';
  if (question.get('metricnames') !== 'Http5xx')
    return `Failed to find metric configuration for provider: Microsoft.Web, metric: ${question.get('metricnames')}`;
  return /^PT\d+M$/.test(question.get('interval') ?? '') ? undefined : 'Invalid time grain';
}

function answer(url: URL, { values, knownUntil }: AzureWorld): unknown {
  const question = url.searchParams;
  const [from = '', to = ''] = (question.get('timespan') ?? '').split('/');
  const aggregation = question.get('aggregation') ?? '';
  const step = Number(/\d+/.exec(question.get('interval') ?? '')?.[0]) * 60_000;
  const data: Record<string, unknown>[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += step) {
    const timeStamp = new Date(at).toISOString().replace('.000Z', 'Z');
    const value = at < knownUntil.getTime() ? values.get(timeStamp) : undefined;
    data.push({ timeStamp, ...(value === undefined ? {} : { [aggregation]: value }) });
  }
  const resource = url.pathname.replace('/providers/Microsoft.Insights/metrics', '');
  return {
    cost: data.length,
    timespan: question.get('timespan'),
    interval: question.get('interval'),
    value: [
      {
        id: `${resource}/providers/Microsoft.Insights/metrics/Http5xx`,
        type: 'Microsoft.Insights/metrics',
        name: { value: 'Http5xx', localizedValue: 'Http 5xx' },
        displayDescription: 'The count of requests resulting in an HTTP status code of 500 or more.',
        unit: 'Count',
        timeseries: [{ metadatavalues: [], data }],
        errorCode: 'Success',
      },
    ],
    namespace: 'Microsoft.Web/sites',
    resourceregion: 'westeurope',
  };
}
