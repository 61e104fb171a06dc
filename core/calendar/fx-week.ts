/** Spot currencies: no exchange, one week from Sunday evening to Friday evening in New York. */
import { fixed } from './holidays.ts';
import { clock, closedOn, marketCalendar, mondayToFriday } from './market.ts';

/**
 * `FX`: the day rolls at 17:00 New York time, the usual value-date cut of spot dealers. Christmas and New Year's Day are closed when they
 * fall in the week, as at most venues; holidays of single currencies move value dates, not hours.
 */
export const fxWeek = marketCalendar({
  name: 'FX',
  zone: 'America/New_York',
  annualization: 260,
  hoursOn: mondayToFriday({ opens: clock(17) - 1440, closes: clock(17) }),
  holidays: closedOn(fixed(1, 1), fixed(12, 25)),
});
