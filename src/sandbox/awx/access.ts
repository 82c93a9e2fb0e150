import { randomBytes } from 'node:crypto';
import { type Answer, type Ask, type Handler, hasToken } from '../ops-api/loopback.ts';
import { detail } from './rows.ts';

export type Account = {
  readonly token: string;
  /** With it tokens can be had for a user name and a password, as `POST tokens/` gives them. */
  readonly password?: string;
};
export const userName = 'handrail';

const unknown =
  'Authentication credentials were not provided. To establish a login session, visit /api/login/.';

/** Who may do what: a bearer token, or Basic with the password. */
export function access({ token, password }: Account) {
  const issued = new Map<number, string>();
  const basic =
    password === undefined ? undefined : `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
  const knows = (ask: Ask) =>
    hasToken(ask, token) ||
    (basic !== undefined && ask.headers.authorization === basic) ||
    [...issued.values()].some((one) => hasToken(ask, one));

  return {
    guarded:
      (handler: Handler): Handler =>
      (ask) =>
        knows(ask) ? handler(ask) : detail(401, unknown),
    issue(): Answer {
      const id = issued.size + 1;
      const fresh = randomBytes(20).toString('base64url');
      issued.set(id, fresh);
      return {
        status: 201,
        json: { id, type: 'o_auth2_access_token', token: fresh, scope: 'write', user: 1 },
      };
    },
    revoke(ask: Ask): Answer {
      const id = Number(ask.params['id']);
      return issued.delete(id)
        ? { status: 204 }
        : detail(404, 'No OAuth2AccessToken matches the given query.');
    },
  };
}
