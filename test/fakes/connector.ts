import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
};
type Fault = { readonly status: number; readonly headers: Record<string, string>; readonly code: string };

/** Stands in for the Bot Framework: OpenID metadata, signing keys, and the connector's REST calls, on loopback. */
export type FakeConnector = {
  readonly url: string;
  readonly openIdUrl: string;
  readonly calls: Call[];
  /** A channel token as Teams sends it; claims and key can be made wrong. */
  token(
    audience: string,
    wrong?: { claims?: JWTPayload; foreignKey?: boolean; expired?: boolean },
  ): Promise<string>;
  /** Answers the next connector calls with these faults, then behaves again. */
  fail(...faults: { status: number; headers?: Record<string, string>; code?: string }[]): void;
  /** The answer to a new conversation. */
  created: object;
  /** Runs before each answered connector call. */
  onCall: (call: Call) => Promise<void>;
  close(): Promise<void>;
};

// Making RSA keys takes longer than everything else here, so all connectors of a test run share them.
const keys = Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);

export async function fakeConnector(): Promise<FakeConnector> {
  const [own, foreign] = await keys;
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'k1', use: 'sig', endorsements: ['msteams'] };
  const calls: Call[] = [];
  const faults: Fault[] = [];
  let sent = 0;

  const wellKnown = (path: string): object | undefined => {
    if (path === '/jwks') return { keys: [jwk] };
    if (path !== '/openid') return undefined;
    return {
      issuer: 'https://api.botframework.com',
      jwks_uri: `${url}/jwks`,
      id_token_signing_alg_values_supported: ['RS256'],
    };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    const path = request.url ?? '';
    const metadata = wellKnown(path);
    if (metadata !== undefined) return send(200, metadata);
    const chunks = await Array.fromAsync<Buffer>(request);
    const text = Buffer.concat(chunks).toString();
    const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    const call = {
      method: request.method ?? '',
      path: decodeURIComponent(path),
      headers: request.headers,
      body,
    };
    calls.push(call);
    await fake.onCall(call);
    const fault = faults.shift();
    if (fault !== undefined)
      return send(fault.status, { error: { code: fault.code, message: 'fault' } }, fault.headers);
    if (path === '/v3/conversations') return send(201, fake.created);
    return send(request.method === 'POST' ? 201 : 200, { id: `sent-${++sent}` });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port }: Partial<AddressInfo> = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const fake: FakeConnector = {
    url,
    openIdUrl: `${url}/openid`,
    calls,
    created: { id: '19:incidents@thread.tacv2;messageid=1700', activityId: '1700', serviceUrl: url },
    onCall: async () => undefined,
    async token(audience, { claims = {}, foreignKey = false, expired = false } = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ serviceurl: url, ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
        .setIssuer(claims.iss ?? 'https://api.botframework.com')
        .setAudience(audience)
        .setNotBefore(now - 7_200)
        .setExpirationTime(expired ? now - 3_600 : now + 600)
        .sign(foreignKey ? foreign.privateKey : own.privateKey);
    },
    fail(...wanted) {
      faults.push(...wanted.map(({ status, headers = {}, code = 'Fault' }) => ({ status, headers, code })));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return fake;
}
