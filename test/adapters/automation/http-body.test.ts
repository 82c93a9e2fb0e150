import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpCall } from '../../../src/adapters/automation/http.ts';
import { refused } from '../../contract/target.ts';

describe('The body of an answer that is handed over as it comes', () => {
  const server = createServer((request, response) => answers[request.url ?? '']?.(response));
  let answers: Record<string, (response: ServerResponse) => void> = {};
  let hungUp: Promise<void>;
  before(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
  after(() => void server.close());
  afterEach(() => server.closeAllConnections());

  const read = (path: string, answer: (response: ServerResponse) => void, most = Number.MAX_SAFE_INTEGER) => {
    answers = { [path]: answer };
    const { port } = server.address() as AddressInfo;
    const call = httpCall({ name: 'it', baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 1_000, headers: {} });
    let bytes = 0;
    const onBody = (piece: Buffer) => {
      bytes += piece.length;
      return bytes < most;
    };
    return call({ method: 'GET', path, onBody }).then((result) => ({ ...result, bytes }));
  };

  it('may be larger than what is taken as text', async () => {
    const { whole, bytes, text } = await read(
      '/large',
      (response) => void response.end('x'.repeat(6_000_000)),
    );
    assert.deepEqual([whole, bytes, text], [true, 6_000_000, '']);
  });

  it('ends when the reader has enough', async () => {
    const endless = (response: ServerResponse) => {
      hungUp = new Promise((resolve) => response.once('close', () => resolve()));
      const more = () =>
        void (
          response.destroyed ||
          (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more))
        );
      more();
    };
    const { whole, bytes } = await read('/endless', endless, 1_000_000);
    assert.equal(whole, false);
    assert.ok(bytes >= 1_000_000 && bytes < 2_000_000, String(bytes));
    await hungUp;
  });

  it('was not seen to its end when it breaks off or stops coming', async () => {
    const broken = await read('/broken', (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    assert.deepEqual([broken.whole, broken.bytes], [false, 4]);
    const slow = await read('/slow', (response) => void response.write('half'));
    assert.deepEqual([slow.whole, slow.bytes], [false, 4]);
  });

  it('is text when it is no success', async () => {
    const { status, text, bytes, header } = await read('/missing', (response) => {
      response.writeHead(404, { 'x-told': 'once', 'set-cookie': ['a=1', 'b=2'] });
      response.end('no such thing');
    });
    assert.deepEqual([status, text, bytes], [404, 'no such thing', 0]);
    assert.deepEqual(
      [header('x-told'), header('set-cookie'), header('x-other')],
      [['once'], ['a=1', 'b=2'], []],
    );
  });

  it('is an error when no answer comes at all', async () => {
    const error = await refused(
      read('/nothing', (response) => void response.destroy()),
      'target-unreachable',
    );
    assert.equal(error.maybeApplied, false);
  });
});
