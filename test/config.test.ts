import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Environment, isSecret, readConfig, resolveSecret, secretValues } from '../src/config.ts';
import { configurationTable } from '../src/config-table.ts';
import { AppError } from '../src/domain/errors.ts';

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const sandbox = {
  MICROSOFT_APP_TENANT_ID: 'tenant',
  SERVICENOW_URL: 'http://127.0.0.1:4500',
  SERVICENOW_USER: 'handrail',
  SERVICENOW_PASSWORD: 'pass-1',
  SERVICENOW_WEBHOOK_SECRET: key,
};
const production = {
  ...sandbox,
  HANDRAIL_MODE: 'production',
  SERVICENOW_URL: 'https://example.service-now.com',
  MICROSOFT_APP_ID: 'app',
  MICROSOFT_APP_PASSWORD: 'pass-2',
  PROBE_HOSTS: 'shop.example',
};
type Settings = Readonly<Record<string, string>>;
const without = (settings: Settings, ...names: string[]): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/** The lines of the refusal, one a setting. */
function problems(settings: Settings): string[] {
  try {
    readConfig(settings);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'config-invalid');
    assert.match(error.fix, /Set what is named above/);
    return error.message.split('\n').slice(1);
  }
  return [];
}

describe('the configuration', () => {
  it('needs little in the sandbox, and has defaults for the rest', () => {
    const config = readConfig(sandbox);
    const { HANDRAIL_MODE, HANDRAIL_ENGINE, PORT, PROBE_HOSTS, HOST } = config;
    assert.deepEqual(
      { HANDRAIL_MODE, HANDRAIL_ENGINE, PORT, PROBE_HOSTS, HOST },
      { HANDRAIL_MODE: 'sandbox', HANDRAIL_ENGINE: 'local', PORT: 3978, PROBE_HOSTS: [], HOST: undefined },
    );
  });

  for (const name of Object.keys(sandbox))
    it(`does not start without ${name}, and says what belongs there`, () => {
      const [problem, ...more] = problems(without(sandbox, name));
      assert.match(problem ?? '', new RegExp(`^ {2}${name} is missing[: (]+\\S`));
      assert.deepEqual(more, []);
    });

  for (const name of Object.keys(without(production, 'HANDRAIL_MODE')))
    it(`does not start in production without ${name}`, () => {
      const found = problems(without(production, name));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', new RegExp(`^ {2}${name} is missing`));
    });

  it('starts in production with everything it needs', () => {
    assert.equal(readConfig(production).HANDRAIL_MODE, 'production');
  });

  it('takes OAuth instead of a password, and a managed identity instead of an app secret', () => {
    const oauth = { SERVICENOW_CLIENT_ID: 'c', SERVICENOW_CLIENT_SECRET: 's' };
    assert.deepEqual(problems({ ...without(sandbox, 'SERVICENOW_PASSWORD'), ...oauth }), []);
    assert.equal(
      problems({ ...without(sandbox, 'SERVICENOW_PASSWORD'), SERVICENOW_CLIENT_ID: 'c' }).length,
      1,
    );
    const identity = { MICROSOFT_APP_TYPE: 'UserAssignedMSI' };
    assert.deepEqual(problems({ ...without(production, 'MICROSOFT_APP_PASSWORD'), ...identity }), []);
  });

  it('treats an empty setting, or one of spaces, as missing', () => {
    assert.match(problems({ ...sandbox, SERVICENOW_USER: '' })[0] ?? '', /SERVICENOW_USER is missing/);
    assert.match(problems({ ...sandbox, SERVICENOW_USER: '  ' })[0] ?? '', /SERVICENOW_USER is missing/);
    assert.equal(readConfig({ ...sandbox, PORT: '' }).PORT, 3978);
  });

  const wrong: [string, string, RegExp][] = [
    ['HANDRAIL_MODE', 'prod', /"sandbox"\|"production"/],
    ['HANDRAIL_ENGINE', 'temporal', /"local"\|"restate"/],
    ['PORT', 'http', /a port from 0 to 65535/],
    ['PORT', '70000', /a port from 0 to 65535/],
    ['PORT', '39.5', /a port from 0 to 65535/],
    ['SERVICENOW_URL', 'example.service-now.com', /starts with https:/],
    ['OPS_API_URL', 'ftp://ops', /starts with https:/],
    ['SERVICENOW_WEBHOOK_SECRET', 'whsec_short', /whsec_ followed by at least 24 bytes/],
    ['SERVICENOW_WEBHOOK_SECRET_PREVIOUS', 'hunter2', /whsec_ followed by at least 24 bytes/],
    ['MICROSOFT_APP_TYPE', 'MultiTenant', /"SingleTenant"/],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=1', /InstrumentationKey=<GUID>/],
  ];
  for (const [name, value, expected] of wrong)
    it(`names ${name} when it is ${value}, and what it expects`, () => {
      const found = problems({ ...sandbox, [name]: value });
      assert.equal(found.length, 1);
      assert.ok(found[0]?.startsWith(`  ${name}: `));
      assert.match(found[0] ?? '', expected);
    });

  for (const name of [
    'SERVICENOW_URL',
    'OPS_API_URL',
    'AWX_URL',
    'JENKINS_URL',
    'RUNDECK_URL',
    'AZURE_MONITOR_URL',
    'GRAPH_URL',
    'TEAMS_SERVICE_URL',
    'COSMOS_ENDPOINT',
  ])
    it(`insists on https for ${name} in production only`, () => {
      const plain = { [name]: 'http://plain.example' };
      assert.deepEqual(problems({ ...production, ...plain }), [`  ${name} must be https in production`]);
      assert.deepEqual(problems({ ...sandbox, ...plain }), []);
    });

  it('insists on https for a Prometheus only where a token goes to it', () => {
    const plain = { ...production, PROMETHEUS_URL: 'http://prometheus:9090' };
    assert.deepEqual(problems(plain), []);
    assert.deepEqual(problems({ ...plain, PROMETHEUS_TOKEN: 't' }), [
      '  PROMETHEUS_URL must be https in production, for its token',
    ]);
  });

  it('does not take the fixed directory token of the sandbox into production', () => {
    assert.match(
      problems({ ...production, GRAPH_TOKEN: 't' })[0] ?? '',
      /GRAPH_TOKEN is for the sandbox only/,
    );
  });

  it('names everything at once: what is wrong and what is missing', () => {
    const found = problems({ HANDRAIL_MODE: 'production', PORT: 'x', SERVICENOW_WEBHOOK_SECRET: 'x' });
    assert.equal(found.length, 2 + 3 + 1 + 2 + 1);
  });

  it('shows no value of a secret, whatever is wrong with it or beside it', () => {
    const canary = 'c4n4ry-c4n4ry-c4n4ry';
    const secrets = Object.entries(Environment.shape).flatMap(([name, schema]) =>
      isSecret(schema) ? [name] : [],
    );
    assert.deepEqual(secrets, [
      'MICROSOFT_APP_PASSWORD',
      'SERVICENOW_PASSWORD',
      'SERVICENOW_CLIENT_SECRET',
      'SERVICENOW_WEBHOOK_SECRET',
      'SERVICENOW_WEBHOOK_SECRET_PREVIOUS',
      'OPS_API_TOKEN',
      'AWX_TOKEN',
      'JENKINS_TOKEN',
      'RUNDECK_TOKEN',
      'PROMETHEUS_TOKEN',
      'GRAPH_TOKEN',
      'COSMOS_KEY',
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
    ]);
    const all = Object.fromEntries(secrets.map((name) => [name, canary]));
    const found = problems({ ...all, HANDRAIL_MODE: 'production', PORT: canary }).join('\n');
    assert.match(found, /SERVICENOW_WEBHOOK_SECRET: expected/);
    assert.doesNotMatch(found, /c4n4ry/);
    const known = readConfig({ ...sandbox, OPS_API_TOKEN: 'token-1' });
    assert.deepEqual(secretValues(known, {}), ['pass-1', key, 'token-1']);
    const named = { AWX_EU_TOKEN: 'token-2', AWX_EU_URL: 'https://awx.example', EMPTY_TOKEN: ' ' };
    assert.deepEqual(secretValues(known, named), ['pass-1', key, 'token-1', 'token-2']);
  });

  it('resolves a secret by its reference, and nothing else of the environment', async () => {
    process.env['HANDRAIL_SECRET_CONFIG_TEST'] = 'found';
    try {
      assert.equal(await resolveSecret('CONFIG_TEST'), 'found');
      assert.equal(await resolveSecret('PATH'), undefined);
    } finally {
      delete process.env['HANDRAIL_SECRET_CONFIG_TEST'];
    }
  });
});

