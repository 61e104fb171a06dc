/**
 * Is a bot there? States and their meaning follow healthchecks.io: `new` (never heard of), `up`, `late` (interval passed),
 * `down` (interval and grace passed, or a part said that it failed), `paused` (nothing is awaited: it said that it stops, somebody paused or
 * deploys it, its market is closed), `maintenance` (somebody said so). A bot is as bad as its worst part. The moment of death is the missed
 * deadline, not the sweep that noticed it, so two sweeps say the same.
 */
import type { EpochMs } from '../time/instant.ts';
import { type BeatRule, type BeatTimes, deadlinesOf } from './deadline.ts';
import { afterExcuses, type ExcuseReason, type ExcuseRule, excuseAt, noExcuses } from './excuse.ts';
import type { ProbeName, ProbeState } from './probe-state.ts';
import type { ComponentPulse, Pulse } from './pulse.ts';
import type { WatchMemory } from './watch.ts';

export type { ProbeName, ProbeState } from './probe-state.ts';

export type HealthStatus = 'new' | 'up' | 'late' | 'down' | 'paused' | 'maintenance';

export interface BotHealth {
  readonly schemaVersion: 1;
  readonly status: HealthStatus;
  /** When the status began. */
  readonly since: EpochMs;
  /** The deadline that was missed, while the death is not over. */
  readonly diedAt?: EpochMs;
  /** The death is known but not said: everything is silent, or we have just come back ourselves. */
  readonly held?: true;
  /** Newest deaths, oldest first; two in half an hour make a flapping bot. */
  readonly deaths?: readonly EpochMs[];
  /** Since when a flapping bot is back; its death is over when it has stayed. */
  readonly backSince?: EpochMs;
  /** A flip that somebody has taken on to say. */
  readonly unsaid?: Unsaid;
  /** When a maintenance that was told ends; absent for one without an end. */
  readonly until?: EpochMs;
  readonly probes: Readonly<Partial<Record<ProbeName, ProbeState>>>;
  readonly watch?: WatchMemory;
}

export interface Flip {
  readonly to: 'ALARM' | 'OK';
  readonly at: EpochMs;
  readonly since: EpochMs;
}

/** Whoever saves it says it. When it is still there after a while, its sayer has died, and the next sweep takes it on. */
export interface Unsaid extends Flip {
  readonly takenAt: EpochMs;
}

export interface SilenceRule extends BeatRule {
  /** Rules of parts that differ. Parts named here are awaited for ever, others are forgotten after a day of silence beside living ones. */
  readonly components?: Readonly<Record<string, BeatRule>>;
  /** How long a bot that is known may stay unheard; absent means for ever. */
  readonly startWithinSeconds?: number;
  readonly excuses?: ExcuseRule;
}

export interface SilenceVerdict {
  readonly health: BotHealth;
  /** Set when the bot died or came back just now. */
  readonly flip?: Flip;
  /** Parts that are dead, and all that are awaited. */
  readonly silent: readonly string[];
  readonly parts: number;
  /** The dead ones said themselves that they failed. */
  readonly hasFailed?: true;
  /** The earliest moment at which this bot would die if nothing more were heard; absent while nothing is awaited. */
  readonly deadMs?: EpochMs;
  /** When its next heartbeat should have come. */
  readonly dueMs?: EpochMs;
  /** Why nobody is paged for its silence now. */
  readonly excuse?: ExcuseReason;
}

/** Whether CloudWatch is given a heartbeat in its stead: it is excused, or a job between its runs. */
export const isQuietByPlan = ({ excuse, health }: SilenceVerdict, isJob: boolean): boolean =>
  health.status !== 'down' && health.status !== 'new' && (excuse !== undefined || isJob);

/** Whether its other numbers are judged: not while it is dead or excused, or while nothing is heard from anybody. */
export const isWatched = ({ excuse, health }: SilenceVerdict, isTelemetrySilent: boolean): boolean =>
  excuse === undefined && health.diedAt === undefined && !isTelemetrySilent;

