import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playgroundWorld } from '../../src/sandbox/people.ts';
import { startWorld, type World } from '../../src/sandbox/world.ts';
import { type Bot, startBot } from './bot.ts';
import { type Kind, outside, type Raised } from './incidents.ts';
import { type Point, type Side, trigger, type Victim } from './points.ts';
import { problemsOf } from './problems.ts';
import { isSettled } from './records.ts';
import { killServer, serverOf } from './server.ts';
import { fakeTeams, type Teams } from './teams.ts';
import { type Wire, wire } from './wire.ts';

export type EngineKind = 'local' | 'restate';

/** How an incident's run went: whether the point was reached, how many lives it took, and what is wrong with its traces. */
export type Passage = {
  readonly incident: Raised;
  readonly fired: boolean;
  readonly lives: number;
  readonly outcome: string;
  readonly problems: readonly string[];
};

/** A world of its own with a bot in it, that can be killed and is started again. */
export type Stage = {
  /** Kills at the point. Only one point is armed at a time. */
  arm(point: Point, victim: Victim): Promise<void>;
  /** Raises an incident and sees it through: approves it when asked, starts the bot again whenever it is gone. */
  pass(kind: Kind): Promise<Passage>;
  /** Kills right now, whatever is going on. */
  kill(victim: Victim): Promise<void>;
  /** Everything seen since the last call, in order: a request by its label, a transaction by those of its items. */
  trail(): (readonly string[])[];
  readonly environment: Readonly<Record<string, string>>;
  readonly data: string;
  close(): Promise<void>;
};

/** A run that has not ended by then is lost. */
const lostAfterMs = 120_000;
const lookEveryMs = 100;
const pause = (): Promise<void> => new Promise((wake) => setTimeout(wake, lookEveryMs));

export async function openStage(engine: EngineKind): Promise<Stage> {
  // short, for a Restate server's unix sockets lie below it
  const dir = mkdtempSync(join(tmpdir(), 'hc-'));
  const data = join(dir, 'd');
  const file = join(data, 'handrail.db');
  const seen: (readonly string[])[] = [];
  let bot: Bot | undefined;
  let url: string | undefined;
  let deaths = 0;
  let fired = false;
  let reached: ReturnType<typeof trigger> = () => false;
  let doomed: Victim = 'bot';

  async function kill(victim: Victim): Promise<void> {
    if (victim !== 'bot') killServer(data);
    if (victim !== 'server') await bot?.kill();
  }
  const watch = async (label: string, side: Side): Promise<boolean> => {
    if (side === 'before') seen.push([label]);
    if (!reached(label, side)) return false;
    fired = true;
    await kill(doomed);
    return doomed !== 'server';
  };

  const front = await wire('handrail', () => url, watch);
  const world = await startWorld({
    directory: join(dir, 'sandbox'),
    eventsUrl: `${front.url}/api/servicenow/events`,
  });
  const teams = await fakeTeams();
  const wires = await wiresOf(world, teams, watch);
  const environment = {
    ...world.environment,
    ...environmentOf(wires),
    HANDRAIL_ENGINE: engine,
    HANDRAIL_RUNBOOKS: quickRunbooks(dir),
  };
  const api = outside(world, (pool) => `${wires.site.url}/${pool}/health`);

  /** Sees to it that a bot runs: several runs may find it gone at the same time. */
  async function start(): Promise<void> {
    if (bot !== undefined) return;
    const stored = (labels: readonly string[]): void => void seen.push(labels);
    const started = startBot({ data, environment, stored, fired: () => (fired = true) });
    bot = started;
    void started.gone.then(() => {
      deaths += 1;
      bot = undefined;
      url = undefined;
    });
    url = await started.ready;
  }
  async function post(activity: object): Promise<boolean> {
    const answered = await fetch(`${front.url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(activity),
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined);
    return answered?.ok === true;
  }

  await start();
  await post(teams.installed(wires.teams.url));

  /** Until the run is settled. Whoever is asked approves; whose click is lost, or asked again, clicks again. */
  async function live({ number }: Raised): Promise<boolean> {
    const until = performance.now() + lostAfterMs;
    let clicked = '';
    while (performance.now() < until) {
      if (bot === undefined) await start().catch(() => undefined);
      if (url !== undefined && isSettled(file, number)) return true;
      const offer = url === undefined ? undefined : teams.offer(number);
      const click = offer && `${deaths} ${offer.activity} ${offer.revision}`;
      if (offer && clicked !== click && (await post(teams.approval(wires.teams.url, offer))))
        clicked = click ?? '';
      await pause();
    }
    return false;
  }

  return {
    environment,
    data,
    kill,
    trail: () => seen.splice(0),
    async arm(point, victim) {
      fired = false;
      doomed = victim;
      reached = trigger(point);
      const server = victim === 'bot' ? undefined : serverOf(data);
      const self = victim === 'server' || bot === undefined ? [] : [bot.pid];
      await bot?.arm({ point, kill: [...(server === undefined ? [] : [server]), ...self] });
    },
    async pass(kind) {
      const alive = deaths;
      const incident = await api.raise(kind);
      const lost = (await live(incident)) ? [] : [`lost in ${lostAfterMs} ms:\n${bot?.lastWords()}`];
      const died = deaths - alive;
      const journal = join(dir, 'sandbox', 'ops.jsonl');
      const found = await problemsOf({ kind, incident, file, journal, api, teams, deaths: died });
      const problems = [...lost, ...found.problems];
      return { incident, fired: fired || died > 0, lives: died + 1, outcome: found.outcome, problems };
    },
    async close() {
      await kill('both');
      await Promise.all([front, ...Object.values(wires)].map((one) => one.close()));
      await teams.close();
      await world.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type Wires = Readonly<Record<'ops' | 'servicenow' | 'teams' | 'graph' | 'site', Wire>>;

async function wiresOf({ info }: World, teams: Teams, watch: Parameters<typeof wire>[2]): Promise<Wires> {
  const to = (name: string, url: string) => wire(name, () => url, watch);
  return {
    ops: await to('ops', info.ops),
    servicenow: await to('servicenow', info.servicenow),
    teams: await to('teams', teams.url),
    graph: await to('graph', info.graph),
    site: await to('site', info.site),
  };
}

const environmentOf = (wires: Wires): Record<string, string> => ({
  OPS_API_URL: wires.ops.url,
  AWX_URL: 'http://127.0.0.1:9',
  AWX_TOKEN: 'nobody-is-there',
  JENKINS_URL: 'http://127.0.0.1:9',
  JENKINS_USER: 'nobody',
  JENKINS_TOKEN: 'nobody-is-there',
  SERVICENOW_URL: wires.servicenow.url,
  GRAPH_URL: wires.graph.url,
  TEAMS_SERVICE_URL: wires.teams.url,
  PROBE_HOSTS: new URL(wires.site.url).host,
  MICROSOFT_APP_ID: playgroundWorld.bot.id.replace('28:', ''),
});

/** The runbooks as they are, but for the pace of their health checks, and with room for all the runs of a storm. */
function quickRunbooks(dir: string): string {
  const copy = join(dir, 'runbooks');
  cpSync(fileURLToPath(new URL('../../runbooks', import.meta.url)), copy, { recursive: true });
  const file = join(copy, 'iis-app-pool-recycle.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('every: 500ms', 'every: 150ms'));
  const policy = join(copy, 'policy.yaml');
  writeFileSync(policy, readFileSync(policy, 'utf8').replace(/^ {2}per(Hour|RunbookPerHour): \d+\n/gm, ''));
  return copy;
}
