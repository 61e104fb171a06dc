/**
 * Limits over several strategies: an account, a desk, the firm. Each strategy has a writer of its own, so a sum is made of what every
 * one of them committed last, and says how old the oldest part is. Unlike currencies never add: they are converted at stated rates,
 * or the limit is not judged and that is said.
 */
import { type CalendarReference, calendarOf } from '../calendar/calendar.ts';
import type { RiskGroup } from '../config/types.ts';
import {
  absolute,
  add,
  compare,
  type Decimal,
  divideHalfEven,
  formatDecimal,
  multiply,
  parseDecimal,
  toApproximate,
  zero,
} from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Breach } from './breaches.ts';
import type { StrategyView } from './view.ts';

export interface GroupMember {
  readonly strategyId: string;
  readonly calendar: CalendarReference;
  /** Undefined for a strategy that nobody has heard of yet: it holds nothing. */
  readonly view: StrategyView | undefined;
}

/** For CloudWatch; a field is absent while it cannot be told. */
export interface GroupGauges {
  readonly sessionPnl?: number;
  readonly grossExposure?: number;
  /** Without sign. */
  readonly netExposure?: number;
  /** Largest net quantity of an instrument as a share of its limit; only with such limits. */
  readonly positionShare?: number;
  /** 1 while a limit of the group cannot be judged, else 0. */
  readonly unjudged: number;
  /** Seconds since the oldest of the views was committed. */
  readonly ageSeconds?: number;
}

export interface GroupNow {
  readonly gauges: GroupGauges;
  readonly breaches: readonly Breach[];
}

/** A sum, or why there is none. */
type Told = { readonly sum: Decimal } | { readonly missing: string };

export function groupNow(group: RiskGroup, members: readonly GroupMember[], nowMs: EpochMs): GroupNow {
  const heard = members.filter((member): member is Heard => member.view !== undefined && isOf(group, member.view));
  const ages = heard.map(({ view }) => Math.max(0, (nowMs - view.at) / 1000));
  const age = ages.length === 0 ? undefined : Math.max(...ages);
  const session = sessionOf(group, heard, nowMs);
  const gross = exposure(group, heard, nowMs, absolute);
  const net = exposure(group, heard, nowMs, value => value);
  const quantities = netQuantities(group, heard);
  const of = `${heard.length} ${heard.length === 1 ? 'strategy' : 'strategies'} of ${group.kind} ${group.id}`;
  const since = age === undefined || age < 1 ? '' : ` The oldest of its numbers is ${Math.round(age)} s old.`;
  const judge: Judge = { group, of, since };
  const breaches = [
    ...dailyLoss(judge, session),
    ...exposureLimit(judge, gross, {
      row: 'groupGrossExposure',
      alarm: 'group-gross-exposure',
      limit: group.limits.grossExposure,
      what: 'are worth',
      how: ' without sign',
    }),
    ...exposureLimit(judge, net, {
      row: 'groupNetExposure',
      alarm: 'group-net-exposure',
      limit: group.limits.netExposure,
      what: 'net to',
      how: '',
    }),
    ...positionLimits(judge, quantities),
  ];
  const { dailyLoss: loss, grossExposure, netExposure } = group.limits;
  const unknown = [
    [loss, session],
    [grossExposure, gross],
    [netExposure, net],
  ] as const;
  const reasons = [...new Set(unknown.flatMap(([limit, told]) => (limit !== undefined && 'missing' in told ? [told.missing] : [])))];
  return {
    gauges: {
      ...gauge('sessionPnl', session, value => value),
      ...gauge('grossExposure', gross, value => value),
      ...gauge('netExposure', net, Math.abs),
      ...(quantities.length === 0 ? {} : { positionShare: Math.max(...quantities.map(({ share }) => share)) }),
      unjudged: reasons.length > 0 ? 1 : 0,
      ...(age === undefined ? {} : { ageSeconds: age }),
    },
    breaches: reasons.length === 0 ? breaches : [...breaches, unjudged(group, reasons)],
  };
}

interface Heard extends GroupMember {
  readonly view: StrategyView;
}

interface Judge {
  readonly group: RiskGroup;
  readonly of: string;
  readonly since: string;
}

/** An account has the strategies that trade in it; a desk and a firm those that the config lists. */
const isOf = ({ accountId }: RiskGroup, { accounts = [] }: StrategyView): boolean =>
  accountId === undefined || accounts.includes(accountId);

function gauge<K extends string>(name: K, told: Told, shown: (value: number) => number): Partial<Record<K, number>> {
  return 'sum' in told ? ({ [name]: shown(toApproximate(told.sum)) } as Partial<Record<K, number>>) : {};
}

function dailyLoss({ group, of, since }: Judge, session: Told): readonly Breach[] {
  const { currency: unit, limits } = group;
  if (limits.dailyLoss === undefined || 'missing' in session) return [];
  const limit = parseDecimal(limits.dailyLoss);
  const loss = { units: -session.sum.units, scale: session.sum.scale };
  if (loss.units <= 0n || compare(loss, limit) <= 0) return [];
  const reason = `The ${of} have lost ${formatDecimal(loss)} ${unit} together in their sessions; the limit is ${formatDecimal(limit)} ${unit}.${since}`;
  return [{ row: 'groupSessionPnl', alarm: 'group-loss', value: toApproximate(loss), limit: toApproximate(limit), unit, reason }];
}

interface ExposureLimit extends Pick<Breach, 'row' | 'alarm'> {
  readonly limit: string | undefined;
  readonly what: string;
  readonly how: string;
}

