import { Considered } from '../domain/considered.ts';
import type { Deps } from './deps.ts';

type Store = Pick<Deps, 'state'>;

/**
 * An incident that nobody touched for so long is looked at again; its runs are claimed for ever. One that was offered is
 * remembered for ever too: without its tag it would else count as never tagged, and be proposed for.
 */
const KEEP_SECONDS = 30 * 86_400;
/** Longer than a look takes. One that takes longer all the same is set right by `keepConsidered`. */
const LOOK_SECONDS = 30;

export async function readConsidered(store: Store, sysId: string): Promise<Considered | undefined> {
  const stored = await store.state.get(incidentPk(sysId), CONSIDERED);
  return stored && Considered.parse(stored.item.body);
}

/** Keeps what was made of an incident, unless another process has considered a newer version meanwhile: then false. */
export async function keepConsidered({ state }: Store, sysId: string, body: Considered): Promise<boolean> {
  const pk = incidentPk(sysId);
  const ttl = body.offered ? {} : { ttl: KEEP_SECONDS };
  const item = { pk, id: CONSIDERED, kind: CONSIDERED, k: sysId, ...ttl, body };
  for (;;) {
    const there = await state.get(pk, CONSIDERED);
    if (there !== undefined && Considered.parse(there.item.body).modCount > body.modCount) return false;
    if ((await state.put(item, there === undefined ? 'new' : there)).ok) return true;
  }
}

/** What was made of an incident counts no more: whoever looks next takes it as never seen, but for the tag it had. */
export async function forgetVersion({ state }: Store, sysId: string): Promise<void> {
  for (;;) {
    const there = await state.get(incidentPk(sysId), CONSIDERED);
    if (there === undefined) return;
    const { run: _none, ...kept } = Considered.parse(there.item.body);
    const body = { ...kept, modCount: 0, shape: '' };
    if ((await state.put({ ...there.item, body }, there)).ok) return;
  }
}

/**
 * Lets one process look at an incident at a time. Answers how to give it back, undefined while another one has it; one
 * that has died gives it back by itself.
 */
export async function claimLook(
  { state, ids }: Pick<Deps, 'state' | 'ids'>,
  sysId: string,
): Promise<(() => Promise<void>) | undefined> {
  const pk = incidentPk(sysId);
  const item = { pk, id: LOOK, kind: LOOK, k: sysId, ttl: LOOK_SECONDS, body: ids.ulid() };
  const taken = await state.put(item, 'new');
  if (!taken.ok) return undefined;
  return async () => void (await state.remove(pk, LOOK, taken.etag));
}

/** Gives back what a process that died was looking at. For one that knows it is alone on its store: others would be interrupted. */
export async function freeLooks({ state }: Store): Promise<void> {
  let after: string | undefined;
  do {
    const cursor = after === undefined ? {} : { after };
    const page = await state.list({ where: { kind: LOOK }, limit: 100, ...cursor });
    for (const { item, etag } of page.items) await state.remove(item.pk, item.id, etag);
    after = page.after;
  } while (after !== undefined);
}

const CONSIDERED = 'considered';
const LOOK = 'look';
const incidentPk = (sysId: string): string => `incident:${sysId}`;