/** Deaths within this time make a flapping bot, whose return is believed after `STAY_MS`. */
const FLAP_WINDOW_MS = 1_800_000;
const STAY_MS = 600_000;
const FORGOTTEN_MS = 86_400_000;

/** Seconds of silence after which a bot is dead. */
export const deadAfterSeconds = ({ intervalSeconds, graceSeconds, deliverySeconds = 0 }: BeatTimes): number =>
  intervalSeconds + graceSeconds + deliverySeconds;

/** Judges silence at `now`. */
export function judgeSilence(before: BotHealth, pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): SilenceVerdict {
  const seen = look(before, pulse, rule, now);
  const last = lastBeat(pulse);
  const facts = {
    silent: seen.silent,
    parts: seen.parts,
    ...(seen.hasFailed === undefined ? {} : { hasFailed: seen.hasFailed }),
    ...seen.deadlines,
    ...(seen.excuse === undefined ? {} : { excuse: seen.excuse }),
  };
  const wasDown = before.diedAt !== undefined;
  if (seen.status === 'down') {
    const diedAt = seen.diedAt;
    const { backSince: _, ...rest } = before;
    if (wasDown) return { health: { ...rest, status: 'down', ...(before.status === 'down' ? {} : { since: diedAt }) }, ...facts };
    const deaths = [...(before.deaths ?? []).filter(at => diedAt - at < FLAP_WINDOW_MS), diedAt].slice(-3);
    return {
      health: { ...rest, status: 'down', since: diedAt, diedAt, ...(deaths.length > 1 ? { deaths } : { deaths: [diedAt] }) },
      flip: { to: 'ALARM', at: diedAt, since: seen.lastMs ?? before.since },
      ...facts,
    };
  }
  const { until: _, ...known } = before;
  const until = seen.status === 'maintenance' ? seen.untilMs : undefined;
  const health: BotHealth = {
    ...known,
    ...(seen.status === before.status ? {} : { status: seen.status, since: now }),
    ...(until === undefined ? {} : { until }),
  };
  const diedAt = before.diedAt;
  if (diedAt === undefined) return { health, ...facts };
  // Our own clock went back: the same heartbeat cannot end the death that its absence was.
  if (!seen.isHeardSince(diedAt)) return { health: before, ...facts };
  const isFlapping = (before.deaths?.length ?? 0) > 1 && (seen.status === 'up' || seen.status === 'late');
  const backSince = before.backSince ?? now;
  if (isFlapping && now - backSince < STAY_MS) return { health: { ...health, backSince }, ...facts };
  const { diedAt: __, held, backSince: ___, ...over } = health;
  if (held) return { health: over, ...facts };
  // Heard again, but the heartbeat may have happened before the deadline and come late: the recovery still follows the death.
  const back = Math.max(last ?? now, diedAt + 1);
  return { health: over, flip: { to: 'OK', at: back, since: diedAt }, ...facts };
}

const lastBeat = (pulse: Pulse | undefined): EpochMs | undefined => pulse?.heartbeat?.at;

interface Look {
  readonly status: HealthStatus;
  readonly diedAt: EpochMs;
  readonly silent: readonly string[];
  readonly parts: number;
  /** Newest word of the dead parts; absent where none was ever heard. */
  readonly lastMs?: EpochMs;
  readonly hasFailed?: true;
  readonly deadlines: { readonly deadMs?: EpochMs; readonly dueMs?: EpochMs };
  readonly excuse?: ExcuseReason;
  readonly untilMs?: EpochMs;
  readonly isHeardSince: (diedAt: EpochMs) => boolean;
}

