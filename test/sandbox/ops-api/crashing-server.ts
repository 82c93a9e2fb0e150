/** A process of its own that a test can kill: an ops-runbook API on the state file given as argument. */
import { startOpsApi } from '../../../src/sandbox/ops-api/server.ts';
import { untilCancelled } from '../../adapters/automation/ops-api-world.ts';

const { url } = await startOpsApi({
  token: 'ops',
  stateFile: process.argv[2] ?? '',
  jobs: { waits: untilCancelled },
});
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 60_000);
