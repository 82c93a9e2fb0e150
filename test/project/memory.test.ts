import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import process from 'node:process';

describe('the memory of the bot', () => {
  it('has no room for the recognizers of prompts nobody uses', () => {
    const script = `await import('./src/adapters/teams/bot.ts');
      const { createRequire } = await import('node:module');
      console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));`;
    const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
      .split('\n')
      .map((file) => file.replaceAll('\\', '/'));
    assert.ok(loaded.some((file) => file.endsWith('/botbuilder-dialogs/lib/dialogSet.js')));
    assert.deepEqual(
      loaded.filter((file) => file.includes('/@microsoft/recognizers-text-suite/')),
      [],
    );
  });
});
