import { AppManifestUtils, TeamsManifestConverter } from '@microsoft/app-manifest';
import { AppError } from '../src/domain/errors.ts';
import template from './manifest.json' with { type: 'json' };
import type { ManifestSettings } from './settings.ts';

type Bot = (typeof template.bots)[number];
type CommandList = Bot['commandLists'][number] & { readonly triggers?: readonly string[] };
export type Manifest = Omit<typeof template, 'bots'> & {
  readonly bots: readonly (Omit<Bot, 'commandLists'> & {
    readonly commandLists: readonly CommandList[];
    readonly supportsTargetedMessages?: boolean;
  })[];
};

/** The first schema version with slash commands. */
const previewVersion = '1.30';

function fill(values: Readonly<Record<string, string>>): Manifest {
  const filled = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (token, name: string) => values[name] ?? token);
  return JSON.parse(JSON.stringify(template), (_key, value) =>
    typeof value === 'string' ? filled(value) : value,
  );
}

/**
 * Lets people also type "/" in channels and group chats, answered to them alone. A public developer preview (Teams
 * docs, agent slash commands, May 2026), which an upload check may refuse; it does not exist in personal chats.
 */
function withSlashCommands(manifest: Manifest): Manifest {
  const bots = manifest.bots.map((bot) => {
    const commandLists = bot.commandLists.flatMap(({ scopes, commands }): CommandList[] => [
      { scopes: scopes.filter((scope) => scope !== 'personal'), triggers: ['mention', 'slash'], commands },
      { scopes: scopes.filter((scope) => scope === 'personal'), commands },
    ]);
    return { ...bot, supportsTargetedMessages: true, commandLists };
  });
  const $schema = manifest.$schema.replace(manifest.manifestVersion, previewVersion);
  return { ...manifest, $schema, manifestVersion: previewVersion, bots };
}

/**
 * The Teams app manifest of one organisation. It asks for no permission to read messages: the bot sees what
 * mentions it, is said to it alone, or is clicked on its cards. Throws AppError when it does not fit the schema,
 * which is checked without network.
 */
export async function teamsManifest(
  settings: ManifestSettings,
  { version, slashCommands }: { readonly version: string; readonly slashCommands: boolean },
): Promise<Manifest> {
  const released = fill({ ...settings, version });
  const manifest = slashCommands ? withSlashCommands(released) : released;
  const typed = TeamsManifestConverter.jsonToManifest(JSON.stringify(manifest));
  const problems = await AppManifestUtils.validateAgainstSchema(typed);
  if (problems.length === 0) return manifest;
  throw new AppError({
    code: 'config-invalid',
    message: `the manifest does not fit schema ${manifest.manifestVersion}: ${problems.join('; ')}`,
    fix: 'Correct what the message names, in the environment or in manifest/manifest.json, and package again.',
  });
}
