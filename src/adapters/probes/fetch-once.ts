import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';

const maxBodyBytes = 65_536;

// A new connection each time: an open one says nothing about whether the service still accepts them.
const agents = {
  httpAgent: new HttpAgent({ keepAlive: false }),
  httpsAgent: new HttpsAgent({ keepAlive: false }),
};

export type Fetched =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | { readonly ok: false; readonly status: number; readonly why: string };

/**
 * One GET: no redirects, no proxy from the environment, no credentials, certificates verified. With `wantBody` the first
 * 64 kB are read. The whole exchange has to fit into `withinMs`.
 */
export async function fetchOnce(url: URL, withinMs: number, wantBody: boolean): Promise<Fetched> {
  const signal = AbortSignal.timeout(withinMs);
  let status = 0;
  try {
    const response = await axios.request<Readable>({
      url: url.href,
      method: 'GET',
      headers: { accept: '*/*', 'user-agent': 'handrail-probe', 'cache-control': 'no-cache' },
      responseType: 'stream',
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
      signal,
      ...agents,
    });
    status = response.status;
    const body = wantBody ? await firstBytes(response.data) : '';
    response.data.destroy();
    return { ok: true, status, body };
  } catch (error) {
    if (signal.aborted) return { ok: false, status, why: `no full answer within ${withinMs} ms` };
    const code = axios.isAxiosError(error) ? error.code : undefined;
    return { ok: false, status, why: `the connection failed (${code ?? 'broken off'})` };
  }
}

async function firstBytes(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBodyBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8');
}
