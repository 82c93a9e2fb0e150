import { GlideDateTime, GlideRecord, gs } from '@servicenow/glide';
import { isDown, outcomeOf } from './outcome';
import { post } from './post';
import { isSending, OUTBOX, sending } from './settings';
/** So long nobody else takes an event that is being sent. An attempt takes ten seconds at most. */
const LEASE_SECONDS = 60;
/** A batch ends after this time, so that it is over before the next one begins. */
const BATCH_MS = 40000;
/** So many failures of the endpoint in a row end a batch: the next event would only wait for the same. */
const FAILURES = 3;
/** Once an event was queued (an asynchronous rule): the first attempt, unless the endpoint fails at the moment. */
export function sendNow(current) {
    const settings = sending();
    if (!isSending() || settings.problem !== '' || isFailing())
        return;
    sendOne(current.getUniqueValue(), settings);
}
/** Every minute (a scheduled script): sends what is due, what waited longest first. */
export function sendDue() {
    if (!isSending())
        return;
    const settings = sending();
    const due = dueEvents(settings.batchSize);
    if (due.length === 0)
        return;
    if (settings.problem !== '') {
        gs.error(`Handrail: events wait to be sent, but ${settings.problem}.`);
        return;
    }
    const until = new GlideDateTime().getNumericValue() + BATCH_MS;
    let failures = 0;
    for (const sysId of due) {
        const answer = sendOne(sysId, settings);
        failures = answer && isDown(answer) ? failures + 1 : 0;
        if (failures >= FAILURES || new GlideDateTime().getNumericValue() >= until)
            return;
    }
}
/** Whether an event failed and waits: then the scheduled script alone tries, and a burst cannot block the workers. */
function isFailing() {
    const waiting = new GlideRecord(OUTBOX);
    waiting.addQuery('state', 'pending');
    waiting.addNotNullQuery('last_error');
    waiting.setLimit(1);
    waiting.query();
    return waiting.hasNext();
}
function dueEvents(most) {
    const due = new GlideRecord(OUTBOX);
    due.addQuery('state', 'pending');
    due.addQuery('next_attempt', '<=', new GlideDateTime().getValue());
    due.orderBy('next_attempt');
    due.setLimit(most);
    due.query();
    const sysIds = [];
    while (due.next())
        sysIds.push(due.getUniqueValue());
    return sysIds;
}
/** Undefined when it was sent, superseded or taken by somebody else in the meantime. */
function sendOne(sysId, settings) {
    const row = new GlideRecord(OUTBOX);
    if (!row.get(sysId) || !isDue(row))
        return undefined;
    const attempts = Number(row.getValue('attempts') || '0') + 1;
    // Counted before it is tried: an event that ends its worker every time comes to an end too.
    row.setValue('attempts', attempts);
    row.setValue('next_attempt', inSeconds(LEASE_SECONDS));
    row.update();
    const answer = post(settings, row.getValue('event_id') || '', row.getValue('body') || '');
    settle(sysId, answer, outcomeOf(answer, attempts, settings.maxAttempts));
    return answer;
}
const isDue = (row) => row.getValue('state') === 'pending' &&
    (row.getValue('next_attempt') || '') <= new GlideDateTime().getValue();
/** Writes what came of an attempt. An event that was superseded meanwhile stays so, unless it was sent. */
function settle(sysId, answer, outcome) {
    const row = new GlideRecord(OUTBOX);
    if (!row.get(sysId))
        return;
    row.setValue('last_status', answer.status);
    row.setValue('last_error', answer.error);
    if (outcome.state === 'sent' || row.getValue('state') === 'pending')
        row.setValue('state', outcome.state);
    if (outcome.state === 'pending')
        row.setValue('next_attempt', inSeconds(outcome.pauseSeconds));
    row.update();
    if (row.getValue('state') === 'dead')
        gs.error(`Handrail: event ${row.getValue('event_id')} is given up: ${answer.error}. See Handrail > Dead letters.`);
}
function inSeconds(seconds) {
    const then = new GlideDateTime();
    then.addSeconds(seconds);
    return then.getValue();
}
