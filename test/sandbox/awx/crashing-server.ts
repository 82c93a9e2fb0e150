/** A process of its own that a test can kill: a simulated AWX on the state file given as argument. */
import { startAwx } from '../../../src/sandbox/awx/server.ts';
import { template, token, untilCancelled } from './awx-world.ts';

const { url } = await startAwx({
  token,
  stateFile: process.argv[2] ?? '',
  jobTemplates: [template('Wait', untilCancelled)],
});
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 60_000);
