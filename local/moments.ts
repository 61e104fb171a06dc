/** Moments to mark on charts: deploys and other changes, new code that a heartbeat tells of, and the sessions of the strategies' markets. */
import { createHistoryStore } from '../adapters/aws/history-store.ts';
import { calendarOf } from '../core/calendar/calendar.ts';
import { sessionsBetween } from '../core/calendar/sessions.ts';
import type { NightdeskConfig, StrategyConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { isoFromMs, toEpochMs } from '../core/time/instant.ts';
import type { LocalStack } from './stack.ts';
import { stateTable } from './summary.ts';

/** `deploy` is new code; `change` is what else was done to a bot: a halt, a limit, a pause. */
export type MomentKind = 'deploy' | 'change' | 'open' | 'close';

export interface Moment {
  readonly at: EpochMs;
  readonly kind: MomentKind;
  readonly text: string;
  readonly strategies: readonly string[];
}

export interface MomentsAnswer {
  readonly moments: readonly (Omit<Moment, 'at'> & { readonly at: string })[];
  /** Markets whose opens and closes were left out: in a long range they would be a hatching. */
  readonly crowded: readonly string[];
}

export interface Moments {
  readonly between: (fromMs: EpochMs, toMs: EpochMs) => Promise<MomentsAnswer>;
}

/** Sessions of one market on one chart. */
const MOST_SESSIONS = 12;
/** Longer ranges have more than that many of every market, a week's market among them. */
const LONGEST_MS = 120 * 86_400_000;
/** Changes that are remembered. */
const MOST_CHANGES = 1_000;

export function createMoments(stack: LocalStack, config: NightdeskConfig): Moments {
  const seen = createChanges();
  stack.observe({ onLog: (_, { message }) => seen.line(message) });
  const strategies = config.bots.flatMap(bot => bot.strategies);
  return {
    async between(fromMs, toMs) {
      const stored = await createHistoryStore(stateTable(stack)).readMarks(strategies.map(({ id }) => id));
      const known = new Set(seen.all().map(momentKey));
      const older = [...stored].flatMap(([id, marks]) =>
        marks.map(([at, action, actor, reason]): Moment => ({ at, strategies: [id], ...changeWords({ action, actor, reason }) })),
      );
      const changes = [...seen.all(), ...older.filter(each => !known.has(momentKey(each)))];
      const { moments, crowded } = sessionMoments(strategies, fromMs, toMs);
      const within = [...changes.filter(({ at }) => at >= fromMs && at <= toMs), ...moments];
      return {
        moments: together(within).map(({ at, ...each }) => ({ ...each, at: isoFromMs(at) })),
        crowded,
      };
    },
  };
}

/** The table knows the newest change of each minute, the log every one: those of one strategy and moment are the same. */
const momentKey = ({ at, kind, strategies }: Moment): string => `${at} ${kind} ${strategies.join()}`;

interface Change {
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  readonly after?: string;
}

function changeWords({ action, actor, reason, after }: Change): Pick<Moment, 'kind' | 'text'> {
  const to = after === undefined ? '' : ` ${after}`;
  return { kind: action === 'deploy' ? 'deploy' : 'change', text: `${action}${to} by ${actor}: ${reason}`.slice(0, 300) };
}

/** A deploy that was told explains code that is first heard of within this time after it. */
const ROLLING_MS = 3_600_000;

/**
 * Reads changes from the bots' lines as they come. Code that a strategy never ran before is a deploy, whether anybody told of it or not;
 * the first code of all is where it began. A return to older code is seen only when it is told.
 */
export function createChanges(): { readonly line: (text: string) => void; readonly all: () => readonly Moment[] } {
  const changes: Moment[] = [];
  const codes = new Map<string, Set<string>>();

  const keep = (moment: Moment) => {
    const key = momentKey(moment);
    if (changes.some(each => momentKey(each) === key)) return;
    changes.push(moment);
    if (changes.length > MOST_CHANGES) changes.shift();
  };
  const isTold = (strategyId: string, at: EpochMs) =>
    changes.some(each => each.kind === 'deploy' && each.strategies.includes(strategyId) && each.at <= at && at - each.at < ROLLING_MS);
  const heardOf = (strategyId: string, code: string, at: EpochMs) => {
    const known = codes.get(strategyId);
    if (known?.has(code) === true) return;
    if (known !== undefined && !isTold(strategyId, at))
      keep({ at, kind: 'deploy', strategies: [strategyId], text: `deploy: heartbeats come from ${code}` });
    codes.set(strategyId, new Set([...(known ?? []), code]));
  };
  /** Heartbeats come all the time and mostly say what is known: a look at two fields spares reading them. */
  const isKnownBeat = (text: string) => {
    const code = /"gitSha":"([^"\\]*)"/.exec(text)?.[1];
    const strategyId = /"strategyId":"([^"\\]*)"/.exec(text)?.[1];
    return code === undefined || codes.get(strategyId ?? '')?.has(code) === true;
  };

  return {
    all: () => changes,
    line(text) {
      if (!text.includes('"control"') && isKnownBeat(text)) return;
      const parsed = parseLine(text);
      if (parsed.kind !== 'event') return;
      const { event } = parsed;
      const at = toEpochMs(event.tsEvent);
      if (event.eventType === 'control') {
        const { action, actor, reason, after } = event;
        keep({ at, strategies: [event.strategyId], ...changeWords({ action, actor, reason, ...(after === undefined ? {} : { after }) }) });
      } else if (event.eventType === 'heartbeat' && event.gitSha !== undefined) heardOf(event.strategyId, event.gitSha, at);
    },
  };
}

/** Opens and closes by market. A market that never closes has none. */
export function sessionMoments(
  strategies: readonly Pick<StrategyConfig, 'id' | 'calendar'>[],
  fromMs: EpochMs,
  toMs: EpochMs,
): { readonly moments: readonly Moment[]; readonly crowded: readonly string[] } {
  const markets = new Map<string, { readonly calendar: ReturnType<typeof calendarOf>; readonly ids: string[] }>();
  for (const { id, calendar: reference } of strategies) {
    if (reference === '24x7') continue;
    const calendar = calendarOf(reference);
    const market = markets.get(calendar.name);
    if (market === undefined) markets.set(calendar.name, { calendar, ids: [id] });
    else market.ids.push(id);
  }
  const moments: Moment[] = [];
  const crowded: string[] = [];
  for (const [name, { calendar, ids }] of markets) {
    const sessions = toMs - fromMs > LONGEST_MS ? undefined : sessionsBetween(calendar, fromMs, toMs);
    if (sessions === undefined || sessions.length > MOST_SESSIONS) crowded.push(name);
    else
      for (const { openMs, closeMs } of sessions)
        moments.push(
          { at: openMs, kind: 'open', strategies: ids, text: `${name} opens` },
          { at: closeMs, kind: 'close', strategies: ids, text: `${name} closes` },
        );
  }
  return { moments: moments.filter(({ at }) => at >= fromMs && at <= toMs), crowded };
}

/** One moment for what was done to several strategies at once, in the order of time. */
function together(all: readonly Moment[]): readonly Moment[] {
  const groups = new Map<string, Moment>();
  for (const moment of all) {
    const key = `${moment.at} ${moment.kind} ${moment.text}`;
    const group = groups.get(key);
    const strategies = [...new Set([...(group?.strategies ?? []), ...moment.strategies])];
    groups.set(key, { ...moment, strategies });
  }
  return [...groups.values()].sort((a, b) => a.at - b.at);
}
