/** A process of its own that a test can kill: a simulated Rundeck on the state file given as argument. */
import { startRundeck } from '../../../src/sandbox/rundeck/server.ts';
import { job, token, untilAborted } from '../../adapters/automation/rundeck-world.ts';

const { url } = await startRundeck({
  token,
  stateFile: process.argv[2] ?? '',
  jobs: [job('Wait', untilAborted)],
});
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 60_000);
