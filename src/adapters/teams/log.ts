/** One line for the log. Values are plain; no message text of people and no token is ever given to it. */
export type LogLine = {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly reference?: string;
  readonly code?: string;
  readonly error?: unknown;
};
export type Log = (line: LogLine) => void;
