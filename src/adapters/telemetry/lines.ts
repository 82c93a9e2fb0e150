import { AppError, messageOf } from '../../domain/errors.ts';

export type Level = 'info' | 'warn' | 'error';
export type Details = Readonly<Record<string, string | number | boolean | undefined>>;
export type Log = (level: Level, message: string, details?: Details) => void;
type Write = (line: string) => void;

/** A log of one line an event. `json` for machines; otherwise for the person at the terminal. */
export function lineLog(write: Write, now: () => Date, json: boolean): Log {
  return (level, message, details = {}) => {
    const given = Object.entries(details).filter(([, value]) => value !== undefined && value !== '');
    if (json)
      write(`${JSON.stringify({ at: now().toISOString(), level, message, ...Object.fromEntries(given) })}\n`);
    else
      write(
        `${now().toISOString().slice(11, 19)} ${level.padEnd(5)} ${message}${given.map(shown).join('')}\n`,
      );
  };
}

const shown = ([name, value]: [string, unknown]): string =>
  ` ${name}=${String(value).replaceAll(/\s+/g, ' ')}`;

/** An error as log details: its code and message, never its stack, in which values could hide. */
export function errorDetails(error: unknown): Details {
  return error instanceof AppError
    ? { code: error.code, why: error.message, fix: error.fix }
    : { why: messageOf(error) };
}
