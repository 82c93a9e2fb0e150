import { GlideDateTime, gs } from '@servicenow/glide';
import { queue, versionOf } from './queue';
import { OFFER, TAG } from './settings';
/** The button of an incident: tags it and tells Handrail at once, also when nothing changed since the last time. */
export function proposeRunbook(current) {
    current.setValue(TAG, OFFER);
    current.update();
    queue(versionOf(current), gs.generateGUID());
    gs.addInfoMessage('Handrail is asked for a runbook. If one fits, it is proposed in Teams within a minute.');
}
/** The button of a dead letter: sends it again under the same id, so that Handrail knows it if it came through before. */
export function sendAgain(current) {
    if (current.getValue('state') !== 'dead')
        return;
    current.setValue('state', 'pending');
    current.setValue('attempts', 0);
    current.setValue('next_attempt', new GlideDateTime().getValue());
    current.update();
}
