/** A calendar made of rules: regular hours, holidays, and exceptions by date. Sessions are computed per year on demand and kept. */
import type { EpochMs } from '../time/instant.ts';
import { type DayNumber, dayNumber, dayOfIso, msPerDay, type Weekday, weekdayOf, yearOf } from './dates.ts';
import type { DateRule } from './holidays.ts';
import { localTimeToUtc, offsetsOfYear } from './zone.ts';

/** Half-open range of instants inside a session in which nobody trades. */
export interface Pause {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly kind: 'break' | 'maintenance' | 'closure';
}

/** One trading day. Open from `openMs` until just before `closeMs`, pauses excepted. */
export interface Session {
  readonly day: DayNumber;
  readonly openMs: EpochMs;
  readonly closeMs: EpochMs;
  /** Closes before the regular time. */
  readonly early?: true;
  /** Opens after the regular time. */
  readonly late?: true;
  /** Orders are taken from here on, without trading. */
  readonly preOpenMs?: EpochMs;
  readonly pauses?: readonly Pause[];
}

export interface Calendar {
  readonly name: string;
  readonly zone: string;
  /** Trading days a year, for annualising. */
  readonly annualization: number;
  /** The trading day that the instant belongs to: the first whose end is after it. */
  readonly dayOf: (at: EpochMs) => DayNumber;
  /** First instant of the trading day: the end of the one before, so that no instant is without a day. */
  readonly startOf: (day: DayNumber) => EpochMs;
  /** First instant after the trading day. */
  readonly endOf: (day: DayNumber) => EpochMs;
  /** The next trading day. */
  readonly after: (day: DayNumber) => DayNumber;
  /** Whether the market is open at the instant. */
  readonly isOpen: (at: EpochMs) => boolean;
  /** Sessions whose trading day lies in the year, in order. */
  readonly sessionsOf: (year: number) => readonly Session[];
  /** Regular maintenance of the exchange's systems, in and out of sessions. */
  readonly maintenance: readonly Maintenance[];
  /** Without any closure: every instant is open. */
  readonly alwaysOpen?: true;
  /** The same calendar with more exceptions; a later one for the same date wins. Absent where no rule decides (24x7). */
  readonly except?: (exceptions: readonly DayException[]) => Calendar;
}

/** Minutes after local midnight of the trading day; negative on the evening before. */
export interface Hours {
  readonly opens: number;
  /** At most 1440. */
  readonly closes: number;
  readonly preOpens?: number;
  /** Pairs of from and to. */
  readonly breaks?: readonly (readonly [from: number, to: number])[];
}

/** What a holiday does to its day. */
export type DayChange = 'closed' | { readonly opens?: number; readonly closes?: number };

export interface Holiday {
  readonly on: DateRule;
  readonly change: DayChange;
}

/** A change of one date that no rule gives. */
export interface DayException {
  /** ISO date of the trading day. */
  readonly date: string;
  readonly change: DayChange;
  readonly why: string;
}

/** Between two local times (minutes after midnight) on the civil days named. */
export interface Maintenance {
  readonly on: readonly Weekday[];
  readonly from: number;
  readonly to: number;
}

export interface MarketRules {
  readonly name: string;
  /** IANA zone. */
  readonly zone: string;
  readonly annualization: number;
  /** Regular hours of a day, holidays left aside; undefined when there is no session (weekends). */
  readonly hoursOn: (day: DayNumber) => Hours | undefined;
  /** Of two that meet on a day, `closed` wins, else the earlier in the list. */
  readonly holidays?: readonly Holiday[];
  readonly exceptions?: readonly DayException[];
  readonly maintenance?: readonly Maintenance[];
}

export const closedOn = (...rules: readonly DateRule[]): readonly Holiday[] => rules.map(on => ({ on, change: 'closed' }));

/** @param closes minutes after local midnight. */
export const shortOn = (closes: number, ...rules: readonly DateRule[]): readonly Holiday[] => rules.map(on => ({ on, change: { closes } }));

/** Minutes after midnight of `hh:mm` in a table of rules. */
export const clock = (hours: number, minutes = 0): number => hours * 60 + minutes;

/** Same hours Monday to Friday. */
export const mondayToFriday =
  (hours: Hours): MarketRules['hoursOn'] =>
  day => {
    const weekday = weekdayOf(day);
    return weekday === 0 || weekday === 6 ? undefined : hours;
  };

/** Years looked through for the next or last session before a calendar counts as having none. */
const yearsSearched = 12;

