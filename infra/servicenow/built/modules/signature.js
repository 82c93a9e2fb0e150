const PREFIX = 'whsec_';
/** Whether a secret is one of Standard Webhooks: whsec_ and 24 to 64 bytes in base64. */
export function isSecret(text) {
    const key = text.slice(PREFIX.length);
    return text.indexOf(PREFIX) === 0 && /^[A-Za-z0-9+/]{32,88}={0,2}$/.test(key) && key.length % 4 === 0;
}
/** The headers of one attempt, signed with every secret, so that receivers of either one accept it (standardwebhooks.com). */
export function signedHeaders(id, seconds, body, secrets, mac) {
    const text = `${id}.${seconds}.${body}`;
    return {
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': secrets.map((secret) => `v1,${mac(secret.slice(PREFIX.length), text)}`).join(' '),
    };
}
