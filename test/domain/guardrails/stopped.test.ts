import { system } from '../../../src/domain/people.ts';
import * as f from '../../fakes/domain.ts';
import { away, check, ok } from './cases.ts';

const stop = (by: Parameters<typeof f.command>[1]) => ({
  control: ok({ delegations: [], stopped: { by, reason: 'bad release', at: '2026-11-22T08:00:00.000Z' } }),
});

describe('the guardrail stopped', () => {
  check('stopped', [
    ['nothing is stopped', {}, 'allow: nothing is stopped'],
    [
      'a person stopped everything',
      stop(f.arne),
      'deny: arne stopped everything: bad release [passing]',
      { by: 'arne', at: '2026-11-22T08:00:00.000Z' },
    ],
    [
      'a part of the system stopped everything',
      stop(system('engine')),
      'deny: Handrail (engine) stopped everything: bad release [passing]',
    ],
    [
      'nobody can tell',
      { control: away },
      'deny: whether everything is stopped could not be checked: it did not answer [unknown]',
    ],
  ]);
});
