import { GlideDateTime, GlideRecord } from '@servicenow/glide';
import { daysToKeep, OUTBOX } from './settings';
/** Once a day: deletes events that were sent or superseded so many days ago. Dead letters stay until somebody deletes them. */
export function reap() {
    const before = new GlideDateTime();
    before.addSeconds(-86400 * daysToKeep());
    const old = new GlideRecord(OUTBOX);
    old.addQuery('state', 'IN', 'sent,superseded');
    old.addQuery('sys_updated_on', '<', before.getValue());
    old.deleteMultiple();
}
