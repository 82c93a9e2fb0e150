import assert from 'node:assert/strict';
import { onLoopback } from '../../../src/sandbox/playground/loopback.ts';

describe('listening on loopback only', () => {
  const callback = () => undefined;
  const forms: [string, unknown[], unknown[]][] = [
    ['a port', [3000], [3000, '127.0.0.1']],
    ['a port as text', ['3000'], ['3000', '127.0.0.1']],
    ['a port and a callback', [3000, callback], [3000, '127.0.0.1', callback]],
    ['a port and every interface', [3000, '0.0.0.0', callback], [3000, '127.0.0.1', callback]],
    ['a port, a host and a backlog', [3000, '::', 511, callback], [3000, '127.0.0.1', 511, callback]],
    ['a port and no host', [3000, undefined, 511, callback], [3000, '127.0.0.1', 511, callback]],
    ['nothing', [], [0, '127.0.0.1']],
    ['a callback alone', [callback], [0, '127.0.0.1', callback]],
    [
      'options',
      [{ port: 3000, backlog: 5 }, callback],
      [{ port: 3000, backlog: 5, host: '127.0.0.1' }, callback],
    ],
    ['options with a host', [{ port: 3000, host: '::' }], [{ port: 3000, host: '127.0.0.1' }]],
  ];
  for (const [name, given, wanted] of forms) {
    it(`is what ${name} becomes`, () => assert.deepEqual(onLoopback(given), wanted));
  }
  for (const local of [['/tmp/handrail.sock', callback], [{ path: '/tmp/handrail.sock' }], [{ fd: 3 }]]) {
    it(`leaves ${JSON.stringify(local[0])} as it is`, () => assert.deepEqual(onLoopback(local), local));
  }
});