/** @throws RangeError from the day functions when the rules leave no session within twelve years. */
export function marketCalendar(rules: MarketRules): Calendar {
  const years = new Map<number, readonly Session[]>();
  const sessionsOf = (year: number): readonly Session[] => {
    let sessions = years.get(year);
    if (sessions === undefined) {
      sessions = sessionsInYear(rules, year);
      years.set(year, sessions);
    }
    return sessions;
  };
  const firstAfter = (key: 'day' | 'closeMs', limit: number, fromYear: number): Found => {
    for (let year = fromYear; year < fromYear + yearsSearched; year++) {
      const sessions = sessionsOf(year);
      const last = sessions.at(-1);
      if (last !== undefined && last[key] > limit) return { sessions, index: firstAbove(sessions, key, limit) };
    }
    throw new RangeError(`NoSession in calendar "${rules.name}": none within ${yearsSearched} years of ${fromYear}`);
  };
  const onOrAfter = (day: DayNumber): Session => sessionIn(firstAfter('day', day - 1, yearOf(day)));
  // Most questions are about the same session as the one before: the last answer is kept with the instants it holds for.
  let known: { readonly fromMs: EpochMs; readonly session: Session } | undefined;
  const endingAfter = (at: EpochMs): Session => {
    if (known !== undefined && at >= known.fromMs && at < known.session.closeMs) return known.session;
    // A day may end in the next year by UTC, never later than a day.
    const found = firstAfter('closeMs', at, new Date(at - msPerDay).getUTCFullYear());
    const session = sessionIn(found);
    known = { fromMs: found.sessions[found.index - 1]?.closeMs ?? at, session };
    return session;
  };
  const lastBefore = (day: DayNumber): Session => {
    const from = yearOf(day);
    for (let year = from; year > from - yearsSearched; year--) {
      const sessions = sessionsOf(year);
      const found = sessions[firstAbove(sessions, 'day', day - 1) - 1];
      if (found !== undefined) return found;
    }
    throw new RangeError(`NoSession in calendar "${rules.name}": none within ${yearsSearched} years before ${from}`);
  };
  return {
    name: rules.name,
    zone: rules.zone,
    annualization: rules.annualization,
    dayOf: at => endingAfter(at).day,
    startOf: day => lastBefore(day).closeMs,
    endOf: day => onOrAfter(day).closeMs,
    after: day => onOrAfter(day + 1).day,
    isOpen: at => {
      const session = endingAfter(at);
      return session.openMs <= at && !isPaused(session, at);
    },
    sessionsOf,
    maintenance: rules.maintenance ?? [],
    except: exceptions => marketCalendar({ ...rules, exceptions: [...(rules.exceptions ?? []), ...exceptions] }),
  };
}

interface Found {
  readonly sessions: readonly Session[];
  readonly index: number;
}

const sessionIn = ({ sessions, index }: Found): Session => sessions[index]!;

function isPaused({ pauses }: Session, at: EpochMs): boolean {
  if (pauses === undefined) return false;
  for (const pause of pauses) if (pause.fromMs <= at && at < pause.toMs) return true;
  return false;
}

/** Index of the first session whose `key` is above the limit; the length when none is. */
export function firstAbove(sessions: readonly Session[], key: 'day' | 'closeMs', limit: number): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sessions[middle]![key] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sessionsInYear(rules: MarketRules, year: number): readonly Session[] {
  const changes = changesIn(rules, year);
  const sessions: Session[] = [];
  const first = dayNumber(year, 1, 1);
  const offsetAt = offsetsOfYear(rules.zone, first);
  const toUtc: ToUtc = (day, minutes) => localTimeToUtc(rules.zone, day, minutes, offsetAt);
  for (let day = first; yearOf(day) === year; day++) {
    const hours = rules.hoursOn(day);
    const change = changes.get(day);
    if (hours !== undefined && change !== 'closed') sessions.push(sessionOn(rules, toUtc, { day, hours, change: change ?? {} }));
  }
  return sessions;
}

/** Changes by day. A rule may push a day over the turn of the year, so the neighbours are asked too. */
function changesIn(rules: MarketRules, year: number): ReadonlyMap<DayNumber, DayChange> {
  const changes = new Map<DayNumber, DayChange>();
  for (const { on, change } of rules.holidays ?? []) {
    for (const asked of [year - 1, year, year + 1]) {
      const day = on(asked);
      if (day !== undefined && (change === 'closed' || !changes.has(day))) changes.set(day, change);
    }
  }
  for (const { date, change } of rules.exceptions ?? []) {
    const day = dayOfIso(date);
    if (day === undefined) throw new RangeError(`InvalidException in calendar "${rules.name}": "${date}" is not an ISO date`);
    changes.set(day, change);
  }
  return changes;
}

/** The instant of a local time, in minutes after midnight of a day; negative or above 1440 on the days around it. */
type ToUtc = (day: DayNumber, minutes: number) => EpochMs;

interface PlannedDay {
  readonly day: DayNumber;
  readonly hours: Hours;
  readonly change: Exclude<DayChange, 'closed'>;
}

function sessionOn(rules: MarketRules, toUtc: ToUtc, { day, hours, change }: PlannedDay): Session {
  const opens = change.opens ?? hours.opens;
  const closes = change.closes ?? hours.closes;
  const openMs = toUtc(day, opens);
  const closeMs = toUtc(day, closes);
  const pauses = pausesIn(rules, toUtc, { day, hours, openMs, closeMs });
  const preOpens = hours.preOpens === undefined ? undefined : hours.preOpens + opens - hours.opens;
  return {
    day,
    openMs,
    closeMs,
    ...(closes < hours.closes ? { early: true } : {}),
    ...(opens > hours.opens ? { late: true } : {}),
    ...(preOpens === undefined ? {} : { preOpenMs: toUtc(day, preOpens) }),
    ...(pauses.length === 0 ? {} : { pauses }),
  };
}

function pausesIn(
  rules: MarketRules,
  toUtc: ToUtc,
  { day, hours, openMs, closeMs }: Pick<PlannedDay, 'day' | 'hours'> & Pick<Session, 'openMs' | 'closeMs'>,
): readonly Pause[] {
  const pauses: Pause[] = [];
  const add = (kind: Pause['kind'], from: number, to: number): void => {
    const fromMs = Math.max(openMs, toUtc(day, from));
    const toMs = Math.min(closeMs, toUtc(day, to));
    if (fromMs < toMs) pauses.push({ fromMs, toMs, kind });
  };
  for (const [from, to] of hours.breaks ?? []) add('break', from, to);
  const daysBefore = Math.max(0, Math.ceil(-hours.opens / 1440));
  for (const { on, from, to } of rules.maintenance ?? []) {
    for (let back = daysBefore; back >= 0; back--) {
      if (on.includes(weekdayOf(day - back))) add('maintenance', from - back * 1440, to - back * 1440);
    }
  }
  return pauses.sort((a, b) => a.fromMs - b.fromMs);
}
