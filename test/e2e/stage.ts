import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readWorld } from '../../src/sandbox/incident.ts';
import type { WorldInfo } from '../../src/sandbox/kept.ts';
import { connectPlayground, type PlaygroundClient } from '../../src/sandbox/playground/client.ts';
import { type OpenBrowser, openBrowser } from './browser.ts';
import { freePort, handrail, type Started, startScript, stop } from './processes.ts';
import { type ServiceNow, serviceNowOf } from './servicenow.ts';
import { type TeamsPage, teamsPage } from './teams-page.ts';

/** Everything of one `npm start`, and the ways in. What a restart changes is read anew at each use. */
export type Stage = {
  readonly data: string;
  /** Base address of the bot. */
  readonly bot: string;
  /** Where the bot's answers go, in the form Teams calls a service URL. */
  readonly serviceUrl: string;
  /** What the processes print. */
  readonly log: string;
  readonly page: TeamsPage;
  readonly info: WorldInfo;
  /** The Agents Playground without the page, for the people who are not Olivia. */
  readonly client: PlaygroundClient;
  readonly serviceNow: ServiceNow;
  /** `npm run incident -- <name>`; answers the number. */
  incident(name: string): Promise<string>;
  /** HTTP status of a page of the web site. */
  site(path: string): Promise<number>;
  /** Ends everything as Ctrl-C does, starts it again on the same data, and reloads the page. */
  restart(): Promise<void>;
  /** Ends everything; the data stay when `keep` is set. */
  close(keep: boolean): Promise<void>;
};

type Running = Started & {
  readonly info: WorldInfo;
  readonly client: PlaygroundClient;
  readonly serviceNow: ServiceNow;
  readonly url: string;
};

/** Starts what `npm start` starts, on own ports and in an own data folder, and opens its page in a browser. */
export async function openStage(scale?: number): Promise<Stage> {
  const data = mkdtempSync(path.join(tmpdir(), 'handrail e2e '));
  const log = path.join(data, 'output.txt');
  const env = {
    HANDRAIL_DATA: data,
    NO_OPEN: '1',
    PORT: String(await freePort()),
    PLAYGROUND_PORT: String(await freePort()),
  };
  const [started, window] = await Promise.allSettled([start(env, data, log), openBrowser(scale)]);
  if (started.status === 'rejected' || window.status === 'rejected') {
    if (started.status === 'fulfilled') await end(started.value);
    if (window.status === 'fulfilled') await window.value.browser.close();
    throw started.status === 'rejected' ? started.reason : (window as PromiseRejectedResult).reason;
  }
  return stageOf(env, data, log, started.value, window.value);
}

async function stageOf(
  env: Readonly<Record<string, string>>,
  data: string,
  log: string,
  started: Running,
  { browser, page: tab }: OpenBrowser,
): Promise<Stage> {
  let running = started;
  const page = teamsPage(tab);
  await page.open(running.url);
  return {
    data,
    bot: `http://127.0.0.1:${env['PORT']}`,
    serviceUrl: `${started.url}/_connector`,
    log,
    page,
    get info() {
      return running.info;
    },
    get client() {
      return running.client;
    },
    get serviceNow() {
      return running.serviceNow;
    },
    async incident(name) {
      const [number] = /INC\d+/.exec(await handrail(data, 'incident', name)) ?? [];
      if (number === undefined) throw new Error(`the incident ${name} got no number`);
      return number;
    },
    async site(where) {
      return (await fetch(`${running.info.site}${where}`, { signal: AbortSignal.timeout(20_000) })).status;
    },
    async restart() {
      await end(running);
      running = await start(env, data, log);
      await page.open(running.url);
    },
    async close(keep) {
      await browser.close();
      await end(running);
      if (!keep) rmSync(data, { recursive: true, force: true });
    },
  };
}

async function start(env: Readonly<Record<string, string>>, data: string, log: string): Promise<Running> {
  const started = await startScript('src/sandbox/start.ts', env, log, 'Ctrl-C ends everything');
  const url = `http://localhost:${env['PLAYGROUND_PORT']}`;
  const info = readWorld(path.join(data, 'sandbox'));
  const client = await connectPlayground(url);
  return { ...started, info, client, serviceNow: serviceNowOf(info), url };
}

async function end({ child, client }: Running): Promise<void> {
  client.close();
  await stop(child);
}
