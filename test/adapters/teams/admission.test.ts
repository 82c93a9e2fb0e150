import assert from 'node:assert/strict';
import { admission } from '../../../src/adapters/teams/admission.ts';
import { botAuthentication } from '../../../src/adapters/teams/authentication.ts';
import { teamsBot } from '../../../src/adapters/teams/bot.ts';
import { connectorUrls, isLoopbackAddress, loopbackUrls } from '../../../src/adapters/teams/service-url.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { fakeDesk } from '../../fakes/desk.ts';
import {
  appId,
  type FakeTeams,
  fakeTeams,
  memoryState,
  tenant,
  testAuthentication,
  typed,
} from '../../fakes/teams.ts';

const at = { clock: { now: () => new Date(0) }, ids: { ulid: () => 'REF' }, log: () => undefined };

describe('the door of the bot', () => {
  let teams: FakeTeams;
  before(async () => {
    teams = await fakeTeams();
  });
  after(() => teams.close());

  const bearer = async (...wrong: Parameters<FakeTeams['connector']['token']>) => ({
    authorization: `Bearer ${await teams.connector.token(...wrong)}`,
  });
  const refused: [string, () => Promise<Record<string, string>>][] = [
    ['without a token', async () => ({})],
    ['with a token that is none', async () => ({ authorization: 'Bearer nonsense' })],
    ['with an expired token', () => bearer(appId, { expired: true })],
    ['signed with another key', () => bearer(appId, { foreignKey: true })],
    ['with a token for another bot', () => bearer('99999999-2222-3333-4444-555555555555')],
    ['with a token of another issuer', () => bearer(appId, { claims: { iss: 'https://evil.example' } })],
    [
      'with a token for another service URL',
      () => bearer(appId, { claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } }),
    ],
    [
      "with the emulator's token, which names no service URL",
      () =>
        bearer(appId, {
          claims: {
            iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/',
            ver: '1.0',
            appid: appId,
            tid: 'd6d49420-f39b-4df7-a1dc-d59a935871db',
          },
        }),
    ],
  ];
  for (const [name, headers] of refused)
    it(`answers a bare 401 to an activity ${name}`, async () => {
      const { status, text } = await teams.post(typed('approve 7K2QD'), await headers());
      assert.deepEqual({ status, text }, { status: 401, text: '' });
    });

  it('lets an activity with a valid token in', async () => {
    assert.equal((await teams.post(typed('approve 7K2QD'))).status, 200);
    assert.equal(teams.desk.submitted.length, 1, 'and none of the refused ones reached the desk');
  });

  const valid = typed('approve 7K2QD');
  const bare: [string, number, object][] = [
    ['that names no service URL', 400, { ...valid, serviceUrl: undefined }],
    ['without a sender', 400, { ...valid, from: undefined }],
    ['of another channel', 400, { ...valid, channelId: 'directline' }],
    ['of another tenant', 403, { ...valid, conversation: { ...valid.conversation, tenantId: 'other' } }],
    ['that names a second tenant', 403, { ...valid, channelData: { tenant: { id: 'other' } } }],
    ['of no tenant', 403, { ...valid, conversation: { id: 'c' }, channelData: {} }],
  ];
  for (const [name, status, activity] of bare)
    it(`answers a bare ${status} to an activity ${name}`, async () => {
      const reply = await teams.post(activity);
      assert.deepEqual({ status: reply.status, text: reply.text }, { status, text: '' });
    });

  it('answers a bare 403 when a valid token vouches for a service URL that is not of Teams', async () => {
    const claims = { serviceurl: 'https://evil.example/' };
    const reply = await teams.post(
      { ...valid, serviceUrl: claims.serviceurl },
      await bearer(appId, { claims }),
    );
    assert.deepEqual({ status: reply.status, text: reply.text }, { status: 403, text: '' });
    assert.equal(teams.desk.submitted.length, 1);
  });
});

