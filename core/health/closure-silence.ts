/**
 * What a closure keeps quiet besides heartbeats: alarms that follow from the silence of a bot, and the age of marks while the market is open.
 * Limits on money, orders and positions, and a death that was due before the closure, page all the same.
 */
import type { Closure } from '../calendar/closures.ts';
import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { catalogue } from '../catalogue/index.ts';
import type { NightdeskConfig } from '../config/types.ts';
import { fingerprint } from '../incidents/key.ts';
import type { Silence } from '../incidents/silence.ts';
import type { EpochMs } from '../time/instant.ts';
import { closuresOf, followersOf, unfinished } from './closure.ts';

/** Ids of the alarms that a closed market explains. */
export const explainedAlarms: readonly string[] = catalogue.flatMap(({ metric }) => {
  const { source } = metric;
  const isOfOpenMarket = source.from === 'strategy' && source.gauge === 'openMarketMarkAgeSeconds';
  return rulesOf(metric).flatMap(rule => (isOfOpenMarket || ('follows' in rule && rule.follows !== undefined) ? [rule.id] : []));
});

/** The closures of now and later as silences, warm-up included. */
export function closureSilences(
  config: Pick<NightdeskConfig, 'bots' | 'closures' | 'closedMarkets'>,
  told: readonly (Closure & { readonly author?: string })[],
  now: EpochMs,
): readonly Silence[] {
  return unfinished(config, closuresOf(config, told), now).flatMap((closure: Closure & { readonly author?: string }) => {
    const { calendar, fromMs, untilMs, reason, author = 'the config' } = closure;
    const { strategies, bots } = followersOf(config.bots, calendar);
    const owners = [
      ['Strategy', strategies],
      ['Bot', bots],
    ] as const;
    return owners.flatMap(([label, ids]): Silence[] =>
      ids.length === 0
        ? []
        : [
            {
              id: `${label.toLowerCase()}-closure-${fingerprint(JSON.stringify(closure))}`,
              matchers: [
                { label: 'alertname', operator: '=~', value: explainedAlarms.join('|') },
                { label, operator: '=~', value: ids.map(escaped).join('|') },
              ],
              author,
              comment: `${calendar} is closed: ${reason}`,
              createdAt: fromMs,
              startsAt: fromMs,
              endsAt: untilMs + config.closedMarkets.warmUpMinutes * 60_000,
            },
          ],
    );
  });
}

/** Ids hold dots. */
const escaped = (id: string): string => id.replace(/[.]/g, '\\.');
