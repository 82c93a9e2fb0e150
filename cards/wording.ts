import type { GuardrailLine } from '../src/domain/guardrail-line.ts';
import type { RunView, StepView } from '../src/domain/view.ts';

/** How much of each text and list a card shows. `tight` is for the rare card that would be too large otherwise. */
export type Room = {
  readonly text: number;
  readonly lines: number;
  readonly tail: number;
  /** How much of a list of names, such as the hosts of a pool. */
  readonly names: number;
  /** Inputs of a form that unfolds on the card; what has no room can be typed. */
  readonly inputs: number;
};
export const roomy: Room = { text: 240, lines: 14, tail: 6, names: 2_000, inputs: 5 };
export const tight: Room = { text: 72, lines: 4, tail: 0, names: 500, inputs: 0 };

/**
 * Each verdict in a word and a colour; the word alone is enough. Good and Warning are hardly readable as text on a light
 * card in Teams (seen in its test client: light green, yellow), so only what must stop people is coloured.
 */
export const verdicts = {
  allow: { word: 'OK', color: 'Default' },
  'require-approval': { word: 'Ask', color: 'Default' },
  deny: { word: 'Stop', color: 'Attention' },
} as const satisfies Record<GuardrailLine['effect'], object>;

/** A no that passes, and a no for want of knowing, are said as that. */
export function verdictOf(line: GuardrailLine): { readonly word: string; readonly color: string } {
  const verdict = verdicts[line.effect];
  if (line.effect !== 'deny') return verdict;
  if (line.unknown === true) return { ...verdict, word: 'Unknown' };
  return line.until === undefined && line.passing !== true ? verdict : { ...verdict, word: 'Not now' };
}

/** Each state of a step in a word and a colour. */
export const stepStates = {
  waiting: { word: 'To do', color: 'Default' },
  running: { word: 'Now', color: 'Accent' },
  succeeded: { word: 'Done', color: 'Default' },
  failed: { word: 'Failed', color: 'Attention' },
  cancelled: { word: 'Cancelled', color: 'Default' },
  'not-started': { word: 'Not started', color: 'Default' },
  unknown: { word: 'Unknown', color: 'Attention' },
} as const satisfies Record<StepView['state'], object>;

/** The box an environment's name stands in. */
export const environmentStyle = (environment: string): 'attention' | 'warning' | 'emphasis' => {
  if (environment === 'production') return 'attention';
  return environment === 'staging' ? 'warning' : 'emphasis';
};

/** ServiceNow sends priority as a bare digit or as "1 - Critical". */
export const priorityOf = (priority: string): string => (/^\d$/.test(priority) ? `P${priority}` : priority);

/** Where a parameter's value came from, for people. */
export function sourceInWords(source: string): string {
  if (source.startsWith('ci.')) return `from the CMDB: ${source}`;
  if (source.startsWith('incident.')) return `from the incident: ${source}`;
  if (source.startsWith('run ')) return `as in ${source}`;
  return sources[source] ?? source;
}

const sources: Readonly<Record<string, string>> = {
  default: 'default',
  person: 'entered by a person',
  owner: 'whom the CMDB assigns it to',
  approver: 'changed by an approver',
  secret: 'only the target gets it',
  missing: 'nobody has said yet',
};

/** `Sun 22 Nov, 02:45 UTC`. */
export function shortUtc(iso: string): string {
  const parts = new Date(iso).toUTCString().split(' ');
  return `${parts[0]?.replace(',', '')} ${parts[1]} ${parts[2]}, ${parts[4]?.slice(0, 5)} UTC`;
}

/** How it is undone, in one sentence. */
export function rollbackOf({
  rollback,
  steps,
  pools,
}: Pick<RunView, 'rollback' | 'steps' | 'pools'>): string {
  if (rollback === '') return 'known once the plan is made';
  if (rollback !== 'declared') return rollback;
  const titles = steps
    .filter((step) => step.phase === 'rollback')
    .map(({ title, pool }) => {
      const through = pools.find((one) => one.step === pool);
      return through === undefined ? title : `${through.title}, ${through.atOnce} hosts at a time`;
    });
  return `rolls back: ${[...new Set(titles)].join('; ')}`;
}

/** The first of a list, and how many more there are. */
export function first<T>(all: readonly T[], most: number): { shown: T[]; more: number } {
  return { shown: all.slice(0, most), more: Math.max(0, all.length - most) };
}

/** What the clients' date functions take: no fractions of a second. */
const second = (iso: string): string => `${new Date(iso).toISOString().slice(0, 19)}Z`;

/**
 * A moment within hours, also as the time of day where the reader is. The client fills that in, in a TextBlock only
 * (learn.microsoft.com, Adaptive Cards text features). Empty for what is no time.
 */
export const clock = (iso: string): string => moment(iso, (at) => `{{TIME(${at})}}`);

/** The same for a moment that may be days away. */
export const calendar = (iso: string): string =>
  moment(iso, (at) => `{{DATE(${at}, SHORT)}} {{TIME(${at})}}`);

const moment = (iso: string, local: (at: string) => string): string =>
  Number.isNaN(Date.parse(iso)) ? '' : `${shortUtc(iso)} (${local(second(iso))} your time)`;

/** How somebody says whether a step ran that nobody knows about. */
export const settleWords = (code: string): string =>
  `settle ${code} ran (or did-not-run, or cancel), and what you found`;

/** Who let it run, or be rolled back. */
export function letRun({ approval }: Pick<RunView, 'approval'>): {
  readonly what: string;
  readonly who: string;
} {
  const { rule, glass, approvers = [], phase } = approval ?? {};
  if (rule !== undefined) return { what: 'Approved by', who: `the policy rule ${rule}` };
  const what = phase === 'rollback' ? 'Rollback approved by' : 'Approved by';
  const alone = glass === undefined || phase === 'rollback' ? '' : ' alone';
  return { what, who: `${approvers.length === 0 ? 'nobody' : approvers.join(', ')}${alone}` };
}

/** With a capital letter first. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
