/**
 * Why a line is not used. The list is closed and published: a code's meaning never changes, and a test
 * holds the list against the documentation.
 */
export const rejectCodes = {
  NOT_JSON: 'The line starts with { and is not valid JSON (NaN and Infinity are not JSON either).',
  NO_EVENT_TYPE: 'A JSON object with neither an eventType nor a log level.',
  LINE_TOO_LONG: 'The line has more than 262,144 bytes.',
  BAD_ENCODING: 'The line is not valid UTF-8.',
  UNKNOWN_EVENT_TYPE: 'The eventType is none of the ten.',
  UNSUPPORTED_SCHEMA_VERSION: 'The schemaVersion is newer than this release understands.',
  MISSING_FIELD: 'A required field is absent or null.',
  WRONG_TYPE: 'A field has another JSON type than its definition.',
  BAD_DECIMAL: 'A decimal is not plain: an exponent, NaN, Infinity, stray characters, or a JSON number beyond 15 significant digits.',
  BAD_TIME: 'A time is neither ISO 8601 in UTC nor an integer with a declared timeUnit.',
  NOT_ALLOWED: 'A value is none of those that its field allows.',
  OUT_OF_RANGE: 'A number, decimal or text lies outside the range of its field.',
} as const;

export type RejectCode = keyof typeof rejectCodes;

/** The longest line that is read, in bytes of UTF-8 without its line end. */
export const maxLineBytes = 262_144;

export interface Rejection {
  readonly code: RejectCode;
  /** Names the field, the rule and the value found. The caller adds the line number. */
  readonly message: string;
}

const shownCharacters = 60;

/** Characters that would break a log line or reorder text on a screen: controls, line separators, bidirectional marks. */
function escapeHostile(text: string): string {
  return text.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/g, unit => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The value as JSON on one line, escaped and cut, fit for a message. */
export function showValue(value: unknown): string {
  const json = typeof value === 'string' ? JSON.stringify(value.slice(0, 2 * shownCharacters)) : (JSON.stringify(value) ?? 'undefined');
  const cut = json.length > shownCharacters ? `${json.slice(0, shownCharacters)}…` : json;
  return escapeHostile(cut);
}
