import { randomBytes } from 'node:crypto';
import { type Answer, type Asked, failure, json, objectOf } from './http.ts';

/** Kept in memory: who asks again makes it again. */
const most = 1_000;

/**
 * `POST /api/now/tinyurl` shortens an address, and `sysparm_tiny` stands for its query in a later request: clients use it
 * for addresses over 2,048 characters (servicenow.itsm collection, client.py).
 */
export function tinyUrls() {
  const queries = new Map<string, string>();
  return {
    /** Answers the request that shortens; undefined for other paths. */
    shorten(asked: Asked): Answer | undefined {
      if (!/^\/api\/now\/(?:v[12]\/)?tinyurl$/.test(asked.path)) return undefined;
      if (asked.method !== 'POST') return failure(405, 'Method not allowed');
      const { url } = objectOf(asked.body) ?? {};
      if (typeof url !== 'string' || !URL.canParse(url))
        return failure(400, 'Bad Request', 'url is required');
      const tiny = randomBytes(16).toString('hex');
      queries.set(tiny, new URL(url).search);
      const [oldest] = queries.keys();
      if (queries.size > most && oldest !== undefined) queries.delete(oldest);
      return json(201, { result: `${new URL(url).pathname.slice(1)}?sysparm_tiny=${tiny}` });
    },
    /** The request with the query that was shortened. */
    restored(asked: Asked): Asked {
      const search = queries.get(asked.query.get('sysparm_tiny') ?? '');
      return search === undefined ? asked : { ...asked, query: new URLSearchParams(search) };
    },
  };
}
