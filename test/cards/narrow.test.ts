import assert from 'node:assert/strict';
import { narrowFields } from '../../cards/narrow.ts';
import { runCard } from '../../cards/run-card.ts';
import { roomy, tight } from '../../cards/wording.ts';
import type { Parameter } from '../../src/domain/parameter.ts';
import { offers } from './inputs.ts';
import { views } from './views.ts';

const sourced: { from: string[]; ask: 'missing' } = { from: [], ask: 'missing' };
const view = (value: string) => ({
  ...views.approval,
  parameters: [{ name: 'one', title: 'One', value, source: 'default', missing: false }],
});
const fieldsOf = (parameter: Parameter, value: string) =>
  narrowFields(view(value), { parameters: { one: parameter }, breakGlass: false }, roomy);
const integer = (narrow: 'lower' | 'higher' | undefined): Parameter => ({
  type: 'integer',
  title: 'One',
  ...sourced,
  min: 0,
  max: 300,
  ...(narrow === undefined ? {} : { narrow }),
});
const yes: Parameter = { type: 'boolean', title: 'One', ...sourced, narrow: true };
const choice: Parameter = {
  type: 'choice',
  title: 'One',
  ...sourced,
  choices: ['all', 'half', 'one'],
  narrow: ['half', 'one'],
};

describe('the form for approvers', () => {
  it('offers a number from where it is to its limit, and says so', () => {
    const [lower] = fieldsOf(integer('lower'), '30');
    assert.deepEqual(
      lower?.input.type === 'Input.Number' && [lower.input.min, lower.input.max, lower.input.value],
      [0, 30, 30],
    );
    assert.equal(lower?.limit, 'Can only be made lower than 30, down to 0.');
    const [higher] = fieldsOf(integer('higher'), '30');
    assert.deepEqual(
      higher?.input.type === 'Input.Number' && [higher.input.min, higher.input.max],
      [30, 300],
    );
    assert.equal(higher?.limit, 'Can only be made higher than 30, up to 300.');
  });

  it('offers the present choice and the smaller ones', () => {
    const [field] = fieldsOf(choice, 'all');
    const choices = field?.input.type === 'Input.ChoiceSet' ? field.input.choices : [];
    assert.deepEqual(
      choices.map((one) => one.value),
      ['all', 'half', 'one'],
    );
    assert.equal(field?.limit, 'Can only be changed to half, one.');
    const [smaller] = fieldsOf(choice, 'half');
    assert.equal(smaller?.limit, 'Can only be changed to one.');
    assert.equal(fieldsOf(yes, 'false')[0]?.limit, 'Can only be changed to yes.');
  });

  it('leaves out what cannot be made smaller, or has no value, or is not the approvers to change', () => {
    const none: [Parameter, string][] = [
      [integer('lower'), '0'],
      [integer('higher'), '300'],
      [integer('lower'), ''],
      [integer('lower'), 'many'],
      [integer(undefined), '30'],
      [yes, 'true'],
      [yes, ''],
      [{ ...choice, narrow: ['one'] }, 'one'],
      [choice, 'gone from the runbook'],
      [{ type: 'string', title: 'One', ...sourced, maxLength: 9 }, 'x'],
      [{ type: 'secret', title: 'One', reference: 'OPS_TOKEN' }, 'x'],
    ];
    for (const [parameter, value] of none) assert.deepEqual(fieldsOf(parameter, value), [], value);
    assert.deepEqual(narrowFields(view('1'), { parameters: {}, breakGlass: false }, roomy), []);
  });

  it('is left out where there is no room: values can be typed', () => {
    assert.deepEqual(narrowFields(views.approval, offers, tight), []);
  });
});

describe('the buttons of an approval', () => {
  type Part = { readonly type?: string; readonly title?: string; readonly actions?: readonly Part[] };
  const titles = ({ actions = [] }: Part) => actions.map(({ title }) => title);
  /** Those in the rows within the card, which are the rare ones, and those below it. */
  const buttons = (card: { readonly body: readonly Part[] } & Part) => ({
    rare: card.body.filter(({ type }) => type === 'ActionSet').flatMap(titles),
    usual: titles(card),
  });
  const usual = ['Approve', 'Reject…', 'Details'];

  it('are yes, no and details, and more only where the runbook or the policy has more to offer', () => {
    assert.deepEqual(buttons(runCard(views.approval)), { rare: [], usual });
    assert.deepEqual(buttons(runCard(views.approval, offers)), {
      rare: ['Change values…', 'Break glass…'],
      usual,
    });
    const glassOnly = { parameters: {}, breakGlass: true };
    assert.deepEqual(buttons(runCard(views.approval, glassOnly)), { rare: ['Break glass…'], usual });
    const narrowOnly = { ...offers, breakGlass: false };
    assert.deepEqual(buttons(runCard(views.approval, narrowOnly)), { rare: ['Change values…'], usual });
  });

  it('of a rollback are to undo or to leave it, whatever the policy offers', () => {
    const undo = ['Roll back', 'Leave it…', 'Details'];
    assert.deepEqual(buttons(runCard(views.rollback, offers)), { rare: [], usual: undo });
  });
});
