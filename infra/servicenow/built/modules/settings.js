import { gs } from '@servicenow/glide';
import { isSecret } from './signature';
export const OUTBOX = 'x_handrail_outbox';
/** The column of incident that says whether it is Handrail's business: empty, `offer` or `never`. */
export const TAG = 'x_handrail_tag';
export const OFFER = 'offer';
const text = (name) => String(gs.getProperty(`x_handrail.${name}`, '') || '').trim();
/** A whole number within bounds; anything else counts as the usual one. */
function whole(name, usual, least, most) {
    const given = text(name);
    const value = /^\d{1,6}$/.test(given) ? Number(given) : usual;
    return Math.min(most, Math.max(least, value));
}
export const isSending = () => text('active') === 'true';
export const tagRule = () => text('tag_rule');
export const suggestionColumn = () => text('suggestion_column');
export const daysToKeep = () => whole('keep_days', 14, 1, 365);
/** Whether who works now is Handrail: what it writes is no news to it. */
export function isOwnUser() {
    const own = text('integration_user').toLowerCase();
    return own !== '' && String(gs.getUserName()).toLowerCase() === own;
}
export function sending() {
    const endpoint = text('endpoint');
    const secrets = [text('secret'), text('secret_next')].filter((secret) => secret !== '');
    return {
        endpoint,
        secrets,
        maxAttempts: whole('max_attempts', 20, 1, 100),
        batchSize: whole('batch_size', 50, 1, 500),
        problem: problemOf(endpoint, secrets),
    };
}
function problemOf(endpoint, secrets) {
    if (!/^https:\/\/[^\s/$?#@]+\/[^\s$]*$/.test(endpoint))
        return 'x_handrail.endpoint is no https address with a path: set it to https://<your Handrail>/api/servicenow/events';
    if (secrets.length === 0)
        return 'x_handrail.secret is empty: set it to the value of SERVICENOW_WEBHOOK_SECRET';
    if (!secrets.every(isSecret))
        return 'x_handrail.secret or x_handrail.secret_next is not whsec_ followed by base64: copy it again';
    return '';
}
