/** Closures that somebody told at run time, beside those that the config plans; and what they keep quiet. */

import { calendarName } from '../calendar/calendar.ts';
import type { Closure } from '../calendar/closures.ts';
import { asNumber, asObjects, parseJson } from '../cloudwatch/loose-json.ts';
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import { fingerprint } from '../incidents/key.ts';
import type { EpochMs } from '../time/instant.ts';

export interface ToldClosure extends Closure {
  readonly id: string;
  readonly author: string;
  readonly createdAt: EpochMs;
}

/** Longest closure: what stays closed for longer is a rule of the calendar. */
export const CLOSURE_LIMIT_MS = 90 * 86_400_000;
/** Closures that are kept at once, those that end last. */
export const CLOSURES = 50;
/** Characters of a reason, and of a name. */
const LONGEST_WORDS = 300;
/** For how long one that is over is still listed. */
const LISTED_MS = 30 * 86_400_000;

export type ClosureInput = Omit<ToldClosure, 'id'>;

/** With an id made of its content. */
export const createClosure = (input: ClosureInput): ToldClosure => ({ id: `closure-${fingerprint(JSON.stringify(input))}`, ...input });

/** What is wrong with a closure; undefined when nothing is. */
export function closureProblem({ fromMs, untilMs, reason, author }: ClosureInput, now: EpochMs): string | undefined {
  if (reason.trim() === '') return 'needs a reason';
  if (author.trim() === '') return 'needs an author';
  if (Math.max(reason.length, author.length) > LONGEST_WORDS) return `takes a reason and an author of at most ${LONGEST_WORDS} characters`;
  if (!(untilMs > fromMs)) return 'must end after it begins';
  if (untilMs <= now) return 'is over already';
  if (untilMs - fromMs > CLOSURE_LIMIT_MS) return 'must end within 90 days';
  return undefined;
}

/** The list with one more; what has long been over leaves it. */
export const withClosure = (all: readonly ToldClosure[], closure: ToldClosure, now: EpochMs): readonly ToldClosure[] =>
  [...all.filter(({ id, untilMs }) => id !== closure.id && untilMs + LISTED_MS > now), closure]
    .sort((a, b) => b.untilMs - a.untilMs)
    .slice(0, CLOSURES);

/** Ends now; one that has not begun never does. */
export const reopened = (closure: ToldClosure, now: EpochMs): ToldClosure => ({
  ...closure,
  fromMs: Math.min(closure.fromMs, now),
  untilMs: Math.min(closure.untilMs, now),
});

export type ClosureState = 'pending' | 'closed' | 'over';

export const closureState = ({ fromMs, untilMs }: Closure, now: EpochMs): ClosureState =>
  now >= untilMs ? 'over' : now < fromMs ? 'pending' : 'closed';

/** What was stored; whatever in it cannot be read closes nothing, so that in doubt somebody is told. */
export function readClosures(text: unknown): readonly ToldClosure[] {
  return asObjects(parseJson(text)).flatMap(each => {
    const [fromMs, untilMs] = [asNumber(each['fromMs']), asNumber(each['untilMs'])];
    const { id, calendar, reason, author } = each;
    if (fromMs === undefined || untilMs === undefined || typeof calendar !== 'string') return [];
    const said = { id: String(id ?? ''), reason: String(reason ?? ''), author: String(author ?? '') };
    return [{ ...said, calendar, fromMs, untilMs, createdAt: asNumber(each['createdAt']) ?? fromMs }];
  });
}

type Settings = Pick<NightdeskConfig, 'closures' | 'closedMarkets'>;

const none: readonly Closure[] = [];

/** Planned and told ones. Those that are over too: a deadline that fell into one has moved to its end, and no age has grown meanwhile. */
export function closuresOf({ closures = none }: Settings, told: readonly Closure[]): readonly Closure[] {
  return told.length === 0 ? closures : [...closures, ...told];
}

/** Those that hold or will, warm-up included; what is empty never does, and has none. */
export const unfinished = <C extends Closure>({ closedMarkets }: Settings, closures: readonly C[], now: EpochMs): readonly C[] =>
  closures.filter(({ fromMs, untilMs }) => fromMs < untilMs && untilMs + closedMarkets.warmUpMinutes * 60_000 > now);

/** Strategies on the calendar, and bots whose heartbeats are awaited by it. */
export function followersOf(
  bots: readonly BotConfig[],
  calendar: string,
): { readonly strategies: readonly string[]; readonly bots: readonly string[] } {
  return {
    strategies: bots.flatMap(bot => bot.strategies.filter(each => calendarName(each.calendar) === calendar).map(({ id }) => id)),
    bots: bots.filter(bot => calendarName(bot.heartbeat.calendar) === calendar).map(({ id }) => id),
  };
}
