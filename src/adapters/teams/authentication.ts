import { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type { BotFrameworkAuthentication } from 'botframework-connector';
import { AppError } from '../../domain/errors.ts';

/** Who the bot is. The sandbox has no identity: it is open to programs on this machine and to nobody else. */
export type BotIdentity =
  | { readonly mode: 'sandbox' }
  | {
      readonly mode: 'production';
      readonly appId: string;
      readonly appType: 'SingleTenant' | 'UserAssignedMSI';
      readonly tenantId: string;
      /** For SingleTenant; a managed identity has none. */
      readonly secret?: string;
      readonly cloud?: 'public' | 'us-government';
    };

/**
 * The SDK's authentication of inbound requests and of our own calls.
 * An empty app id would switch authentication off in the SDK, so it is refused here. Throws `config-invalid`.
 */
export function botAuthentication(identity: BotIdentity): BotFrameworkAuthentication {
  if (identity.mode === 'sandbox') return new ConfigurationBotFrameworkAuthentication({});
  const missing = missingSettings(identity);
  if (missing.length > 0)
    throw new AppError({
      code: 'config-invalid',
      message: `The bot's identity is incomplete: ${missing.join(', ')}`,
      fix: `Set ${missing.join(', ')} of the bot's app registration, or start the sandbox instead.`,
    });
  const government = { ChannelService: 'https://botframework.azure.us' };
  return new ConfigurationBotFrameworkAuthentication({
    MicrosoftAppId: identity.appId,
    MicrosoftAppType: identity.appType,
    MicrosoftAppTenantId: identity.tenantId,
    ...(identity.secret === undefined ? {} : { MicrosoftAppPassword: identity.secret }),
    ...(identity.cloud === 'us-government' ? government : {}),
  });
}

function missingSettings(identity: Extract<BotIdentity, { mode: 'production' }>): string[] {
  const missing: string[] = [];
  if (identity.appId.trim() === '') missing.push('the app id');
  if (identity.tenantId.trim() === '') missing.push('the tenant id');
  if (identity.appType === 'SingleTenant' && !identity.secret?.trim()) missing.push('the client secret');
  return missing;
}

/** The token issuer of the channel; tokens the SDK also takes (emulator, skills) are not for us. */
export function channelIssuer(identity: BotIdentity): string {
  const government = identity.mode === 'production' && identity.cloud === 'us-government';
  return government ? 'https://api.botframework.us' : 'https://api.botframework.com';
}
