import {
  type Ask,
  type Handler,
  hasToken,
  type Routes,
  type Running,
  startLoopback,
} from '../ops-api/loopback.ts';
import { openJobStore } from './job-store.ts';
import { armError } from './present.ts';
import { resources } from './routes.ts';
import type { AzureRunbook } from './runbooks.ts';
import { jobRunner } from './runner.ts';

export type AzureAutomationOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  /** The token it takes at this moment. */
  readonly token: () => string;
  /** Resource id of the one account it has. */
  readonly account: string;
  readonly runbooks: readonly AzureRunbook[];
  /** JSON lines; with it jobs and their streams survive a restart. */
  readonly stateFile?: string;
  /** `Ok` without it. */
  readonly state?: 'Ok' | 'Suspended' | 'Unavailable';
  /** Records of a list that come at once; 100 without it. */
  readonly pageSize?: number;
};

const versions: readonly string[] = ['2019-06-01', '2022-08-08', '2023-11-01', '2024-10-23'];

/**
 * A simulated Azure Resource Manager with one Automation account (Azure/azure-rest-api-specs, Microsoft.Automation): runbooks
 * whose scripts run for real, jobs by name, streams in pages, and the traps of the real one. Faults of HTTP come as for the
 * other sandbox servers.
 */
export async function startAzureAutomation(options: AzureAutomationOptions): Promise<Running> {
  const { account, runbooks, token, state = 'Ok', pageSize = 100 } = options;
  const store = openJobStore(options.stateFile);
  const runner = jobRunner(store);
  const guarded =
    (handler: Handler): Handler =>
    (ask) =>
      refusalOf(ask, token()) ?? handler(ask);
  const all: Routes = {
    ...resources({ account, runbooks, store, runner, state, pageSize }),
    'GET /subscriptions/*': (ask) => absent(ask, account),
    'PUT /subscriptions/*': (ask) => absent(ask, account),
  };
  const routes = Object.entries(all).map(([key, handler]) => [key, guarded(handler)] as const);
  const server = await startLoopback(Object.fromEntries(routes) as Routes, options.port);
  return {
    url: server.url,
    async close() {
      await server.close();
      await runner.close();
      store.close();
    },
  };
}

function refusalOf(ask: Ask, token: string) {
  if (ask.headers.authorization === undefined)
    return armError(
      401,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
    );
  if (!hasToken(ask, token))
    return armError(401, 'ExpiredAuthenticationToken', 'The access token expiry UTC time is in the past.');
  const version = ask.query.get('api-version');
  if (version === null)
    return armError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  return versions.includes(version)
    ? undefined
    : armError(
        400,
        'InvalidResourceType',
        `The resource type could not be found for api version '${version}'.`,
      );
}

/** What is missing: the subscription, the group, or the account. */
function absent({ path }: Ask, account: string) {
  const [, , subscription = '', , group = ''] = account.split('/');
  if (!path.startsWith(`/subscriptions/${subscription}/`))
    return armError(404, 'SubscriptionNotFound', 'The subscription could not be found.');
  if (!path.startsWith(`/subscriptions/${subscription}/resourceGroups/${group}/`))
    return armError(404, 'ResourceGroupNotFound', 'The resource group could not be found.');
  return armError(404, 'ResourceNotFound', `The Resource under resource group '${group}' was not found.`);
}
