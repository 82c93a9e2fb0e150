const LONGEST_PAUSE = 3600;
/** Handrail can never take this event: its body does not fit, its id was used for another one, or nobody wants it. */
const hopeless = [400, 409, 410, 413, 415, 422];
/**
 * What becomes of an event after so many attempts. A refusal that somebody can put right (401, 403, 404) is tried again:
 * a mistake in a secret or an address must not cost every event of an hour.
 */
export function outcomeOf({ status, retryAfter }, attempts, maxAttempts) {
    if (status >= 200 && status < 300)
        return { state: 'sent' };
    if (hopeless.indexOf(status) >= 0 || attempts >= maxAttempts)
        return { state: 'dead' };
    const pause = Math.max(15 * 2 ** Math.min(attempts, 10), retryAfter);
    return { state: 'pending', pauseSeconds: Math.min(LONGEST_PAUSE, pause) };
}
/** Whether the fault lies with the endpoint and not with the event: the next event would fare no better. */
export const isDown = ({ status }) => status < 200 || status === 429 || status >= 500;
/** Seconds of a Retry-After header; 0 when there is none, or a date. */
export const secondsOf = (header) => (/^\d{1,6}$/.test(header) ? Number(header) : 0);