function exposureLimit(
  { group, of, since }: Judge,
  told: Told,
  { row, alarm, limit: written, what, how }: ExposureLimit,
): readonly Breach[] {
  if (written === undefined || 'missing' in told) return [];
  const limit = parseDecimal(written);
  if (compare(absolute(told.sum), limit) <= 0) return [];
  const { currency: unit } = group;
  const reason = `The positions of the ${of} ${what} ${formatDecimal(told.sum)} ${unit}${how}; the limit is ${formatDecimal(limit)} ${unit}.${since}`;
  return [{ row, alarm, value: toApproximate(absolute(told.sum)), limit: toApproximate(limit), unit, reason }];
}

function positionLimits({ of, since }: Judge, quantities: readonly NetQuantity[]): readonly Breach[] {
  return quantities.flatMap(({ instrumentId, quantity, limit, share }) => {
    if (compare(absolute(quantity), limit) <= 0) return [];
    const reason = `The ${of} hold ${formatDecimal(quantity)} ${instrumentId} together; the limit is ${formatDecimal(limit)} either way.${since}`;
    return [{ row: 'groupPosition', alarm: 'group-position', value: share, limit: 1, unit: 'share', reason, instrumentId }];
  });
}

const unjudged = ({ id, kind }: RiskGroup, reasons: readonly string[]): Breach => ({
  row: 'groupUnjudged',
  alarm: 'group-unjudged',
  value: 1,
  limit: 0,
  unit: 'flag',
  reason: `Limits of ${kind} ${id} cannot be judged: ${reasons.join('; ')}.`,
});

/** A strategy whose day has ended since its view has lost nothing in the new session yet. */
function sessionOf(group: RiskGroup, heard: readonly Heard[], nowMs: EpochMs): Told {
  let sum: Decimal = zero;
  for (const { strategyId, calendar, view } of heard) {
    const days = calendarOf(calendar);
    if (days.dayOf(view.at) !== days.dayOf(nowMs)) continue;
    if (group.accountId !== undefined && (view.accounts ?? []).length > 1)
      return { missing: `the session of ${strategyId} cannot be divided among the accounts that it trades in` };
    if (view.sessionPnl === undefined) return { missing: `the session’s result of ${strategyId} is not known` };
    const converted = convert(group, heard, parseDecimal(view.sessionPnl), view.currency, nowMs);
    if (converted === undefined) return { missing: noRate(group, view.currency, strategyId) };
    sum = add(sum, converted);
  }
  return { sum };
}

function exposure(group: RiskGroup, heard: readonly Heard[], nowMs: EpochMs, shown: (value: Decimal) => Decimal): Told {
  let sum: Decimal = zero;
  for (const { strategyId, view } of heard) {
    for (const { accountId, instrumentId, value } of view.positions) {
      if (group.accountId !== undefined && accountId !== group.accountId) continue;
      if (value === undefined) return { missing: `the value of ${instrumentId} in ${strategyId} is not known` };
      const converted = convert(group, heard, parseDecimal(value), view.currency, nowMs);
      if (converted === undefined) return { missing: noRate(group, view.currency, strategyId) };
      sum = add(sum, shown(converted));
    }
  }
  return { sum };
}

const noRate = ({ currency }: RiskGroup, from: string | undefined, strategyId: string): string =>
  from === undefined ? `nobody has named the currency of ${strategyId}` : `there is no fresh rate from ${from} to ${currency}`;

interface NetQuantity {
  readonly instrumentId: string;
  readonly quantity: Decimal;
  readonly limit: Decimal;
  readonly share: number;
}

function netQuantities({ limits, accountId }: RiskGroup, heard: readonly Heard[]): readonly NetQuantity[] {
  return Object.entries(limits.positionQty ?? {}).map(([instrumentId, written]) => {
    const quantity = heard
      .flatMap(({ view }) => view.positions)
      .filter(row => row.instrumentId === instrumentId && (accountId === undefined || row.accountId === accountId))
      .reduce((sum, { qty }) => add(sum, parseDecimal(qty)), zero);
    const limit = parseDecimal(written);
    return { instrumentId, quantity, limit, share: toApproximate(absolute(quantity)) / toApproximate(limit) };
  });
}

/** Digits that the inverse of a rate is rounded to, half-even. */
const rateDigits = 16;

/** At the config's rate, else at the newest that a member has heard, either way round; undefined without one that is fresh enough. */
function convert(
  group: RiskGroup,
  heard: readonly Heard[],
  amount: Decimal,
  from: string | undefined,
  nowMs: EpochMs,
): Decimal | undefined {
  const { currency: to, rates } = group;
  if (amount.units === 0n || from === to) return amount;
  if (from === undefined) return undefined;
  const stated = rateIn(rates, from, to);
  if (stated !== undefined) return multiply(amount, stated);
  let newest: { readonly rate: Decimal; readonly at: EpochMs } | undefined;
  for (const { view } of heard) {
    for (const [pair, [text, at]] of Object.entries(view.rates ?? {})) {
      const rate = rateIn({ [pair]: text }, from, to);
      if (rate !== undefined && nowMs - at <= group.rateMaxAgeSeconds * 1000 && (newest === undefined || at > newest.at))
        newest = { rate, at };
    }
  }
  return newest === undefined ? undefined : multiply(amount, newest.rate);
}

function rateIn(rates: Readonly<Record<string, string>>, from: string, to: string): Decimal | undefined {
  const direct = rates[`${from}/${to}`];
  if (direct !== undefined) return parseDecimal(direct);
  const reverse = rates[`${to}/${from}`];
  return reverse === undefined ? undefined : divideHalfEven({ units: 1n, scale: 0 }, parseDecimal(reverse), rateDigits);
}
