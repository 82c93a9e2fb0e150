import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MappingFile } from '../adapters/servicenow/mapping-file.ts';
import { Policy } from '../domain/policy.ts';
import { Runbook } from '../domain/runbook.ts';
import { CaseFile } from '../policy-cases/policy-case.ts';
import type { CliCommand } from './command.ts';

/** Every file a person writes, by the name of its JSON Schema. */
export const schemas = {
  runbook: Runbook,
  policy: Policy,
  'policy-case': CaseFile,
  servicenow: MappingFile,
} as const;

/** The JSON Schema of what a person writes, before defaults and durations are parsed. */
export const jsonSchema = (schema: z.ZodType): unknown =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

export const schema: CliCommand = {
  usage: 'schema [folder]          write the JSON Schemas that editors use for completion',
  async run([folder = 'runbooks'], { say }) {
    mkdirSync(folder, { recursive: true });
    for (const [name, one] of Object.entries(schemas)) {
      const file = join(folder, `${name}.schema.json`);
      writeFileSync(file, `${JSON.stringify(jsonSchema(one), null, 2)}\n`);
      say(`wrote ${file}`);
    }
    return 0;
  },
};
