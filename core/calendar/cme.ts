/**
 * CME Globex, in Chicago time. `CMES` is the table that is published for the exchange as a whole; the groups have the hours of their
 * products, which differ on holidays. Rules of the groups hold from 2022 on, when the holiday hours were last changed.
 *
 * Sources: cmegroup.com trading hours and holiday calendar; `rsheftel/pandas_market_calendars` (MIT; also its issue 464 of 2026-05-29) and
 * `QuantConnect/Lean` (Apache-2.0; `Data/market-hours`) for hours per product group;
 * CME Group, "Trading Hours for U.S. National Day of Mourning", 2024-12-30; CME Group, 24/7 cryptocurrency trading, 2026-02-19.
 */
import { type DayNumber, dayNumber, isWeekend, weekdayOf, yearOf } from './dates.ts';
import { type DateRule, fixed, inYears, onlyOn } from './holidays.ts';
import {
  clock,
  closedOn,
  type DayException,
  type Holiday,
  type Maintenance,
  type MarketRules,
  marketCalendar,
  mondayToFriday,
  shortOn,
} from './market.ts';
import * as us from './us-holidays.ts';

const zone = 'America/Chicago';
const evening = clock(17) - 1440;

/** Globex is down 16:00–17:00 each day of the week. */
const maintenance: readonly Maintenance[] = [{ on: [1, 2, 3, 4, 5], from: clock(16), to: clock(17) }];

const closed = (date: string, why: string): DayException => ({ date, change: 'closed', why });
const short = (date: string, closes: number, why: string): DayException => ({ date, change: { closes }, why });
const carter = 'mourning for President Carter';

/** 17:00 to 16:00; orders from 16:45, on Sunday from 16:00. */
const globexDay: MarketRules['hoursOn'] = day => {
  const weekday = weekdayOf(day);
  if (weekday === 0 || weekday === 6) return undefined;
  return { opens: evening, closes: clock(16), preOpens: (weekday === 1 ? clock(16) : clock(16, 45)) - 1440 };
};

/**
 * `CMES`: 17:00 to 17:00, noon on American bank holidays, on the day after Thanksgiving and on Christmas Eve. The hour of maintenance
 * from 16:00 lies inside the session and is a pause of it. Days of mourning are closed here, as in the published table.
 */
export const cme = marketCalendar({
  name: 'CMES',
  zone,
  annualization: 258,
  hoursOn: day => {
    const hours = globexDay(day);
    return hours === undefined ? undefined : { ...hours, closes: clock(17) };
  },
  holidays: [
    ...closedOn(us.newYear, us.goodFriday, us.christmas),
    ...shortOn(clock(12), ...us.bankHolidays, us.dayAfterThanksgiving, us.christmasEve),
  ],
  exceptions: [
    closed('2004-06-11', 'mourning for President Reagan'),
    closed('2007-01-02', 'mourning for President Ford'),
    closed('2018-12-05', 'mourning for President G. H. W. Bush'),
    closed('2025-01-09', carter),
  ],
  maintenance,
});

const group = (name: string, rules: Pick<MarketRules, 'holidays'> & Partial<MarketRules>) =>
  marketCalendar({ name, zone, annualization: 258, hoursOn: globexDay, maintenance, ...rules });

/** Equity index futures: noon on bank holidays, 12:15 around them, 08:15 on a Good Friday with an employment report. */
export const cmeEquity = group('CME-equity', {
  holidays: [
    ...closedOn(us.newYear, us.quietGoodFriday, us.christmas),
    ...shortOn(clock(8, 15), us.payrollGoodFriday),
    ...shortOn(clock(12), ...us.bankHolidays),
    ...shortOn(clock(12, 15), us.dayAfterThanksgiving, us.christmasEve, us.independenceEve),
  ],
  exceptions: [short('2025-01-09', clock(8, 30), carter)],
});

/** Interest rate futures. */
export const cmeRates = group('CME-rates', {
  holidays: [
    ...closedOn(us.newYear, us.quietGoodFriday, us.christmas),
    ...shortOn(clock(10, 15), us.payrollGoodFriday),
    ...shortOn(clock(12), ...us.bankHolidays),
    ...shortOn(clock(12, 15), us.dayAfterThanksgiving, us.christmasEve),
  ],
  exceptions: [short('2025-01-09', clock(12, 15), carter)],
});

/** Currency futures: bank holidays are ordinary days since 2022. */
export const cmeFx = group('CME-FX', {
  holidays: [
    ...closedOn(us.newYear, us.quietGoodFriday, us.christmas),
    ...shortOn(clock(10, 15), us.payrollGoodFriday),
    ...shortOn(clock(12, 15), us.dayAfterThanksgiving, us.christmasEve),
  ],
});