function look(before: BotHealth, pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): Look {
  const excuses = rule.excuses ?? noExcuses;
  const standing = pulse?.standing;
  const parts = partsOf(pulse, rule, now);
  const nothing: Look = { status: 'new', diedAt: 0, silent: [], parts: parts.length, deadlines: {}, isHeardSince: () => true };
  if (before.status === 'maintenance' && before.until === undefined) return { ...nothing, status: 'maintenance', excuse: 'maintenance' };
  const excuse = excuseAt(standing, excuses, now);
  if (excuse?.reason === 'maintenance')
    return {
      ...nothing,
      status: 'maintenance',
      excuse: 'maintenance',
      ...(excuse.untilMs === undefined ? {} : { untilMs: excuse.untilMs }),
    };
  if (parts.length === 0) {
    // A bot that reports without heartbeats has started; CloudWatch's alarm counts what is missing.
    if (rule.startWithinSeconds === undefined || pulse?.lastEventMs !== undefined) return nothing;
    const since = before.status === 'new' || before.status === 'down' ? before.since : now;
    const born = before.status === 'down' && before.diedAt !== undefined ? before.diedAt - rule.startWithinSeconds * 1000 : since;
    const deadMs = afterExcuses(standing, excuses, born + rule.startWithinSeconds * 1000);
    const deadlines = Number.isFinite(deadMs) ? { deadMs, dueMs: deadMs } : {};
    return now > deadMs ? { ...nothing, status: 'down', diedAt: deadMs, silent: ['the bot'], deadlines } : { ...nothing, deadlines };
  }
  const awaited = parts.flatMap(({ name, part, rule: partRule, believes }) => {
    const raw = deadlinesOf(part, partRule, believes);
    return raw === undefined
      ? []
      : [{ name, part, ...raw, rawDeadMs: raw.deadMs, deadMs: afterExcuses(standing, excusesOf(partRule, excuses), raw.deadMs) }];
  });
  if (awaited.length === 0) return { ...nothing, status: 'paused', excuse: 'stopped' };
  const earliest = awaited.reduce((first, each) => (each.deadMs < first.deadMs ? each : first));
  const dueMs = Math.min(...awaited.map(each => each.dueMs));
  const deadlines = Number.isFinite(earliest.deadMs) ? { deadMs: earliest.deadMs, dueMs } : {};
  const isHeardSince = (diedAt: EpochMs) => earliest.deadMs > diedAt;
  const dead = awaited.filter(({ deadMs, part }) => now > deadMs || (part.status === 'failed' && now >= deadMs));
  if (dead.length > 0)
    return {
      ...nothing,
      status: 'down',
      diedAt: earliest.deadMs,
      silent: dead.map(({ name }) => name),
      lastMs: Math.max(...dead.map(({ part }) => part.at)),
      ...(dead.every(({ part }) => part.status === 'failed') ? { hasFailed: true as const } : {}),
      deadlines,
      isHeardSince,
    };
  const isOverdue = awaited.some(({ rawDeadMs }) => now > rawDeadMs);
  if (isOverdue && excuse !== undefined) return { ...nothing, status: 'paused', deadlines, isHeardSince, excuse: excuse.reason };
  if (excuse?.reason === 'paused') return { ...nothing, status: 'paused', deadlines, isHeardSince, excuse: 'paused' };
  const status = now <= dueMs ? 'up' : 'late';
  return { ...nothing, status, deadlines, isHeardSince, ...(excuse === undefined ? {} : { excuse: excuse.reason }) };
}

/** A job that has a calendar is awaited by it, also outside of the sessions of the bot's. */
function excusesOf({ schedule }: BeatRule, excuses: ExcuseRule): ExcuseRule {
  if (schedule?.calendar === undefined) return excuses;
  const { calendar: _, ...others } = excuses;
  return others;
}

interface Part {
  readonly name: string;
  readonly part: ComponentPulse;
  readonly rule: BeatRule;
  readonly believes: boolean;
}

/** The parts that are awaited. A strategy that was stored before parts were told apart has one. */
function partsOf(pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): readonly Part[] {
  const beat = pulse?.heartbeat;
  if (beat === undefined) return [];
  const components: Readonly<Record<string, ComponentPulse>> = pulse?.components ?? { [beat.component]: beat };
  return Object.entries(components).flatMap(([name, part]): Part[] => {
    const own = rule.components !== undefined && Object.hasOwn(rule.components, name) ? rule.components[name] : undefined;
    if (own !== undefined) return [{ name, part, rule: own, believes: false }];
    if (now - part.at > FORGOTTEN_MS && beat.at - part.at > FORGOTTEN_MS) return [];
    return [{ name, part, rule, believes: rule.schedule === undefined }];
  });
}
