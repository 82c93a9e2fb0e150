import { z } from 'zod';
import { AppError } from './domain/errors.ts';

const text = z.string().trim().min(1);
const url = z.url({ protocol: /^https?$/, error: 'expected an address that starts with https://' });
/** Its value is told to nobody: not in errors, not in logs. */
const secret = text.meta({ secret: true });
const port = 'expected a port from 0 to 65535';
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
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'expected whsec_ followed by at least 24 bytes in base64')
  .meta({ secret: true });

const insights = z
  .string()
  .regex(
    /(^|;)InstrumentationKey=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(;|$)/i,
    'expected InstrumentationKey=<GUID>;IngestionEndpoint=…',
  )
  .meta({ secret: true });

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
  PORT: z.coerce
    .number(port)
    .int(port)
    .min(0, port)
    .max(65_535, port)
    .default(3978)
    .describe('port to listen on'),
  MICROSOFT_APP_ID: text.optional().describe('app id of the Azure Bot'),
  MICROSOFT_APP_TYPE: z
    .enum(['SingleTenant', 'UserAssignedMSI'])
    .default('SingleTenant')
    .describe('how the bot signs in'),
  MICROSOFT_APP_PASSWORD: secret
    .optional()
    .describe('secret of the app; production needs it for SingleTenant'),
  MICROSOFT_APP_TENANT_ID: text.optional().describe('the one Entra tenant whose people may use it'),
  TEAMS_SERVICE_URL: url
    .default('https://smba.trafficmanager.net/teams/')
    .describe('Bot Connector address until a conversation names its own'),
  SERVICENOW_URL: url.optional().describe('https://<instance>.service-now.com'),
  SERVICENOW_USER: text.optional().describe('user_name of the integration user'),
  SERVICENOW_PASSWORD: secret.optional().describe('its password, for basic authentication'),
  SERVICENOW_CLIENT_ID: text.optional().describe('OAuth client id, instead of the password'),
  SERVICENOW_CLIENT_SECRET: secret.optional().describe('secret of that client'),
  SERVICENOW_WEBHOOK_SECRET: webhookSecret.optional().describe('Standard Webhooks secret of incoming events'),
  SERVICENOW_WEBHOOK_SECRET_PREVIOUS: webhookSecret
    .optional()
    .describe('the one before, while it is rotated'),
  OPS_API_URL: url.optional().describe('base address of the ops-runbook API, for a target of kind ops-api'),
  OPS_API_TOKEN: secret.optional().describe('bearer token for it'),
  AWX_URL: url
    .optional()
    .describe('base address of AWX or Automation Platform, without /api, for a target of kind awx'),
  AWX_TOKEN: secret.optional().describe('OAuth2 token of a user who may read and execute the templates'),
  JENKINS_URL: url.optional().describe('base address of Jenkins, for a target of kind jenkins'),
  JENKINS_USER: text.optional().describe('its user, with Job/Read, Job/Build and Job/Cancel'),
  JENKINS_TOKEN: secret.optional().describe('API token of that user'),
  RUNDECK_URL: url.optional().describe('base address of Rundeck, without /api, for a target of kind rundeck'),
  RUNDECK_TOKEN: secret.optional().describe('API token of a user who may run and kill the jobs'),
  AZURE_AUTOMATION_ACCOUNT: text
    .optional()
    .describe('resource id of the Automation account, for a target of kind azure-automation'),
  PROBE_HOSTS: list.describe('hosts (host or host:port) that HTTP probes may call, comma-separated'),
  PROMETHEUS_URL: url.optional().describe('Prometheus that verification steps may ask'),
  PROMETHEUS_TOKEN: secret.optional().describe('bearer token for it'),
  AZURE_MONITOR_URL: url
    .default('https://management.azure.com')
    .describe('Azure Resource Manager, for metrics and Azure Automation, with the identity of the process'),
  GRAPH_URL: url.default('https://graph.microsoft.com').describe('Microsoft Graph'),
  GRAPH_TOKEN: secret
    .optional()
    .describe('a fixed token, sandbox only; production signs in with its managed identity'),
  COSMOS_ENDPOINT: url.optional().describe('Azure Cosmos DB account; without it the embedded store is used'),
  COSMOS_KEY: secret.optional().describe('its key; without one the managed identity signs in'),
  COSMOS_DATABASE: text.default('handrail').describe('its database, with containers audit and state'),
  RESTATE_INGRESS_URL: url
    .optional()
    .describe('an existing Restate cluster; without it a server is started beside the bot'),
  RESTATE_ADMIN_URL: url.optional().describe('its admin address'),
  RESTATE_SERVICE_URL: url.optional().describe('address at which the cluster reaches this process'),
  RESTATE_IDENTITY_KEY: text.optional().describe('its public request identity key, publickeyv1_…'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights
    .optional()
    .describe('send logs and failures to Application Insights'),
});
export type Environment = z.infer<typeof Environment>;

