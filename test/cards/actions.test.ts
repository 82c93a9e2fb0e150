import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CardAction, parseCardAction } from '../../cards/actions.ts';
import { seal } from '../../cards/seal.ts';
import { gallery } from './gallery.ts';

const run = '01KAP3V0Q8YB1ZC5G7J9M7K2QD';
const execute = (verb: string, data: object) => ({ action: { type: 'Action.Execute', verb, data } });

function accepted(value: unknown): CardAction {
  const parsed = parseCardAction(value);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.action;
}
function refused(value: unknown): string {
  const parsed = parseCardAction(value);
  assert.ok(!parsed.ok);
  return parsed.reason;
}

describe('a click', () => {
  it('means the same from Action.Execute and from its fallback Action.Submit', () => {
    const action = { verb: 'reject', run, revision: 2, reason: 'draining' };
    assert.deepEqual(accepted(execute('reject', { run, revision: 2, reason: ' draining ' })), action);
    assert.deepEqual(accepted({ verb: 'reject', run, revision: 2, reason: 'draining' }), action);
  });

  it('is read for known fields only', () => {
    const extra = { approver: 'me', state: 'approved', msteams: {}, p_host: 'x', reason: 'y' };
    assert.deepEqual(accepted(execute('approve', { run, revision: 1, ...extra })), {
      verb: 'approve',
      run,
      revision: 1,
    });
  });

  it('takes its verb from the action, not from the data a client may have changed', () => {
    assert.equal(accepted(execute('dismiss', { run, revision: 1, verb: 'approve' })).verb, 'dismiss');
  });

  it('carries the inputs of a form by parameter name', () => {
    const typed = { p_host: 'web-01', p_drain: 30, p_notify: 'true', q_other: 1, p_: 2, p___proto__: 3 };
    assert.deepEqual(accepted(execute('confirm', { run, revision: 0, ...typed })), {
      verb: 'confirm',
      run,
      revision: 0,
      values: { host: 'web-01', drain: 30, notify: 'true' },
    });
  });

  it('without a reason has an empty one, which is for the decision to judge', () => {
    const withdrawn = accepted(execute('withdraw', { run, revision: 1 }));
    assert.equal('reason' in withdrawn && withdrawn.reason, '');
  });

  it('says which card it was a click on, where it votes', () => {
    const card = 'a1'.repeat(32);
    for (const verb of ['approve', 'reject', 'narrow', 'break-glass']) {
      const action = accepted(execute(verb, { run, revision: 1, card }));
      assert.equal('card' in action && action.card, card);
      assert.equal('card' in accepted(execute(verb, { run, revision: 1 })), false, 'an older card');
    }
    for (const wrong of ['', 'a1', 'A1'.repeat(32), `${card}0`, 7, null])
      assert.match(refused(execute('approve', { run, revision: 1, card: wrong })), /card/u);
    assert.equal('card' in accepted(execute('cancel', { run, revision: 1, card })), false);
  });

  it('that breaks the glass has a reason of its own, whatever else is typed on the card', () => {
    const typed = { reason: 'why not', glassReason: ' payments are down ' };
    const broken = accepted(execute('break-glass', { run, revision: 1, ...typed }));
    assert.equal('reason' in broken && broken.reason, 'payments are down');
    const rejected = accepted(execute('reject', { run, revision: 1, ...typed }));
    assert.equal('reason' in rejected && rejected.reason, 'why not');
    const silent = accepted(execute('break-glass', { run, revision: 1, reason: 'another button' }));
    assert.equal('reason' in silent && silent.reason, '');
  });

  it('that narrows carries the values by parameter name', () => {
    assert.deepEqual(accepted(execute('narrow', { run, revision: 1, p_drain: 10 })), {
      verb: 'narrow',
      run,
      revision: 1,
      values: { drain: 10 },
    });
  });

  it('is refused with a reason when it cannot be read', () => {
    assert.match(refused('approve'), /not a click/u);
    assert.match(refused(execute('launch', { run, revision: 1 })), /verb/u);
    assert.match(refused(execute('approve', { revision: 1 })), /run/u);
    assert.match(refused(execute('approve', { run: '../x', revision: 1 })), /run/u);
    assert.match(refused(execute('approve', { run, revision: -1 })), /revision/u);
    assert.match(refused(execute('approve', { run, revision: '1' })), /revision/u);
    assert.match(refused(execute('confirm', { run, revision: 1, p_host: { a: 1 } })), /values\.host/u);
    assert.match(
      refused(execute('confirm', { run, revision: 1, p_host: 'x'.repeat(1001) })),
      /values\.host/u,
    );
  });

  it('says what happened by the button, not by its data', () => {
    const about = { run, revision: 1, reason: 'its log says so' };
    for (const word of ['ran', 'did-not-run', 'cancel'])
      assert.deepEqual(accepted(execute(`settle-${word}`, about)), { verb: 'settle', word, ...about });
    assert.match(refused(execute('settle', { ...about, word: 'ran' })), /word/u);
    assert.match(refused(execute('settle-maybe', about)), /verb/u);
  });

  it('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.object({ key: fc.constantFrom('verb', 'run', 'data', 'p_a') }),
        (any, data) => {
          parseCardAction(any);
          parseCardAction({ action: any });
          parseCardAction(execute('confirm', data));
        },
      ),
    );
  });

  it('of every button on every card is one we understand', () => {
    const buttons = gallery.flatMap(({ card }) => {
      const drawn = card();
      return executes(seal(drawn)?.card ?? drawn);
    });
    assert.ok(buttons.length > 10);
    const verbs = buttons.map(({ verb, data, fallback }) => {
      assert.deepEqual(accepted({ action: { verb, data } }), accepted(fallback.data));
      return accepted({ action: { verb, data } }).verb;
    });
    const all = [
      ...['approve', 'break-glass', 'cancel', 'confirm', 'continue', 'dismiss', 'mine', 'narrow'],
      ...['not-mine', 'parameters', 'reject', 'settle', 'withdraw'],
    ];
    assert.deepEqual([...new Set(verbs)].sort(), all);
  });
});

type Button = {
  readonly type: string;
  readonly verb: string;
  readonly data: object;
  readonly fallback: { readonly data: object };
};

function executes(node: unknown): Button[] {
  if (typeof node !== 'object' || node === null) return [];
  const own =
    'verb' in node && 'type' in node && node.type === 'Action.Execute' ? [node as unknown as Button] : [];
  return [...own, ...Object.values(node).flatMap(executes)];
}
