/**
 * What people and programs have said that holds about a strategy: paused, in maintenance, its market closed ad hoc, halted, deployed.
 * Folded from control events and from the trading state in heartbeats; at most `CLOSURES` closures are kept, those that end last.
 */
import type { ControlEvent, NightdeskEvent } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';

export interface Window {
  readonly fromMs: EpochMs;
  /** Exclusive; absent until somebody resumes. */
  readonly untilMs?: EpochMs;
}

/** What a later word of its kind, or a `resume`, takes back; the others are of another kind and stand beside it. */
type Lasting = 'pause' | 'maintenance' | 'halt' | 'deploy';

export interface Standing {
  /** Newest control event. */
  readonly at?: EpochMs;
  /** When each was said last: what comes late is older than a later word of its own kind only. */
  readonly saidAt?: Readonly<Partial<Record<Lasting, EpochMs>>>;
  readonly paused?: Window;
  readonly maintenance?: Window;
  readonly closures?: readonly Window[];
  /** Since when the strategy must not send new orders. */
  readonly haltedAt?: EpochMs;
  /** Only the bot itself says so, and may take it back with its next heartbeat. */
  readonly haltedByBot?: true;
  readonly deployedAt?: EpochMs;
  /** When somebody last said that it goes on. */
  readonly resumedAt?: EpochMs;
}

const CLOSURES = 8;
const HOUR_MS = 3_600_000;

export function foldStanding(before: Standing | undefined, event: NightdeskEvent, at: EpochMs): Standing | undefined {
  if (event.eventType === 'control') return afterControl(before ?? {}, event, at);
  if (event.eventType !== 'heartbeat' || event.tradingState === undefined) return before;
  if (event.tradingState === 'halted') {
    const isOver = before?.resumedAt !== undefined && at < before.resumedAt;
    return before?.haltedAt === undefined && !isOver ? { ...before, haltedAt: at, haltedByBot: true } : before;
  }
  if (before?.haltedByBot !== true) return before;
  const { haltedAt: _, haltedByBot: __, ...rest } = before;
  return rest;
}

function afterControl(before: Standing, event: ControlEvent, at: EpochMs): Standing {
  const lasting = lastingOf(event.action);
  if (lasting !== undefined && at < wordOn(before, lasting)) return before;
  const said = lasting === undefined ? {} : { saidAt: { ...before.saidAt, [lasting]: at } };
  const now: Standing = { ...before, ...said, at: Math.max(at, before.at ?? at) };
  const fromMs = event.effectiveFrom === undefined ? at : toEpochMs(event.effectiveFrom);
  const untilMs = event.effectiveUntil === undefined ? undefined : toEpochMs(event.effectiveUntil);
  switch (event.action) {
    case 'pause':
      return { ...now, paused: { fromMs, ...(untilMs === undefined ? {} : { untilMs }) } };
    case 'maintenance':
      return { ...now, maintenance: { fromMs, untilMs: untilMs ?? fromMs + HOUR_MS } };
    case 'closeMarket':
      return { ...now, closures: latest(before.closures, { fromMs, untilMs: untilMs ?? fromMs + 24 * HOUR_MS }) };
    case 'halt':
    case 'kill': {
      const { haltedByBot: _, ...rest } = now;
      return { ...rest, haltedAt: fromMs };
    }
    case 'deploy':
      return { ...now, deployedAt: fromMs };
    case 'resume':
      return { ...resumed(now, at), resumedAt: Math.max(at, before.resumedAt ?? at) };
    default:
      return now;
  }
}

const lastingOf = (action: ControlEvent['action']): Lasting | undefined =>
  action === 'kill'
    ? 'halt'
    : action === 'pause' || action === 'maintenance' || action === 'halt' || action === 'deploy'
      ? action
      : undefined;

/** When the newest word on it was said. A deploy is not resumed from. */
const wordOn = ({ saidAt, resumedAt = 0 }: Standing, lasting: Lasting): EpochMs =>
  Math.max(saidAt?.[lasting] ?? 0, lasting === 'deploy' ? 0 : resumedAt);

/** What was said later than the resume stays, and so do closures: a market does not open because a bot goes on. */
function resumed({ paused, maintenance, haltedAt, haltedByBot, ...rest }: Standing, at: EpochMs): Standing {
  const stays = (lasting: Lasting) => (rest.saidAt?.[lasting] ?? 0) > at;
  return {
    ...rest,
    ...(paused !== undefined && stays('pause') ? { paused } : {}),
    ...(maintenance !== undefined && stays('maintenance') ? { maintenance } : {}),
    ...(haltedAt !== undefined && haltedByBot !== true && stays('halt') ? { haltedAt } : {}),
  };
}

export function afterDeploy({ deployedAt: _, ...rest }: Standing): Standing {
  return rest;
}

/** The same one again changes nothing. */
const latest = (closures: readonly Window[] = [], closure: Window): readonly Window[] =>
  [...closures.filter(({ fromMs, untilMs }) => fromMs !== closure.fromMs || untilMs !== closure.untilMs), closure]
    .sort((a, b) => (b.untilMs ?? 0) - (a.untilMs ?? 0))
    .slice(0, CLOSURES);

/** Whether the window holds at the instant. */
export const holds = (window: Window | undefined, at: EpochMs): boolean =>
  window !== undefined && window.fromMs <= at && at < (window.untilMs ?? Number.POSITIVE_INFINITY);
