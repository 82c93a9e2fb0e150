/** A process of its own that a test can kill: a simulated Jenkins on the state file given as argument. */
import { startJenkins } from '../../../src/sandbox/jenkins/server.ts';
import { job, token, untilStopped, user } from './jenkins-world.ts';

const { url } = await startJenkins({
  user,
  token,
  stateFile: process.argv[2] ?? '',
  jobs: [job('wait', untilStopped), job('alone', untilStopped, { oneAtATime: true })],
});
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 60_000);
