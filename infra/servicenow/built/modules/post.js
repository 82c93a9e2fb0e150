import { CertificateEncryption, GlideDateTime } from '@servicenow/glide';
import { RESTMessageV2 } from '@servicenow/glide/sn_ws';
import { secondsOf } from './outcome';
import { signedHeaders } from './signature';
/** A sender's worker is scarce on an instance: without a limit it would wait for three minutes. */
const TIMEOUT_MS = 10000;
// The typings show the inside of both classes; scripts see these (docs: RESTMessageV2 API; CertificateEncryption scoped API).
const NamedMessage = RESTMessageV2;
const Encryption = CertificateEncryption;
/** One attempt: signs it with the time of now and sends it. Never throws: a failure is an answer with status 0. */
export function post({ endpoint, secrets }, id, body) {
    try {
        const request = new NamedMessage('Handrail', 'post_event');
        request.setEndpoint(endpoint);
        request.setHttpTimeout(TIMEOUT_MS);
        const seconds = Math.floor(new GlideDateTime().getNumericValue() / 1000);
        const mac = (key, text) => new Encryption().generateMac(key, 'HmacSHA256', text);
        const signed = signedHeaders(id, seconds, body, secrets, mac);
        request.setRequestHeader('Content-Type', 'application/json');
        request.setRequestHeader('webhook-id', signed['webhook-id']);
        request.setRequestHeader('webhook-timestamp', signed['webhook-timestamp']);
        request.setRequestHeader('webhook-signature', signed['webhook-signature']);
        request.setRequestBody(body);
        const response = request.execute();
        const status = Number(response.getStatusCode()) || 0;
        return {
            status,
            error: errorOf(response, status),
            retryAfter: secondsOf(String(response.getHeader('Retry-After') || '')),
        };
    }
    catch (error) {
        return { status: 0, error: String(error).slice(0, 500), retryAfter: 0 };
    }
}
function errorOf(response, status) {
    if (status >= 200 && status < 300)
        return '';
    const said = String(response.getErrorMessage() || response.getBody() || '');
    return `HTTP ${status} ${said}`.trim().slice(0, 500);
}
