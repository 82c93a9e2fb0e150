// Run as a process of its own: how much of the library is loaded before and after it is asked for.
import { createRequire } from 'node:module';
import * as compose from '../../../src/compose.ts';
import { readConfig } from '../../../src/config.ts';

const { cache } = createRequire(import.meta.url);
const loaded = () =>
  Object.keys(cache).filter((file) => /[\\/](applicationinsights|@opentelemetry[\\/]sdk-)/.test(file)).length;
const settings = {
  MICROSOFT_APP_TENANT_ID: 't',
  SERVICENOW_URL: 'http://127.0.0.1:1',
  SERVICENOW_USER: 'u',
  SERVICENOW_PASSWORD: 'p',
  SERVICENOW_WEBHOOK_SECRET: `whsec_${'A'.repeat(43)}=`,
  OPS_API_URL: 'http://127.0.0.1:1',
  OPS_API_TOKEN: 't',
  AWX_URL: 'http://127.0.0.1:1',
  AWX_TOKEN: 't',
  JENKINS_URL: 'http://127.0.0.1:1',
  JENKINS_USER: 'u',
  JENKINS_TOKEN: 't',
};
const insights =
  'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://127.0.0.1:9';

await compose.openLog(readConfig(settings), compose.systemClock);
const unused = loaded();
await compose.openLog(
  readConfig({ ...settings, APPLICATIONINSIGHTS_CONNECTION_STRING: insights }),
  compose.systemClock,
);
process.stdout.write(JSON.stringify({ unused, used: loaded() > 0 }));
process.exit();
