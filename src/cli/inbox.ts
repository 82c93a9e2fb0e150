import type { CliCommand } from './command.ts';
import { misused } from './given-file.ts';

const MOST = 50;

export const inbox: CliCommand = {
  usage: `inbox [--failed]         the last ${MOST} events of ServiceNow and what came of them; only what failed or waits`,
  async run(args, { say }) {
    if (args.some((one) => one !== '--failed'))
      throw misused(`inbox knows --failed alone, not ${args.join(' ')}`);
    // loaded here alone: the stores and their SDKs take a second that no other command should wait for
    const [{ newestEvents }, { openExistingStore, systemClock }, { readStoreConfig }] = await Promise.all([
      import('../flow/intake-record.ts'),
      import('../compose.ts'),
      import('../config.ts'),
    ]);
    const store = await openExistingStore(readStoreConfig(), systemClock);
    try {
      const lines = await newestEvents(store, MOST, args.length > 0);
      for (const { at, id, incident, outcome } of lines) say([at, incident || '-', id, outcome].join('  '));
      if (lines.length === 0) say('There are none.');
      return 0;
    } finally {
      await store.close();
    }
  },
};
