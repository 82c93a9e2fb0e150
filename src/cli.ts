import { audit } from './cli/audit.ts';
import { backtest } from './cli/backtest.ts';
import type { CliCommand, Terminal } from './cli/command.ts';
import { configTable } from './cli/config-table.ts';
import { inbox } from './cli/inbox.ts';
import { incident } from './cli/incident.ts';
import { lint } from './cli/lint.ts';
import { schema } from './cli/schema.ts';
import { simulate } from './cli/simulate.ts';
import { test } from './cli/test.ts';
import { AppError, messageOf } from './domain/errors.ts';

const commands: Readonly<Record<string, CliCommand>> = {
  incident,
  lint,
  test,
  simulate,
  backtest,
  schema,
  audit,
  inbox,
  'config-table': configTable,
};

const terminal: Terminal = {
  say: (line) => {
    process.stdout.write(`${line}\n`);
  },
  data: process.env['HANDRAIL_DATA'] ?? '.data',
  now: () => new Date(),
};

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command.run(args, terminal);
  const usage = Object.values(commands).map((one) => `  ${one.usage}`);
  terminal.say(`usage: handrail <command>\n${usage.join('\n')}`);
  return 2;
}

// whoever reads has seen enough, as `| head` has: that is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

main(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n${error instanceof AppError ? `${error.fix}\n` : ''}`);
    process.exitCode = 1;
  });
