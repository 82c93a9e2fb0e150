import fc from 'fast-check';
import type { Action } from './actions.ts';
import type { Situation, Who } from './situation.ts';

const by = (ask: 'approve' | 'reject' | 'break-glass', who: Who): Action => ({
  is: 'ask',
  ask: { ask, who, revision: 'current', card: 'none', other: 'nothing', reason: 'because' },
});
const plain = (ask: 'dispatch' | 'advance' | 'remind'): Action => ({ is: 'ask', ask: { ask } });
const ended = (result: 'succeeded' | 'failed' | 'unknown'): Action => ({
  is: 'ask',
  ask: { ask: 'step-result', result },
});
const says = (who: Who): Action => ({ is: 'ask', ask: { ask: 'settle', who, word: 'did-not-run' } });
const goesOn = (who: Who): Action => ({ is: 'ask', ask: { ask: 'continue', who } });
const wait = (minutes: number): Action => ({ is: 'clock', minutes });
const turns = (change: Partial<Situation>): Action => ({ is: 'world', change });

/** What chance alone would seldom put together; each may be cut anywhere by the others. */
export const scenes: fc.Arbitrary<readonly Action[]> = fc.constantFrom<(readonly Action[])[]>(
  [by('approve', 'arne'), by('approve', 'arnold'), by('approve', 'sven'), plain('dispatch')],
  [by('approve', 'mia'), by('approve', 'bo'), by('approve', 'nadia'), plain('dispatch')],
  [
    turns({ change: true, down: [] }),
    by('approve', 'bo'),
    by('approve', 'sven'),
    by('approve', 'arne'),
    plain('dispatch'),
  ],
  [turns({ ranAt: -5 }), by('break-glass', 'cora'), plain('dispatch')],
  [turns({ change: false }), by('break-glass', 'cora'), turns({ down: ['history'] }), plain('dispatch')],
  [turns({ ranAt: -5 }), by('break-glass', 'cora'), turns({ down: ['history'] }), plain('dispatch')],
  [plain('dispatch'), ended('succeeded'), ended('succeeded'), ended('succeeded')],
  [plain('dispatch'), ended('succeeded'), ended('failed'), by('approve', 'sven'), ended('succeeded')],
  [plain('dispatch'), ended('failed'), by('reject', 'bo')],
  [plain('dispatch'), ended('unknown'), says('mia'), goesOn('olivia'), goesOn('nadia')],
  [plain('dispatch'), ended('succeeded'), ended('unknown'), says('bo'), says('sven'), goesOn('nadia')],
  [ended('failed'), by('reject', 'sven'), goesOn('olivia')],
  [plain('dispatch'), ended('unknown'), says('mia'), turns({ edition: 2 }), goesOn('olivia')],
  [turns({ down: ['changes'] }), by('approve', 'bo'), by('approve', 'mia'), plain('dispatch')],
  [by('approve', 'bo'), by('approve', 'arne'), turns({ down: ['changes'] }), plain('dispatch')],
  [plain('dispatch'), wait(31), plain('dispatch')],
  [wait(61), plain('dispatch'), by('approve', 'mia'), plain('dispatch')],
  [wait(11), { is: 'ask', ask: { ask: 'escalate' } }, by('approve', 'manu'), plain('dispatch')],
  [
    turns({ environment: 'test' }),
    { is: 'ask', ask: { ask: 'confirm-parameters', who: 'olivia', pool: 'shop' } },
    plain('dispatch'),
  ],
  [
    { is: 'ask', ask: { ask: 'delegate', who: 'arne', to: 'dora', minutes: 60 } },
    by('approve', 'dora'),
    by('approve', 'arne'),
  ],
  [
    { is: 'ask', ask: { ask: 'stop', who: 'ada' } },
    plain('dispatch'),
    plain('advance'),
    { is: 'ask', ask: { ask: 'resume', who: 'ada' } },
    plain('advance'),
  ],
  [{ is: 'ask', ask: { ask: 'review', who: 'rhea' } }, wait(61), plain('remind')],
);
