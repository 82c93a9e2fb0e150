import { z } from 'zod';
import {
  type Answer,
  type Ask,
  type Handler,
  type Routes,
  type Running,
  startLoopback,
} from '../ops-api/loopback.ts';
import { type Account, access } from './access.ts';
import { openJobStore } from './job-store.ts';
import { resources } from './resources.ts';
import { detail } from './rows.ts';
import { type Disturbance, jobRunner } from './runner.ts';
import { type JobTemplate, templateTable, type WorkflowTemplate } from './templates.ts';

export type AwxOptions = Account & {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly jobTemplates: readonly JobTemplate[];
  readonly workflowTemplates?: readonly WorkflowTemplate[];
  /** JSON lines; with it jobs and their output survive a restart. */
  readonly stateFile?: string;
  /** `gateway`: as behind the gateway of Automation Platform 2.5, which serves `/api/controller/v2` only. */
  readonly product?: 'awx' | 'gateway';
  /** Above it output can only be downloaded. */
  readonly maxStdoutBytes?: number;
};
export type RunningAwx = Running & {
  /** Changes what goes wrong; what is not named stays as it is. */
  disturb(change: Partial<Disturbance>): void;
};

const calm: Disturbance = { stuckPending: false, zeroHosts: false, ignore: [], eventsLate: false };
const Change = z
  .strictObject({
    stuckPending: z.boolean(),
    zeroHosts: z.boolean(),
    ignore: z.array(z.string()),
    eventsLate: z.boolean(),
  })
  .partial();
const version = '24.6.1';

/**
 * A simulated AWX (24.6.1): templates with surveys and prompts, jobs that run the playbooks of the table, workflows, and
 * the traps of the real one. `PUT /__awx/disturbance` changes what goes wrong; faults of HTTP come as for the other
 * sandbox servers.
 */
export async function startAwx(options: AwxOptions): Promise<RunningAwx> {
  let disturbance = calm;
  const store = openJobStore(options.stateFile);
  const templates = templateTable(options.jobTemplates, options.workflowTemplates ?? []);
  const runner = jobRunner(store, templates, () => disturbance);
  const disturb = (change: Partial<Disturbance>) => {
    disturbance = { ...disturbance, ...change };
    runner.lookAgain();
  };
  const root = options.product === 'gateway' ? '/api/controller/v2' : '/api/v2';
  const user = access(options);
  const awx = {
    store,
    runner,
    templates,
    disturbance: () => disturbance,
    maxStdoutBytes: options.maxStdoutBytes ?? 1_048_576,
  };
  const guarded = Object.entries(resources(awx, root)).map(([key, handler]) => [key, user.guarded(handler)]);
  const routes: Routes = {
    'PUT /__awx/disturbance': (ask) => {
      const change = Change.safeParse(ask.json);
      if (ask.headers['content-type'] !== 'application/json' || !change.success)
        return detail(400, 'no such disturbance');
      disturb(change.data as Partial<Disturbance>);
      return { status: 204 };
    },
    [`GET ${root}/ping/`]: () => ping(disturbance),
    'GET /api/': () => ({ status: 200, json: apiRoot(options.product) }),
    ...(Object.fromEntries(guarded) as Routes),
    [`POST ${root}/tokens/`]: user.guarded(user.issue),
    [`DELETE ${root}/tokens/:id/`]: user.guarded(user.revoke),
    'GET /api/*': lost,
    'POST /api/*': lost,
  };
  const server = await startLoopback(labelled(routes), options.port);
  return {
    url: server.url,
    disturb,
    async close() {
      await server.close();
      await runner.close();
      store.close();
    },
  };
}

/** Django redirects to the address with a slash at the end; it loses the body of a POST by that, so it refuses one. */
const lost: Handler = (ask: Ask): Answer => {
  if (ask.path.endsWith('/')) return detail(404, 'The requested resource could not be found.');
  if (ask.method !== 'GET')
    return { status: 500, headers: { 'content-type': 'text/html' }, text: '<h1>Server Error (500)</h1>' };
  const query = ask.query.size === 0 ? '' : `?${ask.query}`;
  return { status: 301, headers: { location: `${ask.path}/${query}`, 'content-type': 'text/html' } };
};

const apiRoot = (product: AwxOptions['product']) =>
  product === 'gateway'
    ? {
        description: 'AAP gateway REST API',
        apis: { gateway: '/api/gateway/', controller: '/api/controller/' },
      }
    : { description: 'AWX REST API', current_version: '/api/v2/', available_versions: { v2: '/api/v2/' } };

const ping = ({ stuckPending }: Disturbance): Answer => {
  const capacity = stuckPending ? 0 : 57;
  const node = {
    node: 'awx-task',
    node_type: 'control',
    uuid: '00000000-0000-0000-0000-000000000000',
    capacity,
    version,
  };
  return {
    status: 200,
    json: {
      ha: false,
      version,
      active_node: 'awx-web',
      install_uuid: 'b1a5d5f4-4a0a-4d7a-9a3e-0c2f7e4a9d10',
      instances: [{ ...node, heartbeat: new Date().toISOString() }],
      instance_groups: [{ name: 'default', capacity, instances: ['awx-task'] }],
    },
  };
};

/** Clients tell by these headers what they talk to. */
function labelled(routes: Routes): Routes {
  const labels = { 'x-api-product-name': 'AWX', 'x-api-product-version': version, 'x-api-node': 'awx-web' };
  return Object.fromEntries(
    Object.entries(routes).map(([key, handler]) => [
      key,
      async (ask: Ask) => {
        const answer = await handler(ask);
        return { ...answer, headers: { ...labels, ...answer.headers } };
      },
    ]),
  );
}
