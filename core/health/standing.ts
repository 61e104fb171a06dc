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

export interface Standing {
  /** Newest control event that was taken. */
  readonly at?: EpochMs;
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
    return before?.haltedAt === undefined ? { ...before, haltedAt: at, haltedByBot: true } : before;
  }
  if (before?.haltedByBot !== true) return before;
  const { haltedAt: _, haltedByBot: __, ...rest } = before;
  return rest;
}

function afterControl(before: Standing, event: ControlEvent, at: EpochMs): Standing {
  if (before.at !== undefined && at < before.at) return before;
  const now = { ...before, at };
  const fromMs = event.effectiveFrom === undefined ? at : toEpochMs(event.effectiveFrom);
  const untilMs = event.effectiveUntil === undefined ? undefined : toEpochMs(event.effectiveUntil);
  switch (event.action) {
    case 'pause':
      return { ...now, paused: { fromMs, ...(untilMs === undefined ? {} : { untilMs }) } };
    case 'maintenance':
      return { ...now, maintenance: { fromMs, untilMs: untilMs ?? fromMs + HOUR_MS } };
    case 'closeMarket':
      return { ...now, closures: latest([...(before.closures ?? []), { fromMs, untilMs: untilMs ?? fromMs + 24 * HOUR_MS }]) };
    case 'halt':
    case 'kill': {
      const { haltedByBot: _, ...rest } = now;
      return { ...rest, haltedAt: fromMs };
    }
    case 'deploy':
      return { ...now, deployedAt: fromMs };
    case 'resume':
      return { ...resumed(now), resumedAt: at };
    default:
      return now;
  }
}

/** Closures stay: a market does not open because a bot goes on. */
function resumed({ paused: _, maintenance: __, haltedAt: ___, haltedByBot: ____, ...rest }: Standing): Standing {
  return rest;
}

export function afterDeploy({ deployedAt: _, ...rest }: Standing): Standing {
  return rest;
}

const latest = (closures: readonly Window[]): readonly Window[] =>
  [...closures].sort((a, b) => (b.untilMs ?? 0) - (a.untilMs ?? 0)).slice(0, CLOSURES);

/** Whether the window holds at the instant. */
export const holds = (window: Window | undefined, at: EpochMs): boolean =>
  window !== undefined && window.fromMs <= at && at < (window.untilMs ?? Number.POSITIVE_INFINITY);
