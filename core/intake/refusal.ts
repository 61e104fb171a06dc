/** Every answer of intake that is no acceptance. The list is closed and published (docs/intake.md); a test compares. */

/** Largest body as it is sent. Source: Lambda takes events of 6 MB, in which a body grows by a third; a bot's batch is far smaller. */
export const maxBodyBytes = 1_048_576;
/** Largest body after decompression, which bounds memory and the number of queue messages. */
export const maxPlainBytes = 4 * 1_048_576;
export const maxLines = 10_000;

export const refusals = {
  BAD_HEADER: { status: 400, meaning: 'a nightdesk- header is missing or not of its form' },
  NOT_GZIP: { status: 400, meaning: 'the body says gzip and is not' },
  EMPTY_BATCH: { status: 400, meaning: 'the body has no line' },
  NO_USABLE_LINE: { status: 400, meaning: 'every line was refused; each is named with its reason' },
  BAD_SIGNATURE: { status: 401, meaning: 'no valid key of this bot made the signature over this body' },
  TIME_OUT_OF_WINDOW: { status: 401, meaning: 'the signed time is more than five minutes off; the answer holds the time here' },
  WRONG_BOT: { status: 403, meaning: 'the signature is another bot’s than the address names' },
  BATCH_REUSED: { status: 409, meaning: 'another body was accepted under this batch id' },
  BODY_TOO_LARGE: { status: 413, meaning: 'more than 1 MiB as sent, 4 MiB decompressed, or 10,000 lines' },
  UNSUPPORTED_CONTENT: { status: 415, meaning: 'content-type is not application/x-ndjson, or content-encoding neither gzip nor identity' },
  TOO_MANY_REQUESTS: { status: 429, meaning: 'this bot’s bucket is empty; Retry-After says when it is not' },
  UNAVAILABLE: { status: 503, meaning: 'queue, table, journal or secret cannot be reached; nothing is decided, send the same batch again' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  readonly code: RefusalCode;
  /** Names the rule and the value found. Never the signature that would have been right. */
  readonly message: string;
  readonly retryAfterSeconds?: number;
  /** Reasons by line, when all lines were refused. */
  readonly rejected?: readonly RefusedLine[];
}

/** Why intake refuses a line, besides the codes of the events themselves. */
export const lineRefusals = {
  WRONG_STRATEGY: 'The event names a strategy of which this bot may not report.',
} as const;

export interface RefusedLine {
  /** From 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface Accepted {
  /** Events that will reach the ledger. */
  readonly accepted: number;
  /** Ordinary log lines, which are kept in the journal. */
  readonly logs: number;
  readonly rejected: readonly RefusedLine[];
}
