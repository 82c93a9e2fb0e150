import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function base58(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; rest > 0n; rest /= 58n) text = alphabet.charAt(Number(rest % 58n)) + text;
  const leadingZeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(leadingZeros === -1 ? bytes.length : leadingZeros) + text;
}

/** Restate's form of an ed25519 public key: https://docs.restate.dev/services/security */
export function identityKey(privatePem: string): string {
  const der = createPublicKey(privatePem).export({ type: 'spki', format: 'der' });
  // The last 32 bytes of the SPKI are the raw key: RFC 8410 section 4.
  return `publickeyv1_${base58(der.subarray(-32))}`;
}

/**
 * The key pair with which the server signs its requests to us, made once a data folder. Only the owner can read the
 * private key.
 */
export function requestIdentity(dir: string): { readonly pem: string; readonly publicKey: string } {
  const pem = join(dir, 'identity.pem');
  if (!existsSync(pem)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const fresh = `${pem}.${process.pid}`;
    writeFileSync(fresh, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    // Renamed when whole, so that a crash never leaves half a key.
    renameSync(fresh, pem);
  }
  chmodSync(pem, 0o600);
  return { pem, publicKey: identityKey(readFileSync(pem, 'utf8')) };
}
