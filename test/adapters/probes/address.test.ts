import assert from 'node:assert/strict';
import { allowedAddress } from '../../../src/adapters/probes/address.ts';
import { AppError } from '../../../src/domain/errors.ts';

const allows = (url: string, entry: string): boolean => {
  try {
    return allowedAddress(url, [entry]).href !== '';
  } catch (error) {
    assert.ok(error instanceof AppError);
    return false;
  }
};

describe('The list of probe hosts', () => {
  for (const [entry, url, allowed] of [
    ['shop.example', 'https://shop.example/health', true],
    ['shop.example', 'http://shop.example/health', true],
    ['shop.example', 'https://SHOP.example:443/', true],
    ['shop.example', 'http://shop.example:443/', false],
    ['shop.example:443', 'https://shop.example/', true],
    ['shop.example:443', 'http://shop.example/', false],
    ['shop.example:80', 'http://shop.example/', true],
    ['shop.example:80', 'https://shop.example/', false],
    ['shop.example:8443', 'https://shop.example:8443/', true],
    ['shop.example:8443', 'https://shop.example/', false],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['127.0.0.1:8080', 'http://2130706433:8080/', true],
    ['127.0.0.1:8080', 'http://localhost:8080/', false],
    ['*', 'https://shop.example/', false],
    ['', 'https://shop.example/', false],
  ] as const)
    it(`with "${entry}" ${allowed ? 'allows' : 'does not allow'} ${url}`, () => {
      assert.equal(allows(url, entry), allowed);
    });
});
