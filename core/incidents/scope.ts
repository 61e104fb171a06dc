import type { NightdeskConfig } from '../config/types.ts';
import { botOf } from './bot-signal.ts';
import { type Incident, isOpen } from './incident.ts';
import type { Scope } from './page.ts';

/** What else is open beside an incident: of the same strategy, on the same venue, elsewhere; and how much is held back. */
export function scopeOf(incident: Incident, known: readonly Incident[], config: Pick<NightdeskConfig, 'bots'>): Scope {
  const venueOf = ({ signal }: Incident): string | undefined =>
    signal.dimensions['Venue'] ?? botOf(signal.dimensions, config)?.strategies.find(({ venue }) => venue !== undefined)?.venue;
  const { Strategy } = incident.signal.dimensions;
  const venue = venueOf(incident);
  const others = known.filter(each => isOpen(each) && each.id !== incident.id);
  const isSame = (each: Incident) => Strategy !== undefined && each.signal.dimensions['Strategy'] === Strategy;
  const isNear = (each: Incident) => !isSame(each) && venue !== undefined && venueOf(each) === venue;
  const held = (each: Incident) => each.counts?.suppressed ?? (each.suppression === undefined ? 0 : 1);
  return {
    sameStrategy: others.filter(isSame).length,
    sameVenue: others.filter(isNear).length,
    elsewhere: others.filter(each => !isSame(each) && !isNear(each)).length,
    suppressed: [incident, ...others].reduce((sum, each) => sum + held(each), 0),
  };
}
