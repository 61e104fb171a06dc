import type { LogLevel } from '../core/events/level.ts';
import { isoFromMs } from '../core/time/instant.ts';
import type { Now } from './time-input.ts';

/** Values that a log line may carry besides its message. */
export type LogValue = string | number | boolean | null | readonly string[];

/** Names that join a line with an order or a decision, and anything else worth keeping. */
export interface LogBindings {
  readonly clOrdId?: string;
  readonly traceId?: string;
  readonly instrumentId?: string;
  readonly [field: string]: LogValue | undefined;
}

export interface Log {
  readonly debug: (message: string, fields?: LogBindings) => void;
  readonly info: (message: string, fields?: LogBindings) => void;
  readonly warning: (message: string, fields?: LogBindings) => void;
  /** With an Error, the line also carries its class and stack. */
  readonly error: (message: string, cause?: LogBindings | Error) => void;
  readonly critical: (message: string, cause?: LogBindings | Error) => void;
  /** A log whose lines all carry the bindings. */
  readonly with: (bindings: LogBindings) => Log;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly now: Now;
  readonly bindings: LogBindings;
}

function fieldsOf(cause: LogBindings | Error | undefined): LogBindings {
  if (!(cause instanceof Error)) return cause ?? {};
  return { exceptionType: cause.name, exceptionMessage: cause.message, stack: cause.stack };
}

/**
 * Returns a log that writes one JSON line per message: `level`, `time`, `message`, then bindings and fields. A field
 * cannot replace the first three, nor turn the line into an event.
 */
export function createLog({ write, now, bindings }: LogOptions): Log {
  const at = (level: LogLevel) => (message: string, cause?: LogBindings | Error) => {
    const { eventType: _event, level: _level, time: _time, message: _message, ...fields } = { ...bindings, ...fieldsOf(cause) };
    write(JSON.stringify({ level, time: isoFromMs(now()), message, ...fields }));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    with: more => createLog({ write, now, bindings: { ...bindings, ...more } }),
  };
}
