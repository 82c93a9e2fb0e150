import { Webhook } from 'standardwebhooks';
import { ulid } from 'ulid';
import { teamsBot } from '../../src/adapters/teams/bot.ts';
import type { Command, Reply } from '../../src/domain/commands.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import type { Actor, Person } from '../../src/domain/people.ts';
import { codeOf } from '../../src/domain/run.ts';
import { intake } from '../../src/flow/intake.ts';
import { peopleDesk } from '../../src/flow/people-desk.ts';
import { proposeRun } from '../../src/flow/propose.ts';
import type { Directory } from '../../src/ports.ts';
import { createServer, listen } from '../../src/server.ts';
import { fakeConnector } from '../fakes/connector.ts';
import * as f from '../fakes/domain.ts';
import { outside, startProcess, tempFile } from '../fakes/flow.ts';
import { appId, tenant, testAuthentication } from '../fakes/teams.ts';

/** A tenant that is let in, but whose people decide nothing here. */
export const guests = 'bbbbbbbb-2222-2222-2222-222222222222';
const secret = `whsec_${Buffer.from('doors'.repeat(6)).toString('base64')}`;
const origin = { conversation: 'conv', activity: 'act' };

export const groupNames = [
  'web-operations',
  'web-approvers',
  'commanders',
  'reviewers',
  'admins',
  'deputies',
];
const usually: Readonly<Record<string, readonly string[]>> = {
  olivia: ['web-operations', 'web-approvers'],
  arne: ['web-approvers'],
  mia: ['web-approvers'],
  nadia: ['web-operations', 'web-approvers'],
  cora: ['commanders', 'reviewers'],
  rhea: ['reviewers'],
  ada: ['admins'],
  dora: ['deputies'],
};
const entra = (n: number) => `5b0f3c1e-0000-4000-8000-00000000000${n}`;

export const person = (id: string, of = tenant): Person => ({ kind: 'person', id, name: id, tenant: of });

const policy = (change: Record<string, unknown>) =>
  f.policy({
    groups: Object.fromEntries(groupNames.map((name, n) => [name, { entra: entra(n) }])),
    breakGlass: { groups: ['commanders'], review: { group: 'reviewers' } },
    delegation: { to: 'deputies' },
    admins: 'admins',
    ...change,
  });

export type Setting = {
  readonly policy?: Record<string, unknown>;
  readonly runbook?: Record<string, unknown>;
};
export type Stage = Awaited<ReturnType<typeof openStage>>;

/**
 * The server, the bot, the desk and the flow as main.ts joins them, over a SQLite file, a connector that gives tokens, and
 * a world that writes down what reaches it. A run is proposed by Olivia and waits for an approval.
 */
export async function openStage(setting: Setting = {}) {
  const { file, remove } = tempFile();
  const world = outside();
  world.ci = f.ci();
  const groups: Record<string, readonly string[]> = { ...usually };
  const loaded = f.runbook({ rollback: f.rollbackSteps, ...setting.runbook });
  const catalogue = { runbooks: new Map([['recycle', loaded]]), policy: policy(setting.policy ?? {}) };
  const process = await startProcess(world, file, { tenant, catalogue, directory: directoryOf(groups) });
  const { deps, store } = process;
  const replies: Reply[] = [];
  const submitted = async (runId: string, command: Command) => {
    const reply = await deps.engine.submit(runId, command);
    replies.push(reply);
    return reply;
  };
  const desk = peopleDesk({ ...deps, engine: { ...deps.engine, submit: submitted } });
  const connector = await fakeConnector();
  const bot = teamsBot({
    identity: { mode: 'production', appId, appType: 'SingleTenant', tenantId: tenant, secret: 'unused' },
    tenants: [tenant, guests],
    authentication: testAuthentication(connector.openIdUrl),
    serviceHosts: [new URL(connector.url).host],
    desk,
    store: deps.state,
    clock: deps.clock,
    ids: { ulid: () => ulid() },
    log: () => undefined,
    sleep: async () => undefined,
    deadlineMs: 20_000,
  });
  const server = createServer({
    messages: (req, res) => bot.process(req, res),
    intake: intake(deps),
    webhookSecrets: [secret],
    ready: async () => true,
    report: () => undefined,
  });
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const submit = (by: Actor, command: object, runId = run): Promise<Reply> =>
    deps.engine.submit(runId, { by, origin, ...command } as Command);
  const asked = await proposeRun(deps, {
    incident: world.incident,
    runbook: 'recycle',
    by: person('olivia'),
    origin,
    reason: 'asked for',
    again: false,
  });
  const run = asked.runId;
  return {
    world,
    deps,
    desk,
    replies,
    groups,
    run,
    code: codeOf(run),
    process,
    submit,
    entries: (): Promise<readonly LogEntry[]> => deps.log.read(run),
    launched: () => world.transcript.filter((line) => line.startsWith('launch')),
    /** What the connector was told to say since the last time this was asked. */
    said: () =>
      connector.calls
        .splice(0)
        .map(({ body }) => JSON.stringify(body))
        .join('\n'),
    http: (method: string, path: string, body?: string) =>
      fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { body, headers: json }) }),
    async post(activity: object): Promise<{ status: number; text: string }> {
      const authorization = `Bearer ${await connector.token(appId)}`;
      const body = JSON.stringify({ serviceUrl: connector.url, ...activity });
      const response = await fetch(`${url}/api/messages`, {
        method: 'POST',
        headers: { ...json, authorization },
        body,
      });
      const text = await response.text();
      await bot.settled();
      return { status: response.status, text };
    },
    async event(id: string, more: object = {}): Promise<number> {
      const body = JSON.stringify({ sys_id: world.incident.sysId, sys_mod_count: 1, ...more });
      const at = new Date();
      const headers = {
        ...json,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      };
      const { status } = await fetch(`${url}/api/servicenow/events`, { method: 'POST', headers, body });
      await intake(deps).sweep();
      return status;
    },
    async close(): Promise<void> {
      await bot.settled();
      await new Promise((closed) => server.close(() => closed(undefined)));
      await connector.close();
      await store.close();
      remove();
    },
  };
}

const json = { 'content-type': 'application/json' };

const directoryOf = (groups: Readonly<Record<string, readonly string[]>>): Directory => ({
  memberOf: async (id) => {
    if (groups['nobody answers'] !== undefined) throw new Error('the directory did not answer');
    return (groups[id] ?? []).map((name) => entra(groupNames.indexOf(name)));
  },
  members: async (group) =>
    Object.entries(groups).flatMap(([id, of]) =>
      of.some((name) => entra(groupNames.indexOf(name)) === group) ? [id] : [],
    ),
  person: async (named) => ({ id: named, name: named }),
});
