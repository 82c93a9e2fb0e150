import { RE2JS } from 're2js';
import type { Scalar } from '../../domain/runbook.ts';
import type { Fault } from './faults.ts';
import type { Definition, Option } from './rundeck-job.ts';

type Wanted = {
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the parameters whose value is a secret. */
  readonly secret: readonly string[];
  readonly executionId: string;
  /** The option that carries the execution id, by which the execution is found again. */
  readonly option: string;
};

/** The options of a run that the job takes as they are, or everything that speaks against it. */
export function runOptions(
  definition: Definition,
  wanted: Wanted,
):
  | { readonly ok: true; readonly options: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const given = Object.entries(wanted.parameters).map(([name, value]) => [name, String(value)] as const);
  const options = { ...Object.fromEntries(given), [wanted.option]: wanted.executionId };
  const faults = [
    ...jobFaults(definition),
    ...ownOptionFaults(definition, wanted),
    ...given.flatMap(([name, value]) => valueFaults(definition, wanted, name, value)),
    ...missingFaults(definition, options),
  ];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, options };
}

const optionOf = ({ options }: Definition, name: string): Option | undefined =>
  options.find((option) => option.name === name);

function jobFaults({ executionEnabled, nodesSelectedByDefault, nodefilters }: Definition): Fault[] {
  const faults: Fault[] = [];
  if (!executionEnabled)
    faults.push({
      reason: 'executions of the job are disabled',
      fix: 'Enable executions of the job in Rundeck.',
    });
  if (!nodesSelectedByDefault)
    faults.push({
      reason: 'somebody would have to select its nodes by hand',
      fix: 'Let the job select its nodes by default (nodesSelectedByDefault).',
    });
  if (nodefilters.emptyIsSuccess)
    faults.push({
      reason: 'the job is called successful when no node matches its filter',
      fix: 'Let the job fail when its node filter matches nothing (successOnEmptyNodeFilter).',
    });
  return faults;
}

/** Our option has to come back as it was sent. Without a definition Rundeck keeps any option with the execution. */
function ownOptionFaults(definition: Definition, { option: name, parameters, executionId }: Wanted): Fault[] {
  if (Object.hasOwn(parameters, name))
    return [
      {
        reason: `${name} carries the execution id and is no parameter`,
        fix: `Give the parameter ${name} of the runbook another name.`,
      },
    ];
  const option = optionOf(definition, name);
  if (option === undefined) return [];
  const wrong = option.secure ? `hides the option ${name}` : complaint(option, executionId);
  if (wrong === undefined) return [];
  return [
    {
      reason: `the job could not be found again: it ${option.secure ? wrong : `has an option ${name} that ${wrong}`}`,
      fix: `Make ${name} a plain text option of the job without limits on its value, or remove it from the job.`,
    },
  ];
}

function valueFaults(definition: Definition, { secret, option: own }: Wanted, name: string, value: string) {
  if (name === own) return [];
  const option = optionOf(definition, name);
  if (option === undefined)
    return [
      {
        reason: `the job has no option ${name}: it would be taken, and no step would see it`,
        fix: `Add the option ${name} to the job, or remove it from the runbook.`,
      },
    ];
  if (secret.includes(name) && !option.secure)
    return [
      {
        reason: `Rundeck would show the secret ${name} to everybody who may see the execution`,
        fix: `Make ${name} a secure option of the job.`,
      },
    ];
  const wrong = complaint(option, value);
  return wrong === undefined
    ? []
    : [{ reason: `the option ${name} ${wrong}`, fix: `Correct ${name} in the runbook.` }];
}

/** Required options that get no value. An empty text counts as none (ExecutionService.validateOptionValues). */
function missingFaults({ options }: Definition, given: Readonly<Record<string, string>>): Fault[] {
  return options
    .filter((option) => option.required && !hasValue(option, given))
    .map(({ name }) => ({
      reason: `the job requires the option ${name}`,
      fix: `Give ${name} in the step's "with", or a default on the job.`,
    }));
}

function hasValue(option: Option, given: Readonly<Record<string, string>>): boolean {
  if (Object.hasOwn(given, option.name)) return given[option.name] !== '';
  const { value, storagePath, multivalued, multivalueAllSelected } = option;
  if ((value ?? '') !== '' || (storagePath ?? '') !== '') return true;
  return multivalued && multivalueAllSelected;
}

/** Why Rundeck would refuse this value, or change it; undefined when it would take it. The value is not repeated: it may be a secret. */
function complaint(option: Option, value: string): string | undefined {
  if (option.type === 'file') return 'wants a file, which cannot be given here';
  // ExecutionService.expandDateStrings
  if (/\$\{DATE(?:[-+]\d+)?:/.test(value)) return `would have its \${DATE:…} replaced by Rundeck`;
  if (value === '') return undefined;
  const parts = option.multivalued ? value.split(option.delimiter || ',') : [value];
  const allowed = option.values ?? [];
  // values that come from a URL or a plug-in are Rundeck's to check
  if (option.enforced && allowed.length > 0 && !parts.every((part) => part === '' || allowed.includes(part)))
    return `takes only ${allowed.slice(0, 20).join(', ')}`;
  if (option.regex && !parts.every((part) => part === '' || matches(option.regex ?? '', part)))
    return `has to match ${option.regex}`;
  return undefined;
}

/** Wholly, as Rundeck matches. A pattern that only Java knows is left to Rundeck to check. */
function matches(pattern: string, text: string): boolean {
  try {
    return RE2JS.compile(pattern).matches(text);
  } catch {
    return true;
  }
}
