/** The headers of a signed request, and whether its time holds. Verification itself needs the key and is the function's. */
import { showValue } from '../events/reject.ts';
import { batchIdPattern, type SignedParts, signaturePattern, signingHeaders, signingWindowSeconds } from '../events/signing.ts';
import { err, ok, type Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Refusal } from './refusal.ts';

export interface SignedHeaders extends SignedParts {
  /** 64 hex digits. */
  readonly signature: string;
}

type Headers = Readonly<Record<string, string | undefined>>;

const forms = [
  [signingHeaders.bot, /^[A-Za-z0-9._-]{1,64}$/, 'must be the id of a bot'],
  [signingHeaders.time, /^\d{1,12}$/, 'must be whole seconds since 1970'],
  [signingHeaders.batch, batchIdPattern, 'must have 8 to 64 letters, digits, dashes or underscores'],
  [signingHeaders.signature, signaturePattern, 'must be v1= and 64 hex digits'],
] as const;

/** Names are in lower case, as the gateway gives them. A header that came twice is joined by a comma, and so fails its form. */
export function readSignedHeaders(headers: Headers): Result<SignedHeaders, Refusal> {
  for (const [name, form, rule] of forms) {
    const value = headers[name];
    if (value === undefined) return err({ code: 'BAD_HEADER', message: `${name} is missing: it ${rule}` });
    if (!form.test(value))
      return err({
        code: 'BAD_HEADER',
        message: `${name} ${rule}; was ${name === signingHeaders.signature ? 'something else' : showValue(value)}`,
      });
  }
  const [bot = '', time = '', batchId = '', signature = ''] = forms.map(([name]) => headers[name]);
  return ok({ bot, timeSeconds: Number(time), batchId, signature: signature.slice('v1='.length) });
}

/** Exactly five minutes off is still inside. */
export function judgeTime(timeSeconds: number, nowMs: EpochMs): Refusal | undefined {
  const offSeconds = timeSeconds - nowMs / 1000;
  if (Math.abs(offSeconds) <= signingWindowSeconds) return undefined;
  const side = offSeconds < 0 ? 'behind' : 'ahead of';
  return {
    code: 'TIME_OUT_OF_WINDOW',
    message: `${signingHeaders.time} is ${Math.round(Math.abs(offSeconds))} s ${side} the time here, ${Math.floor(nowMs / 1000)}; at most ${signingWindowSeconds} s are allowed`,
  };
}

/** Newline-delimited JSON has no registered type; these are in use. A charset other than UTF-8 is refused. */
const contentType = /^application\/(x-ndjson|ndjson|jsonl)\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

export function judgeContent(headers: Headers): Refusal | undefined {
  const type = headers['content-type'] ?? '';
  if (!contentType.test(type.trim()))
    return { code: 'UNSUPPORTED_CONTENT', message: `content-type must be application/x-ndjson; was ${showValue(type)}` };
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'gzip' || encoding === 'identity') return undefined;
  return { code: 'UNSUPPORTED_CONTENT', message: `content-encoding must be gzip or identity; was ${showValue(encoding)}` };
}
