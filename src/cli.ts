import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadCatalogue } from './adapters/catalogue/load.ts';
import { showRecord, verifyRecords } from './audit.ts';
import { openStore, systemClock } from './compose.ts';
import { readStoreConfig } from './config.ts';
import { configurationTable } from './config-table.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { Policy } from './domain/policy.ts';
import { Runbook } from './domain/runbook.ts';
import { raiseIncident, readWorld } from './sandbox/incident.ts';

type Command = { readonly usage: string; readonly run: (args: readonly string[]) => Promise<void> };

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const data = (): string => process.env['HANDRAIL_DATA'] ?? '.data';

const commands: Readonly<Record<string, Command>> = {
  incident: {
    usage: 'incident <name>          break something in the sandbox and raise its incident',
    async run([name = '']) {
      const { number, page } = await raiseIncident(readWorld(join(data(), 'sandbox')), name);
      say(`${number} is open: ${page}`);
    },
  },
  lint: {
    usage: 'lint [folder]            check the runbooks and the policy without starting',
    async run([folder = 'runbooks']) {
      const { runbooks, policy } = await loadCatalogue(folder);
      for (const { runbook, hash } of runbooks.values())
        say(`ok  ${runbook.id} ${runbook.version} ${hash.slice(0, 12)}`);
      say(`ok  policy ${policy.policy.version} ${policy.hash.slice(0, 12)}`);
    },
  },
  schema: {
    usage: 'schema [folder]          write the JSON Schemas that editors use for completion',
    async run([folder = 'runbooks']) {
      mkdirSync(folder, { recursive: true });
      for (const [name, schema] of Object.entries({ runbook: Runbook, policy: Policy }))
        writeFileSync(
          join(folder, `${name}.schema.json`),
          `${JSON.stringify(jsonSchema(schema), null, 2)}\n`,
        );
      say(`wrote ${folder}/runbook.schema.json and ${folder}/policy.schema.json`);
    },
  },
  audit: {
    usage: 'audit show <code|run>    print the record of a run; audit verify: re-hash every run',
    async run([what = '', named = '']) {
      const store = await openStore(readStoreConfig(), systemClock);
      try {
        if (what === 'verify') {
          const { ok, lines } = await verifyRecords(store);
          for (const line of lines) say(line);
          process.exitCode = ok ? 0 : 1;
        } else for (const line of await showRecord(store, named)) say(line);
      } finally {
        await store.close();
      }
    },
  },
  'config-table': {
    usage: 'config-table             print the settings as the table of the README',
    async run() {
      say(configurationTable());
    },
  },
};

/** The JSON Schema of what a person writes, before defaults and durations are parsed. */
export const jsonSchema = (schema: z.ZodType): unknown =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    say(
      `usage: handrail <command>\n${Object.values(commands)
        .map(({ usage }) => `  ${usage}`)
        .join('\n')}`,
    );
    process.exitCode = 2;
    return;
  }
  await command.run(args);
}

if (import.meta.main)
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n${error instanceof AppError ? `${error.fix}\n` : ''}`);
    process.exitCode = 1;
  });