/** Settings nothing works without, and those that production does not start without. */
export const needed = {
  always: ['MICROSOFT_APP_TENANT_ID', 'SERVICENOW_URL', 'SERVICENOW_USER', 'SERVICENOW_WEBHOOK_SECRET'],
  // without an allowed host every verification fails, after the remediation has run
  production: ['MICROSOFT_APP_ID', 'PROBE_HOSTS'],
} as const satisfies Record<string, readonly (keyof Environment)[]>;

const httpsInProduction = [
  'SERVICENOW_URL',
  'OPS_API_URL',
  'AWX_URL',
  'JENKINS_URL',
  'RUNDECK_URL',
  'AZURE_MONITOR_URL',
  'GRAPH_URL',
  'TEAMS_SERVICE_URL',
  'COSMOS_ENDPOINT',
] as const satisfies readonly (keyof Environment)[];

/** The value behind a parameter of type secret: HANDRAIL_SECRET_<reference>. Only target adapters call this. */
export const resolveSecret = async (reference: string): Promise<string | undefined> =>
  process.env[`HANDRAIL_SECRET_${reference}`];

/** A setting whose name policy.yaml makes up, such as AWX_EU_URL. */
export const targetSetting = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** Libraries that report home about themselves read these when they are loaded. */
export function quietLibraries(env: NodeJS.ProcessEnv = process.env): void {
  env['APPLICATION_INSIGHTS_NO_STATSBEAT'] = 'true';
  env['APPLICATIONINSIGHTS_SDKSTATS_DISABLED'] = 'true';
}

type Given = Readonly<Record<string, string>>;

/** Reads the environment once. Throws AppError `config-invalid` naming every setting that is missing or wrong, never a value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Environment {
  const given = givenIn(env);
  const parsed = Environment.safeParse(given);
  const production = given['HANDRAIL_MODE'] === 'production';
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...missingAlways(given),
    ...(production ? missingInProduction(given) : []),
  ];
  if (!parsed.success || problems.length > 0) throw invalid(problems);
  return parsed.data;
}

/** The settings that say which store is read, for tools that need nothing else. */
export function readStoreConfig(env: NodeJS.ProcessEnv = process.env): Environment {
  const parsed = Environment.safeParse(givenIn(env));
  if (!parsed.success)
    throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  return parsed.data;
}

const givenIn = (env: NodeJS.ProcessEnv): Given =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])));

/** The values that must not leave the process, wherever they might turn up. */
export const secretValues = (config: Environment, env: NodeJS.ProcessEnv = process.env): string[] => [
  ...new Set([
    ...Object.entries(Environment.shape).flatMap(([name, schema]) => {
      const value = config[name as keyof Environment];
      return isSecret(schema) && typeof value === 'string' ? [value] : [];
    }),
    // the policy may name settings of targets that no schema knows
    ...Object.entries(givenIn(env)).flatMap(([name, value]) => (name.endsWith('_TOKEN') ? [value] : [])),
  ]),
];

/** Whether a setting of the schema holds a secret. */
export const isSecret = (schema: z.ZodType): boolean =>
  (schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema).meta()?.['secret'] === true;

const absent = (given: Given, names: readonly (keyof Environment)[]): string[] =>
  names
    .filter((name) => given[name] === undefined)
    .map((name) => `${name} is missing: ${Environment.shape[name].description}`);

function missingAlways(given: Given): string[] {
  const password = given['SERVICENOW_PASSWORD'] !== undefined;
  const oauth =
    given['SERVICENOW_CLIENT_ID'] !== undefined && given['SERVICENOW_CLIENT_SECRET'] !== undefined;
  return [
    ...absent(given, needed.always),
    ...(password || oauth
      ? []
      : ['SERVICENOW_PASSWORD is missing (or set SERVICENOW_CLIENT_ID and SERVICENOW_CLIENT_SECRET)']),
  ];
}

function missingInProduction(given: Given): string[] {
  const unlocked = given['MICROSOFT_APP_TYPE'] !== 'UserAssignedMSI' && !given['MICROSOFT_APP_PASSWORD'];
  return [
    ...absent(given, needed.production),
    ...(unlocked ? ['MICROSOFT_APP_PASSWORD is missing (or set MICROSOFT_APP_TYPE=UserAssignedMSI)'] : []),
    ...httpsInProduction
      .filter((name) => given[name]?.startsWith('http:'))
      .map((name) => `${name} must be https in production`),
    ...(given['PROMETHEUS_TOKEN'] !== undefined && given['PROMETHEUS_URL']?.startsWith('http:')
      ? ['PROMETHEUS_URL must be https in production, for its token']
      : []),
    ...(given['GRAPH_TOKEN'] === undefined ? [] : ['GRAPH_TOKEN is for the sandbox only; remove it']),
  ];
}

function invalid(problems: readonly string[]): AppError {
  return new AppError({
    code: 'config-invalid',
    message: `the configuration does not fit:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    fix: 'Set what is named above (README, "Configuration"), or run `npm start`, which brings its own world.',
  });
}
