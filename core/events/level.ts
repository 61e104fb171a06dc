/** One scale for the levels of all loggers. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical';

export const logLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const satisfies readonly LogLevel[];

/**
 * Words of Python (logging, loguru, structlog), Java (java.util.logging, log4j, logback), pino, winston, bunyan, zap,
 * syslog (RFC 5424), glog, .NET, Rust and Go loggers, in lower case.
 */
const words: Readonly<Record<string, LogLevel>> = {
  all: 'debug',
  trace: 'debug',
  debug: 'debug',
  verbose: 'debug',
  silly: 'debug',
  fine: 'debug',
  finer: 'debug',
  finest: 'debug',
  config: 'debug',
  dbg: 'debug',
  trc: 'debug',
  vrb: 'debug',
  d: 'debug',
  t: 'debug',
  v: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  success: 'info',
  http: 'info',
  log: 'info',
  default: 'info',
  inf: 'info',
  i: 'info',
  n: 'info',
  warn: 'warning',
  warning: 'warning',
  wrn: 'warning',
  w: 'warning',
  error: 'error',
  err: 'error',
  severe: 'error',
  exception: 'error',
  e: 'error',
  critical: 'critical',
  crit: 'critical',
  crt: 'critical',
  fatal: 'critical',
  ftl: 'critical',
  emerg: 'critical',
  emergency: 'critical',
  alert: 'critical',
  panic: 'critical',
  dpanic: 'critical',
  off: 'critical',
  c: 'critical',
  f: 'critical',
};

/**
 * Numbers: 0–7 are syslog severities (RFC 5424 §6.2.1); from 10 on they are those of Python, pino and bunyan, of which
 * Python's 10–50 mean debug to critical and pino's the same shifted by one step. `scale` says which of the two.
 */
function levelFromNumber(value: number, scale: 'python' | 'pino'): LogLevel | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (value <= 7 && Number.isInteger(value))
    return value <= 2 ? 'critical' : value === 3 ? 'error' : value === 4 ? 'warning' : value === 7 ? 'debug' : 'info';
  const step = Math.floor(value / 10) - (scale === 'pino' ? 1 : 0);
  if (step <= 1) return 'debug';
  return step === 2 ? 'info' : step === 3 ? 'warning' : step === 4 ? 'error' : 'critical';
}

/**
 * The level that a logger's word or number means, or undefined when it is none. A number from 10 on is read on pino's
 * scale (10 trace … 60 fatal) unless `scale` says Python's (10 debug … 50 critical).
 */
export function normalizeLevel(value: unknown, scale: 'python' | 'pino' = 'pino'): LogLevel | undefined {
  if (typeof value === 'number') return levelFromNumber(value, scale);
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (Object.hasOwn(words, word)) return words[word];
  return /^\d{1,4}$/.test(word) ? levelFromNumber(Number(word), scale) : undefined;
}

/** Where loggers put the level, most common first. A numeric `levelno` is Python's. */
const levelKeys = [
  'level',
  'severity',
  'levelname',
  'loglevel',
  'log_level',
  'logLevel',
  'lvl',
  'log.level',
  'severityText',
  'SeverityText',
  'severity_text',
  'Level',
  '@l',
  'LEVEL',
  'PRIORITY',
  'levelno',
] as const;
const messageKeys = ['message', 'msg', 'event', 'text', 'Message', '@m', 'MESSAGE', 'body'] as const;

export interface LogFields {
  /** Absent when the level key holds a word that no known logger uses. */
  readonly level?: LogLevel;
  readonly message?: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The raw level of a structured log line, or undefined when it carries none. */
function rawLevel(line: Readonly<Record<string, unknown>>): { readonly value: unknown; readonly scale: 'python' | 'pino' } | undefined {
  for (const key of levelKeys) {
    const value = line[key];
    if (typeof value === 'string' || typeof value === 'number') return { value, scale: key === 'levelno' ? 'python' : 'pino' };
  }
  const nested = line['log'];
  if (isRecord(nested) && typeof nested['level'] === 'string') return { value: nested['level'], scale: 'pino' };
  return undefined;
}

/** Level and message of a structured log line; undefined when the object carries no level and so is no log line. */
export function readLogFields(line: Readonly<Record<string, unknown>>): LogFields | undefined {
  const raw = rawLevel(line);
  if (raw === undefined) return undefined;
  const level = normalizeLevel(raw.value, raw.scale);
  const message = messageKeys.map(key => line[key]).find(value => typeof value === 'string');
  return { ...(level === undefined ? {} : { level }), ...(typeof message === 'string' ? { message } : {}) };
}

const levelWord =
  /\b(?:level|lvl|severity)=["']?([A-Za-z]+)|[[<(]\s*([A-Za-z]{3,11})\s*[\])>]|\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC|EMERG|ALERT)\b|^(?:\S+\s+)?(trace|debug|info|warn|warning|error|critical|fatal|panic):/g;

/** The level that a plain text line names near its beginning, or undefined. A Python traceback is an error. */
export function levelOfText(line: string): LogLevel | undefined {
  if (line.startsWith('Traceback (most recent call last)')) return 'error';
  for (const match of line.slice(0, 160).matchAll(levelWord)) {
    const level = normalizeLevel(match[1] ?? match[2] ?? match[3] ?? match[4]);
    if (level !== undefined) return level;
  }
  return undefined;
}
