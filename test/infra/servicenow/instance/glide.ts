import { createHmac, randomUUID } from 'node:crypto';
import { select } from '../../../../src/sandbox/servicenow/query.ts';
import type { State } from '../../../../src/sandbox/servicenow/state.ts';
import { glideRecordOf } from './glide-record.ts';
import type { AppRecord, Row, Store } from './store.ts';
import { stamp } from './store.ts';

/** What leaves the instance and what comes back; the caller waits, as a script does. */
export type Exchange = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}) => {
  readonly status: number;
  readonly error: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type Session = {
  user: string;
  readonly properties: Map<string, string>;
  readonly errors: string[];
  readonly messages: string[];
};

/** The Glide classes the application imports, with what the platform is known to do to those who do not take care. */
export function glide(store: Store, records: readonly AppRecord[], session: Session, exchange: Exchange) {
  /** Whether every part names a column: the platform would leave the others out. */
  const isValid = (table: string, query: string): boolean =>
    query
      .split('^')
      .map((part) => /^(?:OR|NQ)?([a-z][a-z0-9_]*)/.exec(part)?.[1] ?? '')
      .every((column) => store.dictionary.isColumn(table, column));
  const GlideRecord = glideRecordOf(store, isValid);

  class GlideDateTime {
    #ms = Math.floor(Date.now() / 1000) * 1000;
    getNumericValue = (): number => this.#ms;
    getValue = (): string => stamp(this.#ms);
    addSeconds(seconds: number): void {
      this.#ms += seconds * 1000;
    }
  }

  return {
    GlideRecord,
    GlideDateTime,
    GlideFilter: {
      checkRecord: ({ table, row }: { table: string; row: Row }, query: string): boolean =>
        select({ tables: {} } as State, table, [row], query).length === 1,
    },
    CertificateEncryption: class {
      generateMac(key: string, algorithm: string, text: string): string {
        if (algorithm !== 'HmacSHA256') throw new Error(`no algorithm ${algorithm}`);
        // nobody documents in which encoding the platform takes other characters
        if (/[^\u0020-\u007e]/.test(text)) throw new Error('a MAC of more than ASCII');
        return createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
      }
    },
    gs: {
      getProperty: (name: string, alternative: string): string => session.properties.get(name) || alternative,
      getUserName: (): string => session.user,
      generateGUID: (): string => randomUUID().replaceAll('-', ''),
      error: (text: string): unknown => session.errors.push(text),
      addInfoMessage: (text: string): unknown => session.messages.push(text),
    },
    RESTMessageV2: restMessageOf(records, exchange),
  };
}

/** Replaces `${…}` in the body when it is sent, and waits for three minutes unless told otherwise. */
function restMessageOf(records: readonly AppRecord[], exchange: Exchange) {
  return class RESTMessageV2 {
    #url = '';
    #body = '';
    #timeoutMs = 175_000;
    readonly #headers: Record<string, string> = {};

    constructor(message: string, method: string) {
      const found = records.find(({ record, name }) => record === 'sys_rest_message' && name === message);
      const has = records.some(
        (one) => one['rest_message'] === found?.['sys_id'] && one['function_name'] === method,
      );
      if (found === undefined || !has) throw new Error(`no REST message ${message}.${method}`);
    }
    setEndpoint(url: string): void {
      this.#url = url;
    }
    setHttpTimeout(ms: number): void {
      this.#timeoutMs = ms;
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers[name] = value;
    }
    setRequestBody(body: string): void {
      this.#body = body;
    }
    execute() {
      const answer = exchange({
        url: this.#url,
        headers: this.#headers,
        body: this.#body.replaceAll(/\$\{[^}]*\}/g, ''),
        timeoutMs: this.#timeoutMs,
      });
      return {
        getStatusCode: () => answer.status,
        getErrorMessage: () => answer.error,
        getBody: () => answer.body,
        getHeader: (name: string) => answer.headers[name.toLowerCase()] ?? null,
      };
    }
  };
}
