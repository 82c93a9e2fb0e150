import { GlideFilter, GlideRecord, gs } from '@servicenow/glide';
import { OFFER, TAG, tagRule } from './settings';
/**
 * Before an incident is saved: tags it when the tag rule fits. What is tagged stays tagged, so that its later changes
 * are told too, and what a person decided is left alone.
 */
export function tagIncident(current) {
    const rule = tagRule();
    if (rule === '' || (current.getValue(TAG) || '') !== '')
        return;
    // An encoded query with an unknown column loses that part without a word, and would fit every incident.
    if (!new GlideRecord('incident').isValidEncodedQuery(rule)) {
        gs.error('Handrail: x_handrail.tag_rule is no valid query of incident, so it tags nothing. Build it as a filter of the incident list and copy the query.');
        return;
    }
    if (GlideFilter.checkRecord(current, rule))
        current.setValue(TAG, OFFER);
}
