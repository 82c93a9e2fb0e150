import type { Scalar } from '../../domain/runbook.ts';
import type { Question } from './awx-template.ts';

const bound = (value: Question['min']): number | undefined =>
  value === null || value === undefined || value === '' || Number.isNaN(Number(value))
    ? undefined
    : Number(value);

export const choicesOf = ({ choices }: Question): readonly string[] => {
  if (choices === null || choices === undefined) return [];
  const list = typeof choices === 'string' ? choices.split(/\r?\n/) : choices.map(String);
  return list.filter((choice) => choice.trim() !== '');
};

/** A value in the form the question wants: a multiselect takes a list, given here as `a, b`. */
export function answerTo(question: Question | undefined, value: Scalar): Scalar | readonly string[] {
  if (question?.type !== 'multiselect') return value;
  const text = String(value);
  return choicesOf(question).includes(text) ? [text] : text.split(/[\n,]/).map((one) => one.trim());
}

/** Why AWX would refuse this value as answer to a question; undefined when it would take it. The value is not repeated: it may be a secret. */
export function complaint(question: Question, value: Scalar): string | undefined {
  const { variable, type } = question;
  switch (type) {
    case 'text':
    case 'textarea':
    case 'password':
      return typeof value === 'string'
        ? outOf(question, [...value].length, 'characters')
        : `the survey wants text for ${variable}`;
    case 'integer':
      return Number.isInteger(value)
        ? outOf(question, Number(value), '')
        : `the survey wants a whole number for ${variable}`;
    case 'float':
      return typeof value === 'number'
        ? outOf(question, value, '')
        : `the survey wants a number for ${variable}`;
    case 'multiplechoice':
    case 'multiselect':
      return notAChoice(question, value);
    default:
      return `the survey has a question of the unknown type ${type} for ${variable}`;
  }
}

function outOf({ variable, ...question }: Question, have: number, unit: string): string | undefined {
  const min = bound(question.min);
  const max = bound(question.max);
  if (min !== undefined && have < min)
    return `the survey wants at least ${min} ${unit} for ${variable}`.replace('  ', ' ');
  if (max !== undefined && have > max)
    return `the survey wants at most ${max} ${unit} for ${variable}`.replace('  ', ' ');
  return undefined;
}

function notAChoice(question: Question, value: Scalar): string | undefined {
  const answer = answerTo(question, value);
  const choices = choicesOf(question);
  const given = Array.isArray(answer) ? answer : [answer];
  // AWX compares types too: the number 1 is not the choice "1"
  if (given.every((one) => typeof one === 'string' && choices.includes(one))) return undefined;
  return `the survey wants one of ${choices.join(', ')} for ${question.variable}`;
}
