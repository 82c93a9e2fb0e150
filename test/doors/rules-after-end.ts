import { AppError } from '../../src/domain/errors.ts';
import { runsToItsEnd, says } from './before.ts';
import type { Rule } from './rule.ts';
import type { Stage } from './stage.ts';

/** The target takes the remediation and says nothing, and does not know it afterwards. */
export const losesTheRemediation = async (stage: Stage) => {
  const target = stage.deps.targets.get('ops');
  const launch = target?.launch.bind(target);
  Object.assign(target ?? {}, {
    idempotent: false,
    launch: async (one: Parameters<NonNullable<typeof launch>>[0]) => {
      if (one.job !== 'recycle') return launch?.(one);
      const what = { code: 'target-unreachable', message: 'no answer', fix: 'Look.' } as const;
      throw new AppError({ ...what, retryable: true, maybeApplied: true });
    },
  });
  await runsToItsEnd(stage);
};

export const settled = async (stage: Stage) => {
  await losesTheRemediation(stage);
  await says('mia', { name: 'settle', word: 'did-not-run', reason: 'it has no such job' })(stage);
};

/** What must be refused of a run that has ended. */
export const afterEnd: readonly Rule[] = [
  {
    decided: true,
    name: 'a word on an unknown outcome by a stranger',
    before: losesTheRemediation,
    tries: { who: 'stranger', ask: 'settle', reason: 'it looks fine' },
    want: 'not-settler',
  },
  {
    decided: true,
    name: 'a word by who approved it, where four eyes are wanted',
    setting: { runbook: { approval: { group: 'web-approvers', fourEyes: true, expires: '30m' } } },
    before: losesTheRemediation,
    tries: { who: 'arne', ask: 'settle', reason: 'it looks fine' },
    want: 'self-settlement',
  },
  {
    decided: true,
    name: 'a word by who asked for it, where four eyes are wanted',
    setting: { runbook: { unknownOutcome: { fourEyes: true } } },
    before: losesTheRemediation,
    tries: { who: 'olivia', ask: 'settle', reason: 'it looks fine' },
    want: 'self-settlement',
  },
  {
    decided: true,
    name: 'a second word',
    before: async (stage) => {
      await losesTheRemediation(stage);
      await says('mia', { name: 'settle', word: 'ran', reason: 'it is in its log' })(stage);
    },
    tries: { who: 'nadia', ask: 'settle', reason: 'it is not in its log' },
    want: 'already-settled',
  },
  {
    decided: true,
    name: 'a word on what is known',
    before: runsToItsEnd,
    tries: { who: 'mia', ask: 'settle', reason: 'it looks fine' },
    want: 'no-unknown',
  },
  {
    decided: true,
    name: 'going on before anybody has said what happened',
    before: losesTheRemediation,
    tries: { who: 'olivia', ask: 'continue' },
    want: 'not-continuable',
  },
  {
    decided: true,
    name: 'going on with what succeeded',
    before: runsToItsEnd,
    tries: { who: 'olivia', ask: 'continue' },
    want: 'not-continuable',
  },
  {
    decided: true,
    name: 'going on by somebody who may not ask for it',
    before: settled,
    tries: { who: 'mia', ask: 'continue' },
    want: 'not-requester',
  },
];
