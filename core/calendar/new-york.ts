/** New York Stock Exchange. Sources: nyse.com/markets/hours-calendars and the exchange's notices; checked against published sessions. */
import { clock, closedOn, marketCalendar, mondayToFriday, shortOn } from './market.ts';
import * as us from './us-holidays.ts';

/**
 * `XNYS`: 09:30 to 16:00 New York time, 13:00 on short days, orders from 06:30. Rules hold from 1998 on (before that the holidays were
 * others); the exceptions are complete from 2001 to 2026, whole days and short days, delays of a few minutes left aside.
 */
export const newYork = marketCalendar({
  name: 'XNYS',
  zone: 'America/New_York',
  annualization: 252,
  hoursOn: mondayToFriday({ opens: clock(9, 30), closes: clock(16), preOpens: clock(6, 30) }),
  holidays: [
    ...closedOn(us.newYear, us.goodFriday, us.christmas, ...us.bankHolidays),
    ...shortOn(clock(13), us.dayAfterThanksgiving, us.christmasEve, us.independenceEve, us.fridayAfterIndependence),
  ],
  exceptions: [
    ...['2001-09-11', '2001-09-12', '2001-09-13', '2001-09-14'].map(date => closed(date, 'attacks of 11 September')),
    { date: '2003-12-26', change: { closes: clock(13) }, why: 'Friday after Christmas' },
    closed('2004-06-11', 'mourning for President Reagan'),
    closed('2007-01-02', 'mourning for President Ford'),
    closed('2012-10-29', 'Hurricane Sandy'),
    closed('2012-10-30', 'Hurricane Sandy'),
    closed('2018-12-05', 'mourning for President G. H. W. Bush'),
    closed('2025-01-09', 'mourning for President Carter'),
  ],
});

function closed(date: string, why: string) {
  return { date, change: 'closed', why } as const;
}
