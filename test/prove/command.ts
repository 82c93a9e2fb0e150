import type { Command } from '../../src/domain/commands.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import type { Ask } from './actions.ts';
import { MINUTE, type Scenario } from './scenario.ts';
import { FORGED, SHOWN, type Situation, someone } from './situation.ts';
import type { Watched } from './watched.ts';

export const RUN = '01JD8Z6N3V6Q4W8X2Y5A7K2QDM';
const bySystem: readonly Ask['ask'][] = [
  'dispatch',
  'advance',
  'expire',
  'remind',
  'escalate',
  'step-result',
];

/** The command of an ask, when its turn has come. */
export function commandOf(
  ask: Ask,
  state: Watched['state'],
  situation: Situation,
  scenario: Scenario,
): Command {
  const origin = { conversation: 'conv', activity: 'act' };
  const by = actorOf(ask, scenario);
  const { rollback, asked, steps } = state;
  switch (ask.ask) {
    case 'propose':
      return { name: 'propose', by, origin, incident: 'a'.repeat(32), runbook: 'recycle', reason: 'matches' };
    case 'approve':
    case 'reject':
    case 'break-glass': {
      const current = (rollback ?? asked)?.revision ?? 1;
      const numbers = { none: undefined, current, older: Math.max(1, current - 1), newer: current + 1 };
      const revision = numbers[ask.revision];
      const card = { none: undefined, shown: SHOWN, forged: FORGED }[ask.card];
      const shown = {
        ...(revision === undefined ? {} : { revision }),
        ...(card === undefined ? {} : { card }),
      };
      return ask.ask === 'approve'
        ? { name: 'approve', by, origin, ...shown }
        : { name: ask.ask, by, origin, ...shown, reason: ask.reason };
    }
    case 'narrow':
      return { name: 'narrow', by, origin, values: { drain: ask.drain }, revision: asked?.revision ?? 1 };
    case 'confirm-parameters':
      return { name: 'confirm-parameters', by, origin, values: { pool: ask.pool } };
    case 'withdraw':
    case 'cancel':
      return { name: ask.ask, by, origin, reason: 'not needed' };
    case 'review':
      return { name: 'review', by, origin, verdict: 'justified', note: 'it was' };
    case 'settle':
      return { name: 'settle', by, origin, word: ask.word, reason: 'looked' };
    case 'continue':
      return { name: 'continue', by, origin, next: `${RUN.slice(0, -1)}N` };
    case 'step-result': {
      const step = steps.find(({ result }) => result === undefined)?.step ?? 'snapshot';
      return { name: 'step-result', by, origin, step, result: ask.result, detail: `it ${ask.result}` };
    }
    case 'stop':
    case 'resume':
      return { name: ask.ask, by, origin, reason: 'bad release' };
    case 'delegate': {
      const until = new Date(situation.now + ask.minutes * MINUTE).toISOString();
      return { name: 'delegate', by, origin, to: someone(ask.to), until, reason: 'away' };
    }
    case 'end-delegation':
    case 'dispatch':
    case 'advance':
    case 'expire':
    case 'remind':
    case 'escalate':
      return { name: ask.ask, by, origin };
  }
}

function actorOf(ask: Ask, { asker }: Scenario): Actor {
  if (ask.ask === 'propose') return asker === 'servicenow' ? system('servicenow') : someone(asker);
  if (bySystem.includes(ask.ask) || !('who' in ask))
    return system(ask.ask === 'step-result' ? 'target' : 'engine');
  if (ask.who === 'timer') return system('timer');
  const other = 'other' in ask ? ask.other : 'nothing';
  return someone(
    ask.who,
    other === 'tenant' ? 'tenant-2' : 'tenant-1',
    ...(other === 'name' ? (['Somebody Else'] as const) : []),
  );
}
