/** What a command of the command line may use of the process. */
export type Terminal = {
  say(line: string): void;
  /** The folder of the embedded store and of the sandbox. */
  readonly data: string;
  readonly now: () => Date;
};

/** One command. Answers the exit code; an AppError that is thrown is shown with its fix. */
export type CliCommand = {
  readonly usage: string;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
};
