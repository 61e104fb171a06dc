/**
 * All bots at once. When nothing arrives from anybody, one thing is broken, not a thousand: the deaths are remembered and one trouble is
 * said, `telemetry-silent`. The same holds when most of a large fleet falls silent together. When everything is heard again, or after we were
 * away ourselves, each bot gets the time of a full silence before it is called dead, since what it has sent meanwhile is still on its way.
 */
import type { EpochMs } from '../time/instant.ts';
import type { Pulse } from './pulse.ts';
import {
  type BotHealth,
  deadAfterSeconds,
  type Flip,
  judgeSilence,
  type SilenceRule,
  type SilenceVerdict,
  type Unsaid,
} from './silence.ts';

export interface FleetMemory {
  readonly schemaVersion: 1;
  /** When a sweep or the timer judged last, to the minute. */
  readonly sweptAt?: EpochMs;
  /** Newest receipt before the silence of everything, while it lasts. */
  readonly silentSince?: EpochMs;
  /** No death is said before this. */
  readonly holdUntil?: EpochMs;
  /** When that began. */
  readonly holdFrom?: EpochMs;
  readonly unsaid?: Unsaid;
}

export interface FleetBot {
  readonly id: string;
  readonly before: BotHealth;
  readonly pulse: Pulse | undefined;
  /** When anything of any of its strategies reached us last. */
  readonly receivedMs?: EpochMs;
  readonly rule: SilenceRule;
}

export interface FleetVerdict {
  readonly bots: readonly (SilenceVerdict & { readonly id: string })[];
  readonly memory: FleetMemory;
  /** Set when everything fell silent, or is heard again. */
  readonly flip?: Flip;
  /** Bots that are silent, of how many that are awaited. */
  readonly silent: number;
  readonly awaited: number;
  /** The earliest moment at which a bot may die; absent while nothing is awaited. */
  readonly nextMs?: EpochMs;
}

/** A sweep runs each minute: after two and a half without one we were away. */
const AWAY_MS = 150_000;
/** Longest time that deaths are held after everything was silent or we were away. */
const LONGEST_HOLD_MS = 300_000;
/** While bots still come back one by one, the hold is made longer, up to this in all. */
const LONGEST_RETURN_MS = 900_000;
/** A bot whose heartbeat is this much overdue is silent too, for judging the others. */
const OVERDUE_MS = 5_000;
/** So many at once, and at least half of the fleet, are one trouble. */
const MASS = 10;
/** What was received within this time shows that telemetry flows. */
const FLOWING_MS = 30_000;

export function judgeFleet(before: FleetMemory, bots: readonly FleetBot[], now: EpochMs): FleetVerdict {
  const judged = bots.map(bot => ({ bot, verdict: judgeSilence(bot.before, bot.pulse, bot.rule, now) }));
  // Known and said deaths say nothing about what happens now.
  const awaited = judged.filter(
    ({ verdict, bot }) => verdict.deadMs !== undefined && !(bot.before.diedAt !== undefined && !bot.before.held),
  );
  const dead = awaited.filter(({ verdict }) => verdict.health.status === 'down');
  const newest = Math.max(0, ...bots.map(({ receivedMs }) => receivedMs ?? 0));
  const wasAway = before.sweptAt !== undefined && now - before.sweptAt > AWAY_MS;
  const hold = Math.max(before.holdUntil ?? 0, wasAway ? now + holdMs(bots) : 0);
  const isNewlySilent = dead.length > 0 && isTogether(awaited, dead, now);
  const wasSilent = before.silentSince !== undefined;
  const isBack =
    wasSilent && (dead.length === 0 || (newest > before.silentSince && newest >= now - FLOWING_MS && !isMass(awaited.length, dead.length)));
  const isSilent = wasSilent ? !isBack : isNewlySilent && hold <= now;
  const wasHeld = hold > now || isBack;
  const holdFrom = before.holdUntil !== undefined && before.holdUntil > now ? (before.holdFrom ?? now) : now;
  // Somebody whose death was held has just come back: what was sent meanwhile is still arriving.
  const isReturning =
    wasHeld &&
    now - holdFrom < LONGEST_RETURN_MS &&
    judged.some(({ bot, verdict }) => bot.before.held === true && verdict.health.status !== 'down');
  const holdUntil = isBack || isReturning ? Math.max(hold, now + holdMs(bots)) : hold;
  const isHeld = isSilent || holdUntil > now;
  const { silentSince: _, holdUntil: __, holdFrom: ___, ...rest } = before;
  const memory: FleetMemory = {
    ...rest,
    ...(isSilent ? { silentSince: before.silentSince ?? newest } : {}),
    ...(holdUntil > now ? { holdUntil, holdFrom } : {}),
    sweptAt: Math.max(now, before.sweptAt ?? 0),
  };
  const flip = fleetFlip(
    before,
    isSilent,
    dead.map(({ verdict }) => verdict.health.diedAt ?? now),
    newest,
    now,
  );
  const moments = judged.flatMap(({ bot, verdict }) => momentOf(bot, verdict, now));
  return {
    bots: judged.map(({ bot, verdict }) => ({ id: bot.id, ...(isHeld ? held(verdict) : released(bot, verdict)) })),
    memory,
    ...(flip === undefined ? {} : { flip }),
    silent: dead.length,
    awaited: awaited.length,
    ...(moments.length === 0 ? {} : { nextMs: Math.min(...moments, ...(holdUntil > now ? [holdUntil] : [])) }),
  };
}

