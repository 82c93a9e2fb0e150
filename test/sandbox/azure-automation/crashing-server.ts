/** A process of its own that a test can kill: a simulated Automation account on the state file given as argument. */
import { startAzureAutomation } from '../../../src/sandbox/azure-automation/server.ts';
import { account, token, untilStopped } from '../../adapters/automation/azure-automation-world.ts';

const { url } = await startAzureAutomation({
  token: () => token,
  account,
  stateFile: process.argv[2] ?? '',
  runbooks: [{ name: 'Wait', script: untilStopped }],
});
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 60_000);
