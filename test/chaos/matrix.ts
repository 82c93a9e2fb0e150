import type { Cell } from './cells.ts';
import type { EngineKind, Stage } from './harness.ts';
import type { Kind } from './incidents.ts';
import { after, before, type Point, victims } from './points.ts';

/** Calls that are repeated until something has changed: how often is a matter of luck, so only the first few count. */
const polled = new Map([
  ['ops GET /runs/*', 2],
  ['site GET /shop/health', 2],
  ['site GET /search/health', 2],
  ['site GET /shop-test/health', 2],
]);

/**
 * Every moment of a run: both sides of each transaction and of each call that changes something, one of each call that
 * only reads. A transaction is named by its last item, and its moments by how many of that name came before.
 */
export function pointsOf(trail: readonly (readonly string[])[]): Point[] {
  const seen = new Map<string, number>();
  return trail.flatMap((labels) => {
    for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1);
    const label = labels.at(-1) ?? '';
    const n = seen.get(label) ?? 1;
    if (n > (polled.get(label) ?? n)) return [];
    const reads = / GET /.test(label);
    // nothing of Handrail is at work before its doors are called
    const calledUpon = label.startsWith('handrail ');
    if (reads) return [before(label, n)];
    return calledUpon ? [after(label, n)] : [before(label, n), after(label, n)];
  });
}

/** The whole matrix of a kind of incident, from the trail of a run that nobody disturbs. */
export async function matrixOf(engine: EngineKind, stage: Stage, kind: Kind): Promise<Cell[]> {
  stage.trail();
  const { problems } = await stage.pass(kind);
  if (problems.length > 0) throw new Error(`a run that nobody disturbs goes wrong:\n${problems.join('\n')}`);
  const points = pointsOf(stage.trail());
  const dying = engine === 'local' ? (['bot'] as const) : victims;
  return points.flatMap((point) => dying.map((victim) => ({ kind, point, victim })));
}
