import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../adapters/aws/secrets.ts';
import { minKeyCharacters, signedPrefix } from '../../core/events/signing.ts';
import type { SignedHeaders } from '../../core/intake/signed-request.ts';

export interface Verifier {
  /** Whether a valid key of the bot signed the body. @throws when the secret cannot be read or holds no usable key. */
  verify(signed: SignedHeaders, secretName: string | undefined, body: Uint8Array): Promise<boolean>;
}

/** A refused signature may mean that the key was rotated: the secret is read again, this often at most. */
const REREAD_MS = 30_000;
/** What an unknown bot is compared with, so that its refusal takes as long as any other. */
const NOBODY = 'x'.repeat(minKeyCharacters);

/**
 * A secret holds one key a line, two at most: during a rotation the new and the old one are both valid.
 * Keys are compared in constant time, and all of them each time.
 */
export function createVerifier(secrets: Secrets, now: () => number): Verifier {
  const rereadAt = new Map<string, number>();

  async function keysOf(secretName: string): Promise<readonly string[]> {
    const keys = (await secrets.read(secretName)).split(/\s+/).filter(key => key !== '');
    if (keys.length > 2 || keys.some(key => key.length < minKeyCharacters))
      throw new Error(
        `InvalidKey at ${secretName}: must hold one or two keys, one a line, each of at least ${minKeyCharacters} characters`,
      );
    return keys;
  }

  return {
    verify: async (signed, secretName, body) => {
      if (secretName === undefined) return matches(signed, NOBODY, body) && false;
      if (anyMatches(signed, await keysOf(secretName), body)) return true;
      if (now() - (rereadAt.get(secretName) ?? Number.NEGATIVE_INFINITY) < REREAD_MS) return false;
      rereadAt.set(secretName, now());
      secrets.forget(secretName);
      return anyMatches(signed, await keysOf(secretName), body);
    },
  };
}

const anyMatches = (signed: SignedHeaders, keys: readonly string[], body: Uint8Array): boolean =>
  keys.map(key => matches(signed, key, body)).includes(true);

function matches(signed: SignedHeaders, key: string, body: Uint8Array): boolean {
  const expected = createHmac('sha256', key).update(signedPrefix(signed)).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'));
}
