/** A log line whose JSON is parsed at most once, however many filters look at it. */
export interface LogMessage {
  readonly text: string;
  /** The parsed JSON value; undefined when the line is none. */
  json(): unknown;
}

export type Extracted = string | number | boolean;

export interface FilterMatcher {
  readonly kind: 'everything' | 'terms' | 'json' | 'fields';
  matches(message: LogMessage | string): boolean;
  /**
   * The value that a selector points to in a message: `$.path` for JSON, `$name` or `$1` for space-delimited fields.
   * Undefined when the message has none, when it is null, an array or an object, and for term patterns.
   */
  extract(message: LogMessage | string, selector: string): Extracted | undefined;
}

export function logMessage(text: string): LogMessage {
  let parsed: { readonly value: unknown } | undefined;
  return {
    text,
    json: () => {
      parsed ??= { value: jsonOf(text) };
      return parsed.value;
    },
  };
}

export const asMessage = (message: LogMessage | string): LogMessage => (typeof message === 'string' ? logMessage(message) : message);

function jsonOf(text: string): unknown {
  const start = /\S/.exec(text)?.[0];
  if (start !== '{' && start !== '[') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
