/** The longest body that is sent, and that fits its column; Handrail takes four times as much. */
export const LONGEST_BODY = 16000;
/**
 * The webhook-id of a version, the same on every attempt. `again` makes another one for a version that was told before.
 */
export const eventId = ({ sysId, modCount }, again = '') => `inc_${sysId}_${modCount}${again === '' ? '' : `_${again}`}`;
/** A thin event: Handrail reads the incident itself. A suggestion that is too long is left out, and the event says so. */
export function eventBody(version) {
    const { suggestion } = version;
    if (suggestion.trim() === '')
        return bodyOf(version, undefined);
    const whole = bodyOf(version, parsed(suggestion));
    if (whole.length <= LONGEST_BODY)
        return whole;
    return bodyOf(version, `left out: ${suggestion.length} characters are too many`);
}
const bodyOf = ({ sysId, number, modCount }, suggestion) => plain(JSON.stringify({ table: 'incident', sys_id: sysId, number, sys_mod_count: modCount, suggestion }));
/** JSON, or whatever it is. Who receives the event judges it. */
function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch (_) {
        return text.slice(0, 500);
    }
}
/**
 * The same JSON without a character beyond ASCII, so that what is signed and what is sent cannot differ by encoding, and
 * without a dollar sign: RESTMessageV2 replaces ${...} in a body after it was signed.
 */
const plain = (json) => json.replace(/[\u007f-\uffff$]/g, (c) => `\\u${`000${c.charCodeAt(0).toString(16)}`.slice(-4)}`);
