import * as f from '../../fakes/domain.ts';
import { away, type Case, check, ok, runbook } from './cases.ts';

const owned = runbook({ parameters: f.owned });

const cases: Case[] = [
  ['the runbook asks nobody', { owner: away }, 'allow: it needs nobody to say that the item is theirs'],
  [
    'one person can be asked',
    owned,
    'allow: it is assigned to dana, whose word is needed',
    { owner: 'dana' },
  ],
  [
    'nobody can be asked',
    { ...owned, owner: ok({ nobody: 'the CMDB assigns it to nobody: fill in its assigned_to' }) },
    'deny: the CMDB assigns it to nobody: fill in its assigned_to',
  ],
  [
    'it cannot be read',
    { ...owned, owner: away },
    'deny: whose it is could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail owner', () => {
  check('owner', cases);
});
