import type { CliCommand } from './command.ts';
import { misused } from './given-file.ts';

export const audit: CliCommand = {
  usage:
    'audit show <code|run>    print the record of a run; audit show control: who stopped everything, who votes for whom\n' +
    '  audit verify             re-hash every run and that record',
  async run([what = '', named = ''], { say }) {
    if (what !== 'verify' && (what !== 'show' || named === ''))
      throw misused(`audit knows show <code|run> and verify, not "${[what, named].join(' ').trim()}"`);
    // loaded here alone: the stores and their SDKs take a second that no other command should wait for
    const [{ showRecord, verifyRecords }, { openExistingStore, systemClock }, { readStoreConfig }] =
      await Promise.all([import('../audit.ts'), import('../compose.ts'), import('../config.ts')]);
    const store = await openExistingStore(readStoreConfig(), systemClock);
    try {
      if (what === 'show') {
        for (const line of await showRecord(store, named)) say(line);
        return 0;
      }
      const { ok, lines } = await verifyRecords(store);
      for (const line of lines) say(line);
      return ok ? 0 : 1;
    } finally {
      await store.close();
    }
  },
};
