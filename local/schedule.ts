import type { EpochMs } from '../core/time/instant.ts';
export function nextRunAfter(expression: string, _zone: string, afterMs: EpochMs): EpochMs | undefined {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (match === null) return undefined;
  const every = Number(match[1]) * { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[match[2] as 'minute'];
  return Math.floor(afterMs / every) * every + every;
}
