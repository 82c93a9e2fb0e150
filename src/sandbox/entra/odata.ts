import type { Answer, Ask } from '../ops-api/loopback.ts';

export type Entity = Readonly<Record<string, string>>;

/** The error body of Microsoft Graph. */
export const graphError = (status: number, code: string, message: string): Answer => ({
  status,
  json: { error: { code, message } },
});

/** The properties `$select` names, all of them without it. */
export function selected(ask: Ask, entity: Entity): Entity {
  const names = ask.query.get('$select')?.split(',');
  if (names === undefined) return entity;
  return Object.fromEntries(Object.entries(entity).filter(([name]) => names.includes(name)));
}

/** One page of a list: `$top` up to 999, 100 without it, and the link to the next page with a `$skiptoken`. */
export function pageOf(ask: Ask, entities: readonly Entity[]): Answer {
  const top = Number(ask.query.get('$top') ?? 100);
  if (!Number.isInteger(top) || top < 1 || top > 999)
    return graphError(400, 'Request_BadRequest', "Invalid page size specified: '$top'.");
  const from = Number(ask.query.get('$skiptoken') ?? 0);
  const query = new URLSearchParams(ask.query);
  query.set('$skiptoken', String(from + top));
  const next = `http://${ask.headers.host ?? ''}${ask.path}?${query}`;
  return {
    status: 200,
    json: {
      ...(ask.query.get('$count') === 'true' ? { '@odata.count': entities.length } : {}),
      ...(from + top < entities.length ? { '@odata.nextLink': next } : {}),
      value: entities.slice(from, from + top).map((entity) => selected(ask, entity)),
    },
  };
}
