import {
  type RunningServiceNow,
  type ServiceNowOptions,
  startServiceNow,
} from '../../../src/sandbox/servicenow/server.ts';

export const ids = {
  web01: '11111111111111111111111111111111',
  db01: '22222222222222222222222222222222',
  webTeam: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
} as const;

const seed = {
  cmdb_ci_app_server: [
    {
      sys_id: ids.web01,
      name: 'web01',
      environment: 'Test',
      used_for: 'Production',
      fqdn: 'web01.example',
      u_app_pool: 'shop',
    },
  ],
  cmdb_ci: [{ sys_id: ids.db01, name: 'db01' }],
  sys_user_group: [{ sys_id: ids.webTeam, name: 'Web Team', active: 'true' }],
};

export type Instance = RunningServiceNow & {
  call(
    method: string,
    path: string,
    body?: unknown,
    as?: string,
  ): Promise<{
    status: number;
    headers: Headers;
    body: Record<string, unknown>;
    result: Record<string, string>;
    rows: Record<string, string>[];
  }>;
};

const running: RunningServiceNow[] = [];

/** A simulated ServiceNow with two users, `person` and `handrail` (the integration user), both with password `pw`. */
export async function instance(options: Partial<ServiceNowOptions> = {}): Promise<Instance> {
  const sn = await startServiceNow({
    users: [
      { user: 'person', password: 'pw' },
      { user: 'handrail', password: 'pw' },
    ],
    integrationUser: 'handrail',
    seed,
    ...options,
  });
  running.push(sn);
  return {
    ...sn,
    async call(method, path, body, as = 'person') {
      const response = await fetch(sn.url + path, {
        method,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from(`${as}:pw`).toString('base64')}`,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const { result } = parsed;
      return {
        status: response.status,
        headers: response.headers,
        body: parsed,
        result: result as Record<string, string>,
        rows: result as Record<string, string>[],
      };
    },
  };
}

/** Ends every instance a test has started. */
export async function closeInstances(): Promise<void> {
  await Promise.all(running.splice(0).map((sn) => sn.close()));
}
