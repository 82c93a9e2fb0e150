import { Webhook } from 'standardwebhooks';

export type WebhookHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

/**
 * Whether a body carries a Standard Webhooks signature of one of the active secrets (current and previous, for rotation),
 * made within five minutes of now. Judged over the raw bytes, in constant time by the library. Source: standardwebhooks.com.
 */
export function isSigned(
  body: string,
  headers: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): boolean {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || !/^[\w-]{1,200}$/.test(id)) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp) || typeof signature !== 'string')
    return false;
  const signed: WebhookHeaders = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  };
  return secrets.some((secret) => verifies(secret, body, signed));
}

function verifies(secret: string, body: string, headers: WebhookHeaders): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    // the library parses the body after it verified it: text that is no JSON was signed all the same
    return error instanceof SyntaxError;
  }
}
