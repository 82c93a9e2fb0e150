/** What a runbook writes to, as PowerShell has it. Errors do not end it. */
export type Streams = {
  readonly output: (text: string) => void;
  readonly warning: (text: string) => void;
  readonly error: (text: string) => void;
};
/** What a runbook does: it works, or throws with the reason it failed. Its parameters have been read from JSON. */
export type Script = (
  parameters: Readonly<Record<string, unknown>>,
  streams: Streams,
  signal: AbortSignal,
) => Promise<void>;

/** Thrown by a script, it suspends the job, as an error does in a PowerShell Workflow. */
export class Suspended extends Error {}

export type Parameter = {
  /** A .NET type; System.String without it. */
  readonly type?: string;
  readonly isMandatory?: boolean;
  readonly defaultValue?: string;
};
export type AzureRunbook = {
  readonly name: string;
  readonly script: Script;
  /** `Published` without it. */
  readonly state?: 'New' | 'Edit' | 'Published';
  /** `PowerShell` without it. */
  readonly type?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** The identity may read it and not start jobs. */
  readonly mayNotStart?: boolean;
};

/**
 * The values a job's runbook gets: text that is JSON arrives as what it says, so that 0815 without quotation marks becomes
 * 815 (Azure/azure-sdk-for-net issue 2852).
 */
export function deserialised(parameters: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, read(text)]));
}

function read(text: string): unknown {
  // Newtonsoft's reader takes leading zeros
  if (/^-?\d+$/.test(text)) return Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
