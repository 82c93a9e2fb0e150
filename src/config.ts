import { z } from 'zod';
import { AppError } from './domain/errors.ts';

const text = z.string().trim().min(1);
const url = z.url({ protocol: /^https?$/ });
const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'expected whsec_ followed by at least 24 bytes in base64');

/** The environment, setting by setting. README's table is made from this. */
export const Environment = z.object({
  HANDRAIL_MODE: z
    .enum(['sandbox', 'production'])
    .default('sandbox')
    .describe('production refuses to start half-configured'),
  HANDRAIL_DATA: text.default('.data').describe('folder of the embedded store'),
  HANDRAIL_RUNBOOKS: text.default('runbooks').describe('folder with the runbooks and policy.yaml'),
  HANDRAIL_ENGINE: z
    .enum(['local', 'restate'])
    .default('local')
    .describe('local: one process. restate: more than one'),
  HOST: text.optional().describe('address to listen on; 127.0.0.1 in the sandbox, 0.0.0.0 in production'),
  PORT: z.coerce.number().int().min(0).max(65535).default(3978).describe('port to listen on'),
  MICROSOFT_APP_ID: text.optional().describe('app id of the Azure Bot'),
  MICROSOFT_APP_TYPE: z
    .enum(['SingleTenant', 'UserAssignedMSI'])
    .default('SingleTenant')
    .describe('how the bot signs in'),
  MICROSOFT_APP_PASSWORD: text.optional().describe('secret of the app, for SingleTenant'),
  MICROSOFT_APP_TENANT_ID: text.optional().describe('the one Entra tenant whose people may use it'),
  TEAMS_SERVICE_URL: url
    .default('https://smba.trafficmanager.net/teams/')
    .describe('Bot Connector address until a conversation names its own'),
  SERVICENOW_URL: url.optional().describe('https://<instance>.service-now.com'),
  SERVICENOW_USER: text.optional().describe('integration user, for basic authentication'),
  SERVICENOW_PASSWORD: text.optional().describe('its password'),
  SERVICENOW_CLIENT_ID: text.optional().describe('OAuth client id, instead of a password'),
  SERVICENOW_CLIENT_SECRET: text.optional().describe('OAuth client secret'),
  SERVICENOW_WEBHOOK_SECRET: webhookSecret.optional().describe('Standard Webhooks secret of incoming events'),
  SERVICENOW_WEBHOOK_SECRET_PREVIOUS: webhookSecret
    .optional()
    .describe('the one before, while it is rotated'),
  OPS_API_URL: url.optional().describe('base address of the ops-runbook API, the target "ops"'),
  OPS_API_TOKEN: text.optional().describe('bearer token for it'),
  PROBE_HOSTS: list.describe('hosts (host or host:port) that HTTP probes may call, comma-separated'),
  GRAPH_URL: url.default('https://graph.microsoft.com').describe('Microsoft Graph'),
  GRAPH_TOKEN: text
    .optional()
    .describe('a fixed token, sandbox only; production signs in with its managed identity'),
  COSMOS_ENDPOINT: url.optional().describe('Azure Cosmos DB account; without it the embedded store is used'),
  COSMOS_KEY: text.optional().describe('its key; without one the managed identity signs in'),
  COSMOS_DATABASE: text.default('handrail').describe('its database, with containers audit and state'),
  RESTATE_INGRESS_URL: url
    .optional()
    .describe('an existing Restate cluster; without it a server is started beside the bot'),
  RESTATE_ADMIN_URL: url.optional().describe('its admin address'),
  RESTATE_SERVICE_URL: url.optional().describe('address at which the cluster reaches this process'),
  RESTATE_IDENTITY_KEY: text.optional().describe('its public request identity key, publickeyv1_…'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: text
    .optional()
    .describe('send logs and failures to Application Insights'),
});
export type Environment = z.infer<typeof Environment>;

const productionNeeds = [
  'MICROSOFT_APP_ID',
  'MICROSOFT_APP_TENANT_ID',
  'SERVICENOW_URL',
  'SERVICENOW_WEBHOOK_SECRET',
  'OPS_API_URL',
  'OPS_API_TOKEN',
] as const satisfies readonly (keyof Environment)[];

/** The value behind a parameter of type secret: HANDRAIL_SECRET_<reference>. Only target adapters call this. */
export const resolveSecret = async (reference: string): Promise<string | undefined> =>
  process.env[`HANDRAIL_SECRET_${reference}`];

/** Reads the environment once. Throws AppError `config-invalid` naming every setting that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Environment {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`));
  const config = parsed.data;
  const missing = [
    ...missingAlways(config),
    ...(config.HANDRAIL_MODE === 'production' ? missingInProduction(config) : []),
  ];
  if (missing.length > 0) throw invalid([...new Set(missing)]);
  return config;
}

function missingAlways(config: Environment): string[] {
  const needs = ['SERVICENOW_URL', 'SERVICENOW_WEBHOOK_SECRET', 'OPS_API_URL', 'OPS_API_TOKEN'] as const;
  const basic = config.SERVICENOW_USER && config.SERVICENOW_PASSWORD;
  const oauth = config.SERVICENOW_USER && config.SERVICENOW_CLIENT_ID && config.SERVICENOW_CLIENT_SECRET;
  return [
    ...needs.filter((name) => config[name] === undefined).map((name) => `${name} is missing`),
    ...(basic || oauth
      ? []
      : [
          'SERVICENOW_USER with SERVICENOW_PASSWORD, or with SERVICENOW_CLIENT_ID and SERVICENOW_CLIENT_SECRET, is missing',
        ]),
  ];
}

function missingInProduction(config: Environment): string[] {
  const missing: string[] = productionNeeds
    .filter((name) => config[name] === undefined)
    .map((name) => `${name} is missing`);
  if (config.MICROSOFT_APP_TYPE === 'SingleTenant' && config.MICROSOFT_APP_PASSWORD === undefined)
    missing.push('MICROSOFT_APP_PASSWORD is missing (or set MICROSOFT_APP_TYPE=UserAssignedMSI)');
  for (const name of ['SERVICENOW_URL', 'OPS_API_URL', 'GRAPH_URL'] as const)
    if (config[name]?.startsWith('http:')) missing.push(`${name} must be https in production`);
  if (config.GRAPH_TOKEN !== undefined) missing.push('GRAPH_TOKEN is for the sandbox only; remove it');
  return missing;
}

function invalid(problems: readonly string[]): AppError {
  return new AppError({
    code: 'config-invalid',
    message: `the configuration is incomplete:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    fix: 'Set what is named above (README, "Configuration"), or run `npm start`, which brings its own world.',
  });
}
