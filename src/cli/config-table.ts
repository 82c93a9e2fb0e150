import { configurationTable } from '../config-table.ts';
import type { CliCommand } from './command.ts';

export const configTable: CliCommand = {
  usage: 'config-table             print the settings as the table of the README',
  async run(_args, { say }) {
    say(configurationTable());
    return 0;
  },
};
