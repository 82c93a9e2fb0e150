import { z } from 'zod';
import { AppError } from '../src/domain/errors.ts';

const guid = (error: string) =>
  z.string({ error }).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { error });
const httpsUrl = (error: string) => z.url({ protocol: /^https$/, error });
/** An empty variable counts as missing. */
const given = (value: unknown) => (value === '' ? undefined : value);

const Environment = z.object({
  HANDRAIL_APP_ID: guid(
    'the identity of this app in your catalogue, a GUID: make one with uuidgen and keep it for ever',
  ),
  MICROSOFT_APP_ID: guid('the GUID "Microsoft App ID" of your Azure Bot, on its Configuration page'),
  HANDRAIL_PUBLIC_URL: httpsUrl(
    'the https address Teams reaches Handrail at, such as https://handrail.example.com',
  ),
  HANDRAIL_DEVELOPER_NAME: z
    .string()
    .max(32, { error: 'the name of who offers the app, at most 32 characters' })
    .default('Handrail contributors'),
  HANDRAIL_WEBSITE_URL: httpsUrl('an https address that describes the app').optional(),
  HANDRAIL_PRIVACY_URL: httpsUrl('an https address with your privacy notice').optional(),
  HANDRAIL_TERMS_URL: httpsUrl('an https address with your terms of use').optional(),
});

/** What an organisation puts into the manifest. The three pages default to the public address. */
export type ManifestSettings = {
  readonly appId: string;
  readonly botId: string;
  readonly host: string;
  readonly developerName: string;
  readonly websiteUrl: string;
  readonly privacyUrl: string;
  readonly termsUrl: string;
};

/** Reads the settings. Throws AppError naming every variable that is missing or wrong, and what it must be. */
export function manifestSettings(env: Readonly<Record<string, string | undefined>>): ManifestSettings {
  const cleaned = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, given(value)]));
  const parsed = Environment.safeParse(cleaned);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new AppError({
      code: 'config-invalid',
      message: `the manifest lacks settings:\n${wrong.join('\n')}`,
      fix: `Set these environment variables and run npm run package again:\n${wrong.join('\n')}`,
    });
  }
  const variables = parsed.data;
  const home = variables.HANDRAIL_PUBLIC_URL;
  return {
    appId: variables.HANDRAIL_APP_ID,
    botId: variables.MICROSOFT_APP_ID,
    host: new URL(home).hostname,
    developerName: variables.HANDRAIL_DEVELOPER_NAME,
    websiteUrl: variables.HANDRAIL_WEBSITE_URL ?? home,
    privacyUrl: variables.HANDRAIL_PRIVACY_URL ?? home,
    termsUrl: variables.HANDRAIL_TERMS_URL ?? home,
  };
}