describe('the door of the sandbox', () => {
  let teams: FakeTeams;
  before(async () => {
    const identity = { mode: 'sandbox' } as const;
    teams = await fakeTeams({ identity, tenants: [], authentication: botAuthentication(identity) });
  });
  after(() => teams.close());

  it('is open to a program on this machine, without a token', async () => {
    assert.equal((await teams.post(typed('approve 7K2QD'), {})).status, 200);
    assert.equal(teams.desk.submitted.length, 1);
  });

  it('is closed to other machines', async () => {
    const admit = admission({
      sandbox: true,
      authentication: botAuthentication({ mode: 'sandbox' }),
      issuer: '',
      tenants: [],
      serviceUrls: loopbackUrls,
      log: () => undefined,
    });
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: '127.0.0.1:3978' },
      body: { ...typed('help'), serviceUrl: 'http://localhost:56150/_connector' },
      remoteAddress: '127.0.0.1',
    };
    assert.equal((await admit(request)).ok, true);
    const closed: object[] = [
      { remoteAddress: '10.0.0.8' },
      { remoteAddress: undefined },
      { headers: { ...request.headers, host: 'rebound.example:3978' } },
      { headers: { ...request.headers, 'content-type': 'text/plain' } },
      { body: { ...request.body, serviceUrl: 'https://evil.example' } },
    ];
    for (const other of closed)
      assert.deepEqual(
        await admit({ ...request, ...other }),
        { ok: false, status: 403 },
        JSON.stringify(other),
      );
    assert.deepEqual(await admit({ ...request, method: 'GET' }), { ok: false, status: 405 });
  });
});

describe('starting the bot', () => {
  const production = {
    mode: 'production',
    appId,
    appType: 'SingleTenant',
    tenantId: tenant,
    secret: 's3cret',
  } as const;
  const start = (identity: Parameters<typeof teamsBot>[0]['identity'], tenants: string[] = [tenant]) =>
    teamsBot({ ...at, identity, tenants, desk: fakeDesk(), store: memoryState() });

  it('works with a complete identity of either kind', () => {
    start(production);
    const { secret: _secret, ...rest } = production;
    start({ ...rest, appType: 'UserAssignedMSI' });
    start({ ...production, cloud: 'us-government' });
  });

  const incomplete: [string, () => unknown][] = [
    [
      'an app id, also when the authentication is replaced',
      () =>
        teamsBot({
          ...at,
          identity: { ...production, appId: ' ' },
          tenants: [tenant],
          desk: fakeDesk(),
          store: memoryState(),
          authentication: testAuthentication('http://127.0.0.1:1/openid'),
        }),
    ],
    ['an app id', () => start({ ...production, appId: '' })],
    ['a tenant', () => start({ ...production, tenantId: '' })],
    ['a secret', () => start({ ...production, secret: '' })],
    ['a list of tenants to let in', () => start(production, [])],
  ];
  for (const [name, begin] of incomplete)
    it(`is refused without ${name}, and the secret is not told`, () => {
      assert.throws(begin, (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'config-invalid');
        assert.ok(!`${error.message} ${error.fix}`.includes('s3cret'));
        return true;
      });
    });
});

describe('service URLs', () => {
  const rule = connectorUrls(['127.0.0.1:8080']);
  const table: [string, boolean][] = [
    ['https://smba.trafficmanager.net/emea/', true],
    ['https://europe.botframework.com', true],
    ['https://smba.infra.gov.teams.microsoft.us/gcch', true],
    ['https://smba.infra.gcc.teams.microsoft.com/gcc', true],
    ['http://127.0.0.1:8080/x', true],
    ['http://127.0.0.1:8081/x', false],
    ['http://smba.trafficmanager.net/', false],
    ['https://smba.trafficmanager.net:8443/', false],
    ['https://smba.trafficmanager.net.evil.example/', false],
    ['https://evilbotframework.com/', false],
    ['https://smba.trafficmanager.net@evil.example/', false],
    ['https://user:pw@smba.trafficmanager.net/', false],
    ['file:///etc/passwd', false],
    ['', false],
  ];
  for (const [url, allowed] of table)
    it(`${allowed ? 'trusts' : 'does not trust'} ${url || 'nothing'}`, () =>
      assert.equal(rule(url), allowed));

  it('knows the addresses of this machine', () => {
    for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.9.1'])
      assert.equal(isLoopbackAddress(own), true, own);
    for (const other of ['10.0.0.1', '::ffff:10.0.0.1', '', undefined, '128.0.0.1', 'fe80::1'])
      assert.equal(isLoopbackAddress(other), false, String(other));
  });
});