describe('the table of settings', () => {
  it('has a line for every setting, with its default and whether it is needed', () => {
    const lines = configurationTable().split('\n');
    assert.equal(lines.length, 2 + Object.keys(Environment.shape).length);
    const line = (name: string) => lines.find((one) => one.startsWith(`| \`${name}\``)) ?? '';
    assert.match(line('PORT'), /^\| `PORT` \| {2}\| `3978` \| port to listen on \|$/);
    assert.match(line('SERVICENOW_URL'), /\| yes \|/);
    assert.match(line('PROBE_HOSTS'), /\| in production \| {2}\|/);
    assert.match(line('HANDRAIL_ENGINE'), /`local` or `restate`: /);
    assert.match(line('OPS_API_TOKEN'), /\(secret\) \|$/);
  });

  it('says of every setting what it is', () => {
    for (const [name, schema] of Object.entries(Environment.shape))
      assert.ok((schema.description ?? '').length > 5, `${name} has no description`);
  });

  it('is what the command prints', () => {
    const { stdout } = spawnSync(process.execPath, ['src/cli.ts', 'config-table'], { encoding: 'utf8' });
    assert.equal(stdout, `${configurationTable()}\n`);
  });

  it('is the one in the README', () => {
    const marked = /<!-- configuration -->([\s\S]*?)<!-- \/configuration -->/.exec(readme());
    assert.ok(marked, 'README.md has lost its configuration section');
    assert.equal(
      marked[1]?.trim(),
      configurationTable(),
      'put the output of node src/cli.ts config-table there',
    );
  });
});

function readme(): string {
  try {
    return readFileSync('README.md', 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
