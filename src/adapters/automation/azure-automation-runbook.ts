import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Scalar } from '../../domain/runbook.ts';
import { type AzureApi, azureRefusal } from './azure-automation-api.ts';
import type { Fault } from './faults.ts';
import { parseJson, readAnswer } from './http.ts';

const Parameter = z.object({
  type: z.string().nullish(),
  isMandatory: z.boolean().nullish(),
  defaultValue: z.string().nullish(),
});
type Parameter = z.infer<typeof Parameter>;

/** A runbook of Azure Automation, as far as it decides whether a job is taken as it is. */
const Definition = z.object({
  name: z.string(),
  properties: z.object({
    state: z.string(),
    runbookType: z.string().nullish(),
    parameters: z
      .record(z.string(), Parameter)
      .nullish()
      .transform((parameters) => parameters ?? {}),
  }),
});
export type Definition = z.infer<typeof Definition>;

const Name = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,62}$/u);
export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Reads a runbook by the name that a runbook of ours gives as `job`. Throws `target-refused` when there is none. */
export async function runbook(api: AzureApi, written: string): Promise<Definition> {
  const subject = `runbook ${written}`;
  if (!Name.safeParse(written).success)
    throw new AppError({
      code: 'target-refused',
      message: `"${written}" names no runbook of ${api.name}`,
      fix: 'Write the name of the Automation runbook: letters, digits, - and _, at most 63 of them.',
    });
  const answer = await api.read(`/runbooks/${encodeURIComponent(written)}`, subject);
  if (answer.status !== 200) throw azureRefusal(api.name, answer, { posted: false, subject }, api.mask);
  const definition = readAnswer(api.name, answer, Definition, false);
  if (isSame(definition.name, written)) return definition;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} answered with another runbook than ${written}`,
    fix: `Check what stands between Handrail and ${api.name}; it mixes up answers.`,
  });
}

type Wanted = {
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the parameters whose value is a secret. */
  readonly secret: readonly string[];
};

/** The parameters of a job that the runbook takes as they are, or everything that speaks against it. */
export function jobParameters(
  { properties }: Definition,
  { parameters, secret }: Wanted,
):
  | { readonly ok: true; readonly parameters: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const known = Object.entries(properties.parameters);
  const read = Object.entries(parameters).map(([name, value]) => sendable(properties, name, value));
  const sent = read.flatMap((one) => ('text' in one ? [[one.as, one.text] as const] : []));
  const faults = [
    ...stateFaults(properties.state),
    ...secret.map(shown),
    ...read.flatMap((one) => ('reason' in one ? [one] : [])),
    ...sent.filter(([as], n) => sent.findIndex(([one]) => one === as) !== n).map(([as]) => twice(as)),
    ...known.filter(([name, one]) => isNeeded(one) && !isGiven(parameters, name)).map(missing),
  ];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, parameters: Object.fromEntries(sent) };
}

/** A parameter under the name the runbook gives it, as text; or why it would not be taken as it is. */
function sendable(
  { parameters, runbookType }: Definition['properties'],
  name: string,
  value: Scalar,
): { readonly as: string; readonly text: string } | Fault {
  // PowerShell does not tell upper from lower case
  const [as, parameter] = Object.entries(parameters).find(([one]) => isSame(one, name)) ?? [];
  if (as === undefined || parameter === undefined) return undefinedParameter(name, runbookType);
  const text = serialise[kindOf(parameter.type)](String(value), value);
  return text === undefined ? wrongType(name, parameter) : { as, text };
}

/** A runbook that is being edited runs as it was published last. */
const stateFaults = (state: string): Fault[] =>
  state === 'Published' || state === 'Edit'
    ? []
    : [
        {
          reason: `the runbook has no published version (its state is ${state})`,
          fix: 'Publish the runbook in Azure Automation.',
        },
      ];

const shown = (name: string): Fault => ({
  reason: `Azure would show the secret ${name} to everybody who may read the job`,
  fix: `Let the runbook read it itself, from a credential of the Automation account or from Key Vault, and remove ${name} here.`,
});

const undefinedParameter = (name: string, type: string | null | undefined): Fault => ({
  reason: `the runbook has no parameter ${name}`,
  fix: type?.startsWith('Python')
    ? `Remove ${name} from the runbook: Python runbooks of Azure Automation have no parameters with names.`
    : `Add the parameter ${name} to the runbook in Azure Automation and publish it, or remove it here.`,
});

const twice = (name: string): Fault => ({
  reason: `the parameter ${name} is given twice, in different case`,
  fix: `Give ${name} once in the step's "with".`,
});

const wrongType = (name: string, { type }: Parameter): Fault => ({
  reason: `the parameter ${name} has to be ${wants(type)}`,
  fix: `Correct ${name} in the runbook.`,
});

const isNeeded = ({ isMandatory, defaultValue }: Parameter) =>
  isMandatory === true && (defaultValue ?? '') === '';
const isGiven = (parameters: Readonly<Record<string, Scalar>>, name: string) =>
  Object.keys(parameters).some((one) => isSame(one, name));
const missing = ([name]: readonly [string, Parameter]): Fault => ({
  reason: `the runbook requires the parameter ${name}`,
  fix: `Give ${name} in the step's "with".`,
});

type Kind = 'whole' | 'number' | 'boolean' | 'time' | 'list' | 'table' | 'text';

function kindOf(type: string | null | undefined): Kind {
  const name = (type ?? '').replace(/^System\./i, '').toLowerCase();
  if (name.endsWith('[]') || name === 'array') return 'list';
  if (name.includes('hashtable') || name.includes('dictionary')) return 'table';
  if (/^u?int(16|32|64)?$|^byte$|^long$/.test(name)) return 'whole';
  if (/^(double|single|decimal|float)$/.test(name)) return 'number';
  if (name === 'boolean' || name === 'bool' || name.endsWith('switchparameter')) return 'boolean';
  return name === 'datetime' ? 'time' : 'text';
}

const words: Readonly<Record<Kind, string>> = {
  whole: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  time: 'a date and time such as 2026-11-22T17:00:00Z',
  list: 'a JSON list',
  table: 'a JSON object',
  text: 'a text',
};
const wants = (type: string | null | undefined): string => words[kindOf(type)];

const jsonRecord = z.record(z.string(), z.unknown());

/**
 * A value as Azure wants it, in JSON; undefined when it does not fit. Without the quotation marks of JSON the text 0815
 * reaches the runbook as 815, and true as a boolean (Azure/azure-sdk-for-net issue 2852; Az.Automation sends JSON too).
 */
const serialise: Readonly<Record<Kind, (text: string, value: Scalar) => string | undefined>> = {
  whole: (text) => (/^[-+]?\d{1,19}$/.test(text) ? String(BigInt(text.replace('+', ''))) : undefined),
  number: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : undefined),
  boolean: (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() : undefined),
  time: (text) => (Number.isNaN(Date.parse(text)) ? undefined : JSON.stringify(text)),
  list: (text) => (Array.isArray(parseJson(text)) ? text : undefined),
  table: (text) => (jsonRecord.safeParse(parseJson(text)).success ? text : undefined),
  text: (_text, value) => JSON.stringify(value),
};
