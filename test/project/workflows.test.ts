import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const directory = path.resolve(import.meta.dirname, '../../.github/workflows');
const Workflow = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({
      permissions: z.unknown().optional(),
      steps: z.array(z.looseObject({ uses: z.string().optional() })),
    }),
  ),
});

describe('the workflows on GitHub', () => {
  for (const name of fs.readdirSync(directory)) {
    const text = fs.readFileSync(path.join(directory, name), 'utf8');
    const { permissions, jobs } = Workflow.parse(parse(text));

    it(`may only read: ${name}`, () => {
      assert.deepEqual(permissions, { contents: 'read' });
      assert.ok(Object.values(jobs).every((job) => job.permissions === undefined));
    });

    it(`pin every action to a commit and name its version: ${name}`, () => {
      const uses = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
      assert.ok(uses.length > 0);
      for (const action of uses) {
        assert.match(action, /@[0-9a-f]{40}$/);
        assert.match(text.slice(text.indexOf(action)), /^\S+ # v\d+\.\d+\.\d+\n/);
      }
    });
  }
});
