import type { Calendar } from '../calendar/market.ts';
import type { HealthValueName } from '../catalogue/metric.ts';
import type { StrategyGauges } from '../ledger/gauges.ts';
import type { EpochMs } from '../time/instant.ts';
import { type ActivityProfile, missedFills, openSecondsSince } from './activity.ts';
import type { BeatTimes } from './deadline.ts';
import type { InstancePulse, LastHeartbeat, Pulse } from './pulse.ts';
import { missingEvents } from './sequence.ts';
import { type BotHealth, deadAfterSeconds } from './silence.ts';

type Values = Readonly<Partial<Record<HealthValueName, number>>>;

/** 1 or 0; absent while it cannot be told. */
export interface HealthGauges {
  /** Seconds since the newest heartbeat; absent for a bot that was never heard. */
  readonly heartbeatAge?: number;
  readonly liveness?: 0 | 1;
  readonly readiness?: 0 | 1;
  readonly startup?: 0 | 1;
}

/** What the sweep publishes about a bot. A probe decides where there is one; otherwise the heartbeats do. A paused bot has no flags. */
export function healthGauges(health: BotHealth, pulse: Pulse | undefined, now: EpochMs): HealthGauges {
  const beat = pulse?.heartbeat;
  const age = beat === undefined ? {} : { heartbeatAge: Math.max(0, (now - beat.at) / 1000) };
  if (health.status === 'paused' || health.status === 'maintenance' || health.status === 'new') return age;
  const { liveness, readiness, startup } = health.probes;
  const alive = health.status !== 'down';
  return {
    ...age,
    liveness: flag(liveness?.ok ?? alive),
    ...(readiness !== undefined
      ? { readiness: flag(readiness.ok) }
      : alive && beat !== undefined
        ? { readiness: flag(beat.status === 'ok') }
        : {}),
    ...(startup !== undefined
      ? { startup: flag(startup.ok) }
      : alive && beat !== undefined
        ? { startup: flag(beat.startedAt !== undefined) }
        : {}),
  };
}

const flag = (holds: boolean): 0 | 1 => (holds ? 1 : 0);

/** The heartbeat, while its figures still describe the present: until the bot counts as dead. */
export function freshHeartbeat(pulse: Pulse | undefined, rule: BeatTimes, now: EpochMs): LastHeartbeat | undefined {
  const beat = pulse?.heartbeat;
  return beat !== undefined && now - beat.at <= deadAfterSeconds(rule) * 1000 ? beat : undefined;
}

/** What the instances that beat now say of themselves; absent where none says it. */
export function instanceValues(pulse: Pulse | undefined, rule: BeatTimes, now: EpochMs): Values {
  const living = Object.values(pulse?.instances ?? {}).filter(({ at }) => now - at <= deadAfterSeconds(rule) * 1000);
  const versions = (read: (instance: InstancePulse) => string | undefined) =>
    new Set(living.flatMap(instance => read(instance) ?? [])).size;
  const [code, config] = [versions(({ gitSha }) => gitSha), versions(({ configHash }) => configHash)];
  const offsets = living.flatMap(({ clockOffsetMs }) => (clockOffsetMs === undefined ? [] : [Math.abs(clockOffsetMs)]));
  return {
    ...(code === 0 ? {} : { codeVersions: code }),
    ...(config === 0 ? {} : { configVersions: config }),
    ...(offsets.length === 0 ? {} : { clockOffset: Math.max(...offsets) }),
  };
}

/**
 * A strategy's gauges as the sweep publishes them. CloudWatch judges the age of its market data: of a bot that is dead or excused, or while
 * nothing is heard from anybody (`isWatched` false), it is left out, since it would page for a feed that nobody is meant to read.
 */
export function publishedGauges(gauges: StrategyGauges, isWatched: boolean): StrategyGauges {
  if (isWatched || gauges.marketDataAgeSeconds === undefined) return gauges;
  const { marketDataAgeSeconds: _, ...others } = gauges;
  return others;
}

/** For how long orders in a halt are shown. */
const HALTED_MS = 300_000;

/** Whether the strategy acts as expected, as of now. What needs an open market is absent while it is closed. */
export function activityValues(
  pulse: Pulse | undefined,
  { markAgeSeconds }: Pick<StrategyGauges, 'markAgeSeconds'>,
  profile: ActivityProfile | undefined,
  calendar: Calendar,
  now: EpochMs,
): Values {
  const activity = pulse?.activity;
  const halted = activity?.lastWhileHaltedMs;
  const lost = missingEvents(pulse?.sequences, now);
  const always = {
    ...(activity === undefined ? {} : { haltedOrders: halted !== undefined && now - halted < HALTED_MS ? activity.whileHalted : 0 }),
    ...(lost === undefined ? {} : { missingEvents: lost }),
  };
  if (!calendar.isOpen(now)) return always;
  const age = (at: EpochMs | undefined) => (at === undefined ? undefined : openSecondsSince(calendar, at, now));
  const values = {
    orderAge: age(activity?.lastOrderMs),
    fillAge: age(activity?.lastFillMs),
    missedFills: missedFills(profile, activity?.lastFillMs, calendar, now),
    quoteAge: markAgeSeconds,
  };
  return { ...always, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) };
}
