import { join } from 'node:path';
import { raiseIncident, readWorld } from '../sandbox/incident.ts';
import type { CliCommand } from './command.ts';

export const incident: CliCommand = {
  usage: 'incident <name>          break something in the sandbox and raise its incident',
  async run([name = ''], { say, data }) {
    const { number, page } = await raiseIncident(readWorld(join(data, 'sandbox')), name);
    say(`${number} is open: ${page}`);
    return 0;
  },
};
