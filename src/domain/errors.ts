/** Every code an error of ours can carry, with what it means. The text a person sees is the error's own `fix`. */
export const errorCodes = {
  'config-invalid': 'a setting is missing or wrong',
  'runbook-invalid': 'a runbook or policy file does not fit its schema',
  'signature-invalid': 'a request could not be authenticated',
  'body-invalid': 'a request body does not fit its schema',
  'body-too-large': 'a request body is larger than allowed',
  'event-conflict': 'the same event id arrived with another body',
  'itsm-unreachable': 'ServiceNow did not answer',
  'itsm-refused': 'ServiceNow refused the request',
  'target-unreachable': 'the automation target did not answer',
  'target-refused': 'the automation target refused the request',
  'probe-refused': 'a probe may not call this address',
  'chat-unreachable': 'Microsoft Teams did not answer',
  'chat-refused': 'Microsoft Teams refused the request',
  'directory-unreachable': 'the directory did not answer',
  'directory-refused': 'the directory refused the request',
  'store-unavailable': 'the store did not answer',
  'store-in-use': 'another process uses this store',
  'store-refused': 'the store refused the item',
  'engine-unavailable': 'the engine did not answer',
  'log-broken': 'a stored event cannot be read or its hash chain does not hold',
} as const;
export type ErrorCode = keyof typeof errorCodes;

type Details = {
  readonly code: ErrorCode;
  /** What happened, for the log and the record. Never holds a secret. */
  readonly message: string;
  /** The next thing a person should do; this is what people are shown. */
  readonly fix: string;
  /** The same request may succeed later. */
  readonly retryable?: boolean;
  /** The other side may have carried the request out although no answer came. */
  readonly maybeApplied?: boolean;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
};

/** The one error of the system. Expected outcomes are values; this is for what went wrong outside. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;
  readonly retryable: boolean;
  readonly maybeApplied: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(details: Details) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.code = details.code;
    this.fix = details.fix;
    this.retryable = details.retryable ?? false;
    this.maybeApplied = details.maybeApplied ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A one-line description of anything thrown, without a stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
