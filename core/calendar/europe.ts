/** London Stock Exchange and Eurex. Checked against published sessions. */
import { daysAfter, easter, fixed, fridayBefore, nextMonday, notIn, nth, weekendTo } from './holidays.ts';
import { clock, closedOn, type DayException, marketCalendar, mondayToFriday, shortOn } from './market.ts';

const closed = (date: string, why: string): DayException => ({ date, change: 'closed', why });

const goodFriday = easter(-2);
const easterMonday = daysAfter(1, easter(0));

/**
 * `XLON`: 08:00 to 16:30 London time after an opening auction from 07:50; 12:30 on the last working days before Christmas and New Year.
 * Bank holidays of England and Wales: gov.uk/bank-holidays; proclamations in The Gazette for the days moved or added.
 */
export const london = marketCalendar({
  name: 'XLON',
  zone: 'Europe/London',
  annualization: 253,
  hoursOn: mondayToFriday({ opens: clock(8), closes: clock(16, 30), preOpens: clock(7, 50) }),
  holidays: [
    ...closedOn(
      nextMonday(fixed(1, 1)),
      goodFriday,
      easterMonday,
      notIn([1995, 2020], nth(1, 1, 5)),
      notIn([2002, 2012, 2022], nth(-1, 1, 5)),
      nth(-1, 1, 8),
      weekendTo(12, 27)(fixed(12, 25)),
      weekendTo(12, 28)(fixed(12, 26)),
    ),
    ...shortOn(clock(12, 30), fridayBefore(fixed(12, 24)), fridayBefore(fixed(12, 31))),
  ],
  exceptions: [
    closed('1995-05-08', 'early May holiday, moved to 50 years of Victory in Europe'),
    closed('1999-12-31', 'millennium'),
    closed('2002-06-03', 'Golden Jubilee'),
    closed('2002-06-04', 'spring holiday, moved to the Golden Jubilee'),
    closed('2011-04-29', 'royal wedding'),
    closed('2012-06-04', 'spring holiday, moved to the Diamond Jubilee'),
    closed('2012-06-05', 'Diamond Jubilee'),
    closed('2020-05-08', 'early May holiday, moved to 75 years of Victory in Europe'),
    closed('2022-06-02', 'spring holiday, moved to the Platinum Jubilee'),
    closed('2022-06-03', 'Platinum Jubilee'),
    closed('2022-09-19', 'funeral of Queen Elizabeth II'),
    closed('2023-05-08', 'coronation of King Charles III'),
  ],
});

/**
 * `XEUR`: 08:00 to 22:00 Frankfurt time, orders from 07:30: the hours of the exchange as a whole. Products with an Asian session or
 * shorter hours of their own need a calendar of their own. Source: eurex.com, trading calendar and trading phases.
 */
export const eurex = marketCalendar({
  name: 'XEUR',
  zone: 'Europe/Berlin',
  annualization: 254,
  hoursOn: mondayToFriday({ opens: clock(8), closes: clock(22), preOpens: clock(7, 30) }),
  holidays: closedOn(fixed(1, 1), goodFriday, easterMonday, fixed(5, 1), fixed(12, 24), fixed(12, 25), fixed(12, 26), fixed(12, 31)),
});
