import type { Job, JobOption } from './jobs.ts';

type Values = Readonly<Record<string, string>>;

/** The values an execution gets: those given, and the defaults of options that were not (ExecutionService.addOptionDefaults). */
export function withDefaults({ options }: Job, given: Values): Record<string, string> {
  const defaults = options.flatMap(({ name, value }) =>
    value === undefined || Object.hasOwn(given, name) ? [] : [[name, value] as const],
  );
  return { ...given, ...Object.fromEntries(defaults) };
}

/** What is wrong with the values, in Rundeck's words (ExecutionService.validateOptionValues). An option the job does not define is kept, not refused. */
export function complaints({ options }: Job, values: Values): readonly string[] {
  return options.flatMap((option) => complaint(option, values[option.name] ?? '') ?? []);
}

function complaint(option: JobOption, value: string): string | undefined {
  const { name, values = [] } = option;
  const shown = option.secure ? '***' : value;
  if (value === '')
    return option.required && option.storagePath === undefined ? `Option '${name}' is required.` : undefined;
  if (option.type === 'file') return `Option '${name}': the file reference was not found: ${shown}`;
  const parts = option.multivalued ? value.split(option.delimiter ?? ',') : [value];
  // as Groovy's ==~, which wants the whole text to match
  const pattern = new RegExp(`^(?:${option.regex ?? '.*'})$`, 's');
  if (!parts.every((part) => pattern.test(part)))
    return `Option '${name}' doesn't match regular expression ${option.regex}, value: ${shown}`;
  if (option.enforced && values.length > 0 && !parts.every((part) => values.includes(part)))
    return `Option '${name}' value: ${shown} was not in the allowed values: [${values.join(', ')}]`;
  return undefined;
}

/** Without the values of secure options, which Rundeck does not store. */
export const withoutSecure = ({ options }: Job, values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name]) => !options.some((option) => option.name === name && option.secure),
    ),
  );

/** Rundeck replaces `${DATE:…}` in the options it stores; here by the day, whatever the format. */
export const expandDates = (values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{DATE(?:[-+]\d+)?:.*?\}/g, new Date().toISOString().slice(0, 10)),
    ]),
  );
