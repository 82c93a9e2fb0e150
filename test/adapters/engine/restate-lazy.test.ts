import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const script = `
  import { registerHooks } from 'node:module';
  const asked = [];
  registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
  await import('${new URL('../../../src/adapters/engine/restate.ts', import.meta.url).href}');
  console.log(JSON.stringify(asked));
`;

describe('the restate engine that is not started', () => {
  it('loads neither the SDK nor an HTTP client: the local engine would pay for them', () => {
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const asked: string[] = JSON.parse(told);
    assert.ok(asked.includes('./engine-errors.ts'));
    assert.deepEqual(
      asked.filter((name) => name.startsWith('@restatedev/') || name === 'undici'),
      [],
    );
  });
});
