/**
 * How a request to intake proves who sent it: HMAC-SHA256 over version, bot, time, batch and the exact bytes of the body. Sender and
 * receiver share this file, so that the names and the signed text exist once; neither reads a clock or a key here.
 */

/** Headers of a signed request, in lower case. */
export const signingHeaders = {
  /** Id of the bot whose key signs. */
  bot: 'nightdesk-bot',
  /** Seconds since 1970. */
  time: 'nightdesk-time',
  /** Identity of the batch, the same at every attempt to send it. */
  batch: 'nightdesk-batch',
  /** `v1=` and 64 hex digits; the algorithm can change without guessing. */
  signature: 'nightdesk-signature',
} as const;

export const signatureVersion = 'v1';

/** Seconds that a signed time may differ from the receiver's clock, either way. */
export const signingWindowSeconds = 300;

/** A key is text of at least this many characters, such as the 64 hex digits of 32 random bytes. */
export const minKeyCharacters = 32;

export const batchIdPattern = /^[A-Za-z0-9_-]{8,64}$/;
export const signaturePattern = /^v1=([0-9a-f]{64})$/;

export interface SignedParts {
  readonly bot: string;
  readonly timeSeconds: number;
  readonly batchId: string;
}

/** What is signed before the body's bytes. No part can hold a line end, so that no two requests have the same text. */
export const signedPrefix = ({ bot, timeSeconds, batchId }: SignedParts): string =>
  `${signatureVersion}\n${bot}\n${timeSeconds}\n${batchId}\n`;
