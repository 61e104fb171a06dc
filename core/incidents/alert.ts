/**
 * One alert: everything that is known under one key, from all of its sources. A pure reducer; deliveries may come twice and in any
 * order: per source only what is newer than its last word counts, so the end state depends on the signals alone.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type Reason, reasons, type SourceState, type TimelineEntry } from './incident.ts';
import { labelsOf } from './labels.ts';
import type { Labels } from './matcher.ts';
import type { Flapping } from './routing.ts';
import type { Signal } from './signal.ts';

export interface Alert {
  readonly schemaVersion: 1;
  readonly key: string;
  readonly sources: Readonly<Record<string, SourceState>>;
  /** The signal that began it, enriched by later ones; absent while it never fired. */
  readonly signal?: Signal;
  readonly severity: Severity;
  readonly alarms: readonly string[];
  readonly startsAt?: EpochMs;
  /** When a source of it fired last: later than `startsAt` when one joined, became graver, or fired again after it could not be judged. */
  readonly lastFiredAt?: EpochMs;
  /** From when on it counts as resolved; in the future while it is kept firing. Absent while a source fires. */
  readonly endsAt?: EpochMs;
  /** When it began, the newest last; a few. */
  readonly firings: readonly EpochMs[];
  /** Keys of the groups that it was put into when it began. */
  readonly groups: readonly string[];
}

const FIRINGS = 20;

export const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

export const emptyAlert = (key: string): Alert => ({
  schemaVersion: 1,
  key,
  sources: {},
  severity: 'info',
  alarms: [],
  firings: [],
  groups: [],
});

export const isFiring = ({ startsAt, endsAt }: Alert, now: EpochMs): boolean =>
  startsAt !== undefined && (endsAt === undefined || now < endsAt);

export const alertLabels = (alert: Alert): Labels => (alert.signal === undefined ? {} : labelsOf(alert.signal, alert.severity));

/** Sources that have not cleared. */
export const firingSources = ({ sources }: Alert): readonly string[] =>
  Object.keys(sources).filter(source => sources[source]?.state !== 'OK');

export interface Heard {
  readonly alert: Alert;
  readonly reason: Reason;
  /** False when the signal changed nothing and needs no saving. */
  readonly changed: boolean;
}

/** How long an alert that cleared counts as firing; decided when it clears. */
export type Hold = (alert: Alert) => number;

export const noHold: Hold = () => 0;

/** What one signal does to its alert. */
export function hear(previous: Alert | undefined, signal: Signal, hold: Hold = noHold): Heard {
  const before = previous ?? emptyAlert(signal.key);
  const last = Object.hasOwn(before.sources, signal.source) ? before.sources[signal.source] : undefined;
  if (last !== undefined && signal.atMs < last.at) return { alert: before, reason: 'outdated', changed: false };
  const sources = { ...before.sources, [signal.source]: { state: signal.state, at: signal.atMs, alarm: signal.alarm } };
  const heard: Alert = { ...before, sources };
  const isOpen = before.startsAt !== undefined && before.endsAt === undefined;
  const isRepeated = last !== undefined && signal.state === last.state && (signal.state !== 'ALARM' || isOpen);
  // The same word again is no news, but its later time decides what is outdated.
  if (isRepeated) return { alert: heard, reason: 'duplicate', changed: signal.atMs > last.at };
  const isHeld = before.endsAt !== undefined && signal.atMs < before.endsAt;
  const step = isOpen || (isHeld && signal.state === 'ALARM') ? whileOpen(heard, signal, hold) : whileClosed(heard, signal);
  return { ...step, changed: true };
}

function whileClosed(alert: Alert, signal: Signal): Omit<Heard, 'changed'> {
  if (signal.state === 'OK') return { alert, reason: signal.from === 'INSUFFICIENT_DATA' ? 'notRecovery' : 'notOpen' };
  const reason: Reason = signal.state === 'INSUFFICIENT_DATA' ? 'noDataOpened' : alert.startsAt === undefined ? 'opened' : 'reopened';
  const { endsAt: _, lastFiredAt: _last, ...rest } = alert;
  return {
    alert: {
      ...rest,
      signal,
      severity: signal.state === 'INSUFFICIENT_DATA' ? lower(signal.severity, 'warning') : signal.severity,
      alarms: [signal.alarm],
      startsAt: signal.atMs,
      firings: [...alert.firings, signal.atMs].slice(-FIRINGS),
      groups: [],
    },
    reason,
  };
}

function whileOpen(alert: Alert, signal: Signal, hold: Hold): Omit<Heard, 'changed'> {
  // The first source's words stay; a later one adds what it did not know (a description, an ARN to link to).
  const known = { ...alert, alarms: [...new Set([...alert.alarms, signal.alarm])] };
  if (signal.state === 'ALARM') {
    const graver = rank[signal.severity] > rank[alert.severity];
    const reason: Reason = graver ? 'escalated' : alert.alarms.includes(signal.alarm) ? 'refired' : 'joined';
    const { endsAt: _, ...open } = known;
    const merged = alert.signal === undefined ? signal : { ...signal, ...alert.signal };
    return { alert: { ...open, severity: graver ? signal.severity : alert.severity, signal: merged, lastFiredAt: signal.atMs }, reason };
  }
  if (signal.state === 'INSUFFICIENT_DATA') return { alert: known, reason: 'noData' };
  if (firingSources(alert).length > 0) return { alert: known, reason: 'sourceCleared' };
  const held = hold(known);
  const endsAt = Math.max(signal.atMs, alert.startsAt ?? signal.atMs) + held;
  return { alert: { ...known, endsAt }, reason: held > 0 ? 'held' : 'allCleared' };
}

/** An alert that began so often lately that its ends are not worth telling. */
export function isFlapping({ firings }: Alert, { firings: limit, withinMs }: Flapping): boolean {
  const newest = firings.at(-1);
  return newest !== undefined && firings.filter(at => newest - at < withinMs).length >= limit;
}

export const holdOf =
  (keepFiringForMs: number, flapping: Flapping): Hold =>
  alert =>
    Math.max(keepFiringForMs, isFlapping(alert, flapping) ? flapping.holdMs : 0);

const silent: ReadonlySet<Reason> = new Set<Reason>(['duplicate', 'outdated', 'notOpen', 'notRecovery']);

/** The timeline's line about a signal; undefined when it was no news. */
export function heardLine(signal: Signal, reason: Reason, now: EpochMs): TimelineEntry | undefined {
  if (silent.has(reason)) return undefined;
  const seen = signal.atMs === now ? '' : ` at ${isoFromMs(signal.atMs)}`;
  return { at: now, reason, text: `${signal.alarm} is ${signal.state}${seen}: ${reasons[reason]}` };
}

export function titleOf(signal: Signal): string {
  const who = signal.dimensions['Strategy'] ?? signal.dimensions['Bot'] ?? signal.dimensions['Function'];
  return who === undefined ? signal.symptom : `${who}: ${signal.symptom}`;
}

const lower = (a: Severity, b: Severity): Severity => (rank[a] < rank[b] ? a : b);
