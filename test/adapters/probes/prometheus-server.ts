import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { httpServer } from './http-server.ts';

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The `prometheus` on PATH; undefined when there is none. */
export const prometheusBinary = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'prometheus'))
  .find(isProgram);

export const howToInstall = 'install prometheus (Debian: apt-get install --no-install-recommends prometheus)';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real Prometheus that scrapes `exposed()` (text exposition format) each second. */
export async function startPrometheus(binary: string, exposed: () => string) {
  const exporter = await httpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposed());
  });
  const folder = mkdtempSync(join(tmpdir(), 'handrail-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const target = new URL(exporter.url).host;
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '900ms' },
      scrape_configs: [{ job_name: 'world', static_configs: [{ targets: [target] }] }],
    }),
  );
  const port = await freePort();
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const server = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  });
  const url = `http://127.0.0.1:${port}`;
  const value = async (query: string): Promise<string | undefined> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as { data?: { result: { value: [number, string] }[] } };
    return data?.result[0]?.value[1];
  };
  return {
    url,
    /** Waits until a query gives this value. */
    async until(query: string, wanted: string): Promise<void> {
      for (;;) {
        if (server.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
        if ((await value(query).catch(() => undefined)) === wanted) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async stop(): Promise<void> {
      exporter.close();
      if (server.exitCode === null) {
        server.kill();
        await once(server, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
