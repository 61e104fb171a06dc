import { createHmac } from 'node:crypto';
import { minKeyCharacters, signatureVersion, signedPrefix, signingHeaders } from '../core/events/signing.ts';

export interface SignerOptions {
  /** Id of the bot in Nightdesk's config. */
  readonly bot: string;
  /** The key: text of at least 32 characters, the same as in the bot's secret. */
  readonly key: string;
}

/** Headers that prove who sends: made from the exact body, the time, and a batch id that stays the same when the batch is sent again. */
export type Sign = (body: string | Uint8Array, atMs: number, batchId: string) => Readonly<Record<string, string>>;

/** @throws RangeError for a key that intake would never accept. */
export function createSigner({ bot, key }: SignerOptions): Sign {
  const secret = key.trim();
  if (secret.length < minKeyCharacters) throw new RangeError(`the key of intake must have at least ${minKeyCharacters} characters`);
  return (body, atMs, batchId) => {
    const timeSeconds = Math.floor(atMs / 1000);
    const hmac = createHmac('sha256', secret).update(signedPrefix({ bot, timeSeconds, batchId })).update(body);
    return {
      [signingHeaders.bot]: bot,
      [signingHeaders.time]: String(timeSeconds),
      [signingHeaders.batch]: batchId,
      [signingHeaders.signature]: `${signatureVersion}=${hmac.digest('hex')}`,
    };
  };
}