const fridaysOf = (rules: readonly DateRule[]) => rules.map(rule => onlyOn([5], rule));
const until = (year: number, rules: readonly DateRule[]) => rules.map(rule => inYears(Number.NEGATIVE_INFINITY, year, rule));

/**
 * Bank holidays halt trading at noon until 2021 and at 13:30 since 2022; one on a Friday ends the week, at noon. The day after Thanksgiving
 * is an hour longer since 2025. As recorded from mid-2014 on in the market hours of `QuantConnect/Lean` (Apache-2.0).
 */
const energyAndMetals = [
  ...closedOn(us.newYear, us.goodFriday, us.christmas),
  ...shortOn(clock(12), ...until(2021, us.bankHolidays), ...fridaysOf(us.bankHolidays)),
  ...shortOn(clock(13, 30), ...us.bankHolidays),
  ...shortOn(clock(12, 45), us.christmasEve, inYears(Number.NEGATIVE_INFINITY, 2024, us.dayAfterThanksgiving)),
  ...shortOn(clock(13, 45), us.dayAfterThanksgiving),
];
export const cmeEnergy = group('CME-energy', { holidays: energyAndMetals });
export const cmeMetals = group('CME-metals', { holidays: energyAndMetals });

const agricultural = [
  ...closedOn(us.newYear, us.goodFriday, us.christmas, ...us.bankHolidays),
  ...shortOn(clock(12, 5), us.dayAfterThanksgiving, us.christmasEve, us.independenceEve),
];

/** No evening session on the holidays that empty the floor: the day after starts in the morning. */
const morningStarts: readonly Holiday[] = [
  { on: us.dayAfterThanksgiving, change: { opens: clock(8, 30), closes: clock(12, 5) } },
  ...[fixed(1, 2), fixed(7, 5), fixed(12, 26)].map(rule => ({ on: onlyOn([2, 3, 4, 5], rule), change: { opens: clock(8, 30) } })),
];

/** Grains and oilseeds: 19:00 to 07:45 and 08:30 to 13:20. */
export const cmeGrains = group('CME-grains', {
  annualization: 251,
  hoursOn: mondayToFriday({ opens: clock(19) - 1440, closes: clock(13, 20), breaks: [[clock(7, 45), clock(8, 30)]] }),
  holidays: [...morningStarts, ...agricultural],
  exceptions: [short('2025-01-09', clock(12, 15), carter)],
});

/** Livestock: 08:30 to 13:05. */
export const cmeLivestock = group('CME-livestock', {
  annualization: 251,
  hoursOn: mondayToFriday({ opens: clock(8, 30), closes: clock(13, 5) }),
  holidays: agricultural,
  exceptions: [short('2025-01-09', clock(12, 15), carter)],
});

/** Trading goes on without a pause from Friday 2026-05-29, 16:00; the first day of that kind is the Monday after. */
const aroundTheClock = dayNumber(2026, 6, 1);

const cryptoClosures: readonly DateRule[] = [us.newYear, us.quietGoodFriday, us.christmas];
const isCryptoDay = (day: DayNumber): boolean => !isWeekend(day) && !cryptoClosures.some(rule => rule(yearOf(day)) === day);

/** Weekend and holiday trades bear the date of the business day after, so its session begins where the last one ended. */
const cryptoHours: MarketRules['hoursOn'] = day => {
  if (day < aroundTheClock) return globexDay(day);
  if (!isCryptoDay(day)) return undefined;
  let last = day - 1;
  while (!isCryptoDay(last)) last--;
  return { opens: clock(16) - (day - last) * 1440, closes: clock(16) };
};

const untilAroundTheClock =
  (rule: DateRule): DateRule =>
  year => {
    const day = rule(year);
    return day !== undefined && day < aroundTheClock ? day : undefined;
  };

/**
 * Cryptocurrency futures: the Globex week until May 2026, since then all week, a weekend belonging to its Monday. The two hours of
 * weekend maintenance are announced per weekend and are in no rule here.
 */
export const cmeCrypto = group('CME-crypto', {
  hoursOn: cryptoHours,
  maintenance: [],
  holidays: [
    ...closedOn(...cryptoClosures.map(untilAroundTheClock)),
    ...shortOn(clock(10, 15), untilAroundTheClock(us.payrollGoodFriday)),
    ...shortOn(clock(12, 45), untilAroundTheClock(us.dayAfterThanksgiving), untilAroundTheClock(us.christmasEve)),
  ],
});
