import { zoneOffsetMs as ianaOffsetMs } from '../calendar/zone.ts';
import type { EpochMs } from '../time/instant.ts';

/** Offset of `+05:30`, `UTC+05:30` or `UTC`, in milliseconds; undefined for other texts. */
function fixedOffset(zone: string): number | undefined {
  if (zone === 'UTC' || zone === 'Z' || zone === 'Etc/UTC') return 0;
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})$/.exec(zone);
  if (match === null) return undefined;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}

/** Whether the text names a time zone: IANA name or fixed offset. */
export function isZone(zone: string): boolean {
  try {
    zoneOffsetMs(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Milliseconds that local time is ahead of UTC at an instant, for an IANA name or an offset such as `+05:30` or `UTC-03:00`.
 * @throws RangeError for a zone that is not known (`isZone`).
 */
export const zoneOffsetMs = (zone: string, ms: EpochMs): number => fixedOffset(zone) ?? ianaOffsetMs(zone, ms);

/** Local wall-clock time as if it were UTC: read its parts with the UTC methods of Date. */
export const toLocalMs = (zone: string, ms: EpochMs): number => ms + zoneOffsetMs(zone, ms);

/** Instants at which the zone's clock shows the local time: none in a spring gap, two in an autumn overlap, earliest first. */
export function instantsOfLocal(zone: string, localMs: number): readonly EpochMs[] {
  const offsets = new Set([zoneOffsetMs(zone, localMs - 86_400_000), zoneOffsetMs(zone, localMs + 86_400_000)]);
  return [...offsets]
    .map(offset => localMs - offset)
    .filter(ms => toLocalMs(zone, ms) === localMs)
    .sort((a, b) => a - b);
}

/** The instant of a local time; inside a spring gap the first instant after it. */
export function instantOfLocal(zone: string, localMs: number): EpochMs {
  return instantsOfLocal(zone, localMs)[0] ?? localMs - zoneOffsetMs(zone, localMs - 86_400_000);
}
