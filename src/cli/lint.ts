import { loadCatalogue } from '../adapters/catalogue/load.ts';
import { loadOptional } from '../adapters/catalogue/load-optional.ts';
import { MappingFile } from '../adapters/servicenow/mapping-file.ts';
import type { CliCommand } from './command.ts';

export const lint: CliCommand = {
  usage: 'lint [folder]            check the runbooks, the policy and servicenow.yaml without starting',
  async run([folder = 'runbooks'], { say, now }) {
    const { runbooks, policy } = await loadCatalogue(folder, now());
    for (const { runbook, hash } of runbooks.values())
      say(`ok  ${runbook.id} ${runbook.version} ${hash.slice(0, 12)}`);
    say(`ok  policy ${policy.policy.version} ${policy.hash.slice(0, 12)}`);
    await loadOptional(folder, 'servicenow.yaml', MappingFile);
    say('ok  servicenow');
    return 0;
  },
};
