import { z } from 'zod';
import { spell } from '../src/domain/duration.ts';
import type { RunView } from '../src/domain/view.ts';
import { Box, glassBox, haltedBox } from './boxes.ts';
import { type Card, defineCard } from './card.ts';
import { guardrailLines, Headline, headline, Line, Step, stepLines, Value, valueLines } from './headline.ts';
import template from './progress.json' with { type: 'json' };
import { standing, summaryOf } from './summary.ts';
import { escapeMarkdown, plain, tailOf } from './text.ts';
import {
  calendar,
  clock,
  first,
  letRun,
  type Room,
  rollbackOf,
  roomy,
  sentence,
  shortUtc,
  tight,
} from './wording.ts';

const ProgressView = z.strictObject({
  ...Headline.shape,
  boxes: z.array(Box),
  /** When it starts, if it waits for a window. */
  starts: z.array(z.string()),
  steps: z.array(Step),
  /** How long the step has run. */
  elapsed: z.array(z.string()),
  /** What its job wrote last. */
  lines: z.array(z.string()),
  /** The job's page at its target. */
  links: z.array(z.strictObject({ title: z.string(), url: z.url({ protocol: /^https?$/ }) })),
  notes: z.array(z.string()),
  rollback: z.string(),
  because: z.string(),
  values: z.array(Value),
  checks: z.array(Line),
  tail: z.array(z.string()),
  canCancel: z.boolean(),
});
export type ProgressView = z.input<typeof ProgressView>;

/** The card of a run under way: which step it is at, and how to stop it. */
export const progress = defineCard('progress', template, ProgressView);

export const progressCard = (run: RunView): Card =>
  progress(progressView(run, roomy), () => progressView(run, tight));

export function progressView(run: RunView, room: Room): ProgressView {
  const { what, who } = letRun(run);
  const { loud, passed } = guardrailLines(run, room);
  return {
    ...headline(run, room, {
      summary: summaryOf(run),
      state: escapeMarkdown(sentence(standing(run)), room.text),
      style: run.waiting === '' ? 'accent' : 'warning',
    }),
    boxes: [...haltedBox(run, room), ...glassBox(run, room)],
    starts: starts(run),
    steps: stepLines(run, room),
    ...goingOn(run, room),
    notes: [
      ...poolNotes(run, room),
      plain(`${what} ${who}. Last change ${shortUtc(run.updatedAt)}.`, room.text),
    ],
    rollback: plain(rollbackOf(run), room.text),
    because: plain(`${run.requester} asked for it. ${run.reason}`, room.text),
    values: valueLines(run.parameters, room),
    checks: [...loud, ...passed],
    tail: lastOutput(run, room),
    canCancel: !isUndoing(run),
  };
}

/** How far the pools are, host by host where something is wrong. */
const poolNotes = ({ pools }: RunView, room: Room): string[] =>
  first(
    pools.filter(({ progress }) => progress !== ''),
    room.lines,
  ).shown.map(({ progress }) => plain(`${progress}.`, 2 * room.text));

/** A rollback that has begun has to finish: half a change is worse than either. */
const isUndoing = ({ steps }: Pick<RunView, 'steps'>): boolean =>
  steps.some(({ phase, state }) => phase === 'rollback' && state !== 'waiting');

/** Approved for a window that opens later. Once a step has begun, that is past. */
function starts({ approval, steps }: RunView): string[] {
  if (approval?.notBefore === undefined || steps.some(({ state }) => state !== 'waiting')) return [];
  return [`**Starts at** ${calendar(approval.notBefore)}, if everything still holds then.`];
}

/** More of the log is behind Details once the step has ended, and all of it on the incident. */
const mostLines = 5;

/** What is known of the running step: since when, what it wrote last, where to see more. */
function goingOn({ progress: now }: RunView, room: Room): Pick<ProgressView, 'elapsed' | 'lines' | 'links'> {
  if (now === undefined) return { elapsed: [], lines: [], links: [] };
  const { since, at, lines = '', link } = now;
  const age = at === undefined ? '' : `: ${spell(Date.parse(at) - Date.parse(since))} at the last look`;
  return {
    elapsed: [`**Running since** ${clock(since)}${age}`],
    lines: room.tail === 0 ? [] : tailOf(lines, mostLines),
    links: linkTo(link),
  };
}

function linkTo(link: NonNullable<RunView['progress']>['link']): ProgressView['links'] {
  const scheme = link !== undefined && URL.canParse(link.url) ? new URL(link.url).protocol : '';
  if (link === undefined || (scheme !== 'https:' && scheme !== 'http:')) return [];
  return [{ title: plain(`Open in ${link.target}`, 60), url: link.url }];
}

/** The end of the log of the last step that wrote one. */
export function lastOutput({ steps }: Pick<RunView, 'steps'>, room: Room): string[] {
  const wrote = steps.findLast((step) => step.tail !== '');
  if (wrote === undefined || room.tail === 0) return ['Nothing to show.'];
  return [plain(`${wrote.title}:`, room.text), ...tailOf(wrote.tail, room.tail)];
}
