import { loadCatalogue } from '../adapters/catalogue/load.ts';
import type { CliCommand } from './command.ts';

export const lint: CliCommand = {
  usage: 'lint [folder]            check the runbooks and the policy without starting',
  async run([folder = 'runbooks'], { say, now }) {
    const { runbooks, policy } = await loadCatalogue(folder, now());
    for (const { runbook, hash } of runbooks.values())
      say(`ok  ${runbook.id} ${runbook.version} ${hash.slice(0, 12)}`);
    say(`ok  policy ${policy.policy.version} ${policy.hash.slice(0, 12)}`);
    return 0;
  },
};
