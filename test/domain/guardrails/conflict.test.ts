import { RUN } from '../../fakes/domain.ts';
import { at, away, type Case, change, check, HOUR, ok, policy } from './cases.ts';

const changes = (...all: ReturnType<typeof change>[]) => ({ changes: ok(all) });
const holder = { holders: ok({ ci: RUN, runbook: [], targets: {} }) };
const windows = (from: string) => ({
  changeWindowRequired: ['test'],
  changeWindows: [{ name: 'w', environments: ['test'], days: ['sun'], from, to: '10:00', zone: 'UTC' }],
});
const needed = policy(windows('09:30'));
const open = policy(windows('09:00'));
const clashing = (...conflicts: string[]) => change({ conflicts });
const nothing = 'allow: nothing else is in progress on the item';
const asked = 'require-approval: change CHG0000007 is being implemented on the item now';

const cases: Case[] = [
  ['nobody is at work', {}, nothing, { changes: '', run: '' }],
  ['a run of ours has the item', holder, 'allow: will wait for run K2QDM', { changes: '', run: RUN }],
  ['somebody implements a change', changes(change()), asked, { changes: 'CHG0000007', run: '' }],
  ['somebody implements a change without leave', changes(change({ approved: false })), asked],
  ['somebody implements a change that is on hold', changes(change({ onHold: true })), asked],
  ['a change is only scheduled', changes(change({ state: 'scheduled' })), nothing],
  ['the change is over', changes(change({ start: at(-HOUR), end: at(0) })), nothing],
  ['the change ends in a moment', changes(change({ start: at(-HOUR), end: at(1) })), asked],
  ['the change is late', changes(change({ start: at(-HOUR), end: at(0), begun: true })), asked],
  ['the change was begun early', changes(change({ start: at(1), begun: true })), asked],
  ['the change was begun and is over', changes(change({ end: at(0), begun: true, state: 'other' })), nothing],
  ['the change has not begun', changes(change({ start: at(1) })), nothing],
  ['the change is what opens the item', { ...needed, ...changes(change()) }, nothing],
  ['a window opens the item', { ...open, ...changes(change()) }, asked],
  [
    'a maintenance window opens the item',
    {
      ...policy({ ...windows('09:30'), servicenowSchedules: true }),
      schedule: ok([{ kind: 'maintenance', name: 'm', start: at(0), end: at(HOUR) }]),
      ...changes(change()),
    },
    asked,
  ],
  [
    'nobody can tell whether a maintenance window opens it',
    { ...policy({ ...windows('09:30'), servicenowSchedules: true }), schedule: away, ...changes(change()) },
    asked,
  ],
  ['nobody can tell where the item is', { ...needed, ci: away, ...changes(change()) }, asked],
  [
    'another change than the one that opens the item',
    { ...needed, ...changes(change({ number: 'CHG0000001', state: 'scheduled' }), change()) },
    asked,
  ],
  [
    'two others',
    changes(change(), change({ number: 'CHG0000008' })),
    'require-approval: change CHG0000007, CHG0000008 is being implemented on the item now',
    { changes: 'CHG0000007, CHG0000008', run: '' },
  ],
  ['the change that opens the item was checked and is clear', { ...needed, ...changes(clashing()) }, nothing],
  [
    'the change that opens the item is in conflict',
    { ...needed, ...changes(clashing('blackout', 'ci_already_scheduled')) },
    'require-approval: change CHG0000007, which opens the item, has conflicts: blackout, ci_already_scheduled',
    { changes: '', run: '', conflicts: 'blackout, ci_already_scheduled' },
  ],
  [
    'the change that opens the item is in conflict, and another one is under way',
    { ...needed, ...holder, ...changes(clashing('blackout'), change({ number: 'CHG0000008' })) },
    'require-approval: change CHG0000008 is being implemented on the item now; ' +
      'change CHG0000007, which opens the item, has conflicts: blackout; will wait for run K2QDM',
    { changes: 'CHG0000008', run: RUN, conflicts: 'blackout' },
  ],
  [
    'a change is in conflict that is not what opens the item',
    { ...open, ...changes({ ...clashing('blackout'), state: 'scheduled' }) },
    nothing,
    { changes: '', run: '' },
  ],
  [
    'a change is in conflict that may not open the item',
    { ...needed, ...changes({ ...clashing('blackout'), state: 'scheduled', approved: false }) },
    nothing,
  ],
  ['a change and a run', { ...holder, ...changes(change()) }, `${asked}; will wait for run K2QDM`],
  [
    'the changes cannot be read',
    { changes: away },
    'deny: changes in progress could not be checked: it did not answer [unknown]',
  ],
  [
    'nobody knows which runs are at work',
    { holders: away },
    'deny: runs in progress could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail conflict', () => {
  check('conflict', cases);
});
