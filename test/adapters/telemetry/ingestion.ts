import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppInsightsOptions } from '../../../src/adapters/telemetry/app-insights.ts';

export type Envelope = {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: Readonly<Record<string, unknown>> };
};
type HttpClient = NonNullable<AppInsightsOptions['httpClient']>;

/** An ingestion endpoint of Application Insights on loopback, and the way to it: the library itself insists on https. */
export async function startIngestion(answer: (paths: string[]) => number | 'never' = () => 200) {
  const paths: string[] = [];
  const envelopes: Envelope[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      paths.push(`${request.method} ${request.url}`);
      const status = answer(paths);
      if (status === 'never') return;
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as Envelope[];
      if (status === 200) envelopes.push(...sent);
      const body = { itemsReceived: sent.length, itemsAccepted: sent.length, errors: [] };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { method, body, headers } = request;
      const response = await fetch(request.url.replace('https:', 'http:'), {
        method,
        headers: headers.toJSON(),
        body: String(body),
      });
      const bodyAsText = await response.text();
      // of the answer's headers the library reads only retry-after
      return { request, status: response.status, headers: request.headers, bodyAsText };
    },
  };
  return {
    paths,
    envelopes,
    httpClient,
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
