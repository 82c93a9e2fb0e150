import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import type { Manifest } from '../../manifest/manifest.ts';
import { teamsManifest } from '../../manifest/manifest.ts';
import { appPackage } from '../../manifest/package.ts';
import { manifestSettings } from '../../manifest/settings.ts';
import { readPng } from './png.ts';

const directory = path.resolve(import.meta.dirname, '../../manifest');
const env = {
  HANDRAIL_APP_ID: '11111111-2222-4333-8444-555555555555',
  MICROSOFT_APP_ID: '99999999-2222-4333-8444-555555555555',
  HANDRAIL_PUBLIC_URL: 'https://handrail.contoso.example/bot',
};
const build = (slashCommands: boolean, changes: Record<string, string> = {}) =>
  teamsManifest(manifestSettings({ ...env, ...changes }), { version: '1.2.3', slashCommands });

describe('the settings of the Teams manifest', () => {
  it('names every missing variable and what to set it to', () => {
    assert.throws(() => manifestSettings({ MICROSOFT_APP_ID: '' }), {
      code: 'config-invalid',
      fix: /HANDRAIL_APP_ID: .*uuidgen.*\n.*MICROSOFT_APP_ID: .*Azure Bot.*\n.*HANDRAIL_PUBLIC_URL: the https address/,
    });
  });

  it('refuses an id that is no GUID and an address without TLS', () => {
    const wrong = { ...env, MICROSOFT_APP_ID: 'bot', HANDRAIL_PUBLIC_URL: 'http://handrail.contoso.example' };
    assert.throws(() => manifestSettings(wrong), { fix: /MICROSOFT_APP_ID[\s\S]*HANDRAIL_PUBLIC_URL/ });
    assert.throws(
      () => manifestSettings(wrong),
      (error: Error) => !error.message.includes('HANDRAIL_APP_ID'),
    );
  });

  it('takes the public address for the pages that are not given', () => {
    const settings = manifestSettings({ ...env, HANDRAIL_TERMS_URL: 'https://contoso.example/terms' });
    assert.equal(settings.privacyUrl, env.HANDRAIL_PUBLIC_URL);
    assert.equal(settings.termsUrl, 'https://contoso.example/terms');
  });
});

describe('the Teams manifest', () => {
  for (const slashCommands of [false, true]) {
    const kind = slashCommands ? 'with slash commands' : 'as released';
    let manifest: Manifest;
    before(async () => {
      manifest = await build(slashCommands);
    });

    it(`fits its schema ${kind}, and every value is filled in`, () => {
      assert.deepEqual(
        [manifest.id, manifest.version, manifest.bots[0]?.botId, manifest.validDomains],
        [env.HANDRAIL_APP_ID, '1.2.3', env.MICROSOFT_APP_ID, ['handrail.contoso.example']],
      );
      assert.doesNotMatch(JSON.stringify(manifest), /\$\{/);
    });

    it(`asks for no permission to read messages ${kind}`, () => {
      assert.equal('authorization' in manifest, false);
      assert.doesNotMatch(JSON.stringify(manifest), /Read\.(Group|Chat)|resourceSpecific/);
    });

    it(`offers every command in every scope ${kind}`, () => {
      const lists = manifest.bots[0]?.commandLists ?? [];
      const scopes = lists.flatMap((list) => list.scopes);
      assert.deepEqual(scopes.toSorted(), ['groupChat', 'personal', 'team']);
      for (const { commands } of lists) {
        const names = commands.map(({ title }) => title.replace('runbook ', '')).join(' ');
        assert.equal(names, 'help list run status show approve reject cancel');
      }
    });
  }

  it('uses nothing that is in preview unless told to', async () => {
    const manifest = await build(false);
    assert.equal(manifest.manifestVersion, '1.25');
    assert.doesNotMatch(JSON.stringify(manifest), /slash|supportsTargetedMessages/);
  });

  it('offers slash commands in channels and group chats, where they exist', async () => {
    const manifest = await build(true);
    assert.equal(manifest.manifestVersion, '1.30');
    assert.match(manifest.$schema, /v1\.30/);
    const withSlash = manifest.bots[0]?.commandLists.filter(({ triggers }) => triggers?.includes('slash'));
    assert.deepEqual(
      withSlash?.map(({ scopes }) => scopes),
      [['team', 'groupChat']],
    );
    assert.equal(manifest.bots[0]?.supportsTargetedMessages, true);
  });

  it('says what does not fit the schema', async () => {
    const settings = manifestSettings(env);
    await assert.rejects(teamsManifest(settings, { version: '1'.repeat(300), slashCommands: false }), {
      code: 'config-invalid',
      message: /1\.25.*version/,
    });
  });
});

describe('the icons', () => {
  const icon = (name: string) => readPng(fs.readFileSync(path.join(directory, name)));

  it('are 192 pixels in full colour without holes', () => {
    const { width, height, pixels } = icon('color.png');
    assert.deepEqual([width, height], [192, 192]);
    assert.ok(pixels.every(([, , , alpha]) => alpha === 255));
  });

  it('are 32 pixels of pure white on nothing', () => {
    const { width, height, pixels } = icon('outline.png');
    assert.deepEqual([width, height], [32, 32]);
    const drawn = pixels.filter(([, , , alpha]) => alpha !== 0);
    assert.ok(drawn.length > 50 && drawn.length < pixels.length / 2, `${drawn.length} pixels`);
    assert.ok(drawn.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255));
  });
});

describe('the app package', () => {
  it('holds the manifest and its two icons at the root, and nothing else', async () => {
    const manifest = await build(false);
    const files = unzipSync(appPackage(manifest));
    assert.deepEqual(Object.keys(files).toSorted(), ['color.png', 'manifest.json', 'outline.png']);
    assert.deepEqual(JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())), manifest);
    assert.deepEqual(
      Buffer.from(files['color.png'] ?? []),
      fs.readFileSync(path.join(directory, 'color.png')),
    );
  });

  it('has the same bytes for the same content', async () => {
    assert.deepEqual(appPackage(await build(false)), appPackage(await build(false)));
  });

  it('is not made without settings, and says which are missing', async () => {
    const script = path.join(directory, 'package.ts');
    const made = promisify(execFile)(process.execPath, [script], { env: { PATH: process.env['PATH'] } });
    await assert.rejects(made, {
      code: 1,
      stderr: /HANDRAIL_APP_ID[\s\S]*npm run package|npm run package[\s\S]*HANDRAIL_APP_ID/,
    });
  });
});