type Judged = { readonly bot: FleetBot; readonly verdict: SilenceVerdict };

/** Nobody has been heard since the first of the dead should have been, and others are overdue as well; or most of a large fleet is dead. */
function isTogether(awaited: readonly Judged[], dead: readonly Judged[], now: EpochMs): boolean {
  if (isMass(awaited.length, dead.length)) return true;
  const firstDue = Math.min(...dead.map(({ verdict }) => verdict.dueMs ?? now));
  const gone = new Set(dead);
  const others = awaited.filter(each => !gone.has(each));
  if (others.some(({ bot }) => (bot.receivedMs ?? 0) >= firstDue)) return false;
  const overdue = others.filter(({ verdict, bot }) => now > (verdict.dueMs ?? now) + OVERDUE_MS + (bot.rule.deliverySeconds ?? 0) * 1000);
  return dead.length + overdue.length > 1;
}

const isMass = (awaited: number, dead: number): boolean => dead >= MASS && dead * 2 >= awaited;

const holdMs = (bots: readonly FleetBot[]): number =>
  Math.min(LONGEST_HOLD_MS, Math.max(0, ...bots.map(({ rule }) => deadAfterSeconds(rule) * 1000)));

/** The newest of what was held: the death is remembered, and nobody is told of it. */
function held(verdict: SilenceVerdict): SilenceVerdict {
  if (verdict.flip?.to !== 'ALARM') return verdict;
  const { flip: _, ...rest } = verdict;
  return { ...rest, health: { ...verdict.health, held: true } };
}

/** What was held and still is so is said now, dated when it happened. */
function released({ pulse, before }: FleetBot, verdict: SilenceVerdict): SilenceVerdict {
  const { held: wasHeld, ...health } = verdict.health;
  if (wasHeld !== true || health.diedAt === undefined || health.status !== 'down') return verdict;
  return { ...verdict, health, flip: { to: 'ALARM', at: health.diedAt, since: pulse?.heartbeat?.at ?? before.since } };
}

function fleetFlip(before: FleetMemory, isSilent: boolean, deaths: readonly EpochMs[], newest: EpochMs, now: EpochMs): Flip | undefined {
  const wasSilent = before.silentSince !== undefined;
  if (isSilent === wasSilent) return undefined;
  if (isSilent) return { to: 'ALARM', at: Math.min(...deaths), since: newest };
  return { to: 'OK', at: now, since: before.silentSince! };
}

/** When the bot must be looked at next: at its deadline, or when one that is not awaited could die if it came up just now. */
function momentOf({ rule, before }: FleetBot, verdict: SilenceVerdict, now: EpochMs): EpochMs[] {
  const soonest = now + deadAfterSeconds(rule) * 1000;
  if (verdict.health.status === 'down' || verdict.deadMs === undefined || (before.diedAt !== undefined && verdict.deadMs <= now))
    return [soonest];
  return [Math.min(Math.max(verdict.deadMs, now), soonest)];
}
