/**
 * The memory of the fast path: which breaches of a strategy were said, so that only changes are said again. A breach clears after a
 * minute within its limit: a result that swings around the limit is one incident, not twenty.
 */
import type { EpochMs } from '../time/instant.ts';
import type { FastBreach } from './breach.ts';
import { incidentKey } from './key.ts';

export interface FiredBreach {
  readonly breach: FastBreach;
  /** Since when it holds no more; absent while it does. */
  readonly clearSinceMs?: EpochMs;
}

/** By incident key. */
export type Fired = Readonly<Record<string, FiredBreach>>;

export const CLEAR_HOLD_MS = 60_000;

export interface FastFlips {
  readonly publish: readonly FastBreach[];
  readonly fired: Fired;
  /** False when `fired` is as before and needs no saving. */
  readonly changed: boolean;
}

/** `breaching` holds the breaches of this moment, all in state ALARM. Publishing comes before saving: a repetition is harmless, a loss is not. */
export function fastFlips(before: Fired, breaching: readonly FastBreach[], now: EpochMs): FastFlips {
  const publish: FastBreach[] = [];
  const fired: Record<string, FiredBreach> = {};
  let changed = false;
  for (const breach of breaching) {
    const key = incidentKey(breach.alarm, breach.dimensions);
    const known = Object.hasOwn(before, key) ? before[key] : undefined;
    if (known === undefined) publish.push(breach);
    if (known === undefined || known.clearSinceMs !== undefined) changed = true;
    fired[key] = { breach: known?.breach ?? breach };
  }
  for (const [key, known] of Object.entries(before)) {
    if (Object.hasOwn(fired, key)) continue;
    const clearSinceMs = Math.min(known.clearSinceMs ?? now, now);
    if (now - clearSinceMs >= CLEAR_HOLD_MS) {
      publish.push(cleared(known.breach, now));
      changed = true;
    } else {
      fired[key] = { breach: known.breach, clearSinceMs };
      changed ||= known.clearSinceMs !== clearSinceMs;
    }
  }
  return { publish, fired, changed };
}

function cleared(breach: FastBreach, now: EpochMs): FastBreach {
  const { value: _, ...rest } = breach;
  return { ...rest, state: 'OK', atMs: Math.max(now, breach.atMs + 1), reason: 'back within its limit for a minute' };
}
