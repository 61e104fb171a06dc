/**
 * What a page says, before any channel's form: the first screen of somebody who was asleep. One line tells the symptom against
 * its limit and for how long; then money at risk with its age, what changed, what to do first, and where to look.
 * All text is cleaned and cut here; channels only escape.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Duty } from './incident.ts';
import { alarmLink, type Link, type Links, linksOf } from './links.ts';
import type { MoneyAtRisk } from './money-at-risk.ts';
import { plainText } from './plain-text.ts';
import { durationText, moneyText, quantityText, utcText } from './quantity-text.ts';
import type { Signal } from './signal.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Page {
  readonly key: string;
  readonly duty: Duty;
  readonly severity: Severity;
  /** `[CRIT] s1@kraken: order rejects 12 (limit 5) for 3 min`. */
  readonly headline: string;
  /** One sentence of what it means; absent when the source gave none. */
  readonly sentence?: string;
  readonly facts: readonly Fact[];
  readonly moneyAtRisk: readonly Fact[];
  readonly firstAction?: string;
  readonly runbook?: Link;
  readonly links: readonly Link[];
  /** The source's own reason. */
  readonly reason?: string;
  /** Where it comes from, for channels that ask: strategy@venue, or the alarm. */
  readonly source: string;
  readonly component?: string;
  readonly group?: string;
  readonly class: string;
  readonly atMs: EpochMs;
  /** Everything that arrived, when it was not understood. */
  readonly raw?: string;
}

export interface PageContext {
  readonly nowMs: EpochMs;
  readonly money?: MoneyAtRisk;
  /** When the incident opened; the signal's own time when nothing is stored. */
  readonly openedAtMs?: EpochMs;
  readonly environment?: string;
  readonly venue?: string;
  readonly links: Links;
}

const marks: Readonly<Record<Severity, string>> = { critical: 'CRIT', warning: 'WARN', info: 'INFO' };

export function composePage(signal: Signal, duty: Duty, severity: Severity, context: PageContext): Page {
  const sinceMs =
    duty === 'resolve' ? (context.openedAtMs ?? signal.atMs) : Math.min(signal.sinceMs ?? signal.atMs, context.openedAtMs ?? signal.atMs);
  const strategy = signal.dimensions['Strategy'];
  const venue = signal.dimensions['Venue'] ?? context.venue ?? context.money?.venue;
  const who = whoOf(signal, venue);
  const runbook = context.links.runbook(signal.runbook);
  const firstAction = signal.firstAction ?? actionOf(signal);
  const settled = context.openedAtMs === undefined ? '' : ` after ${durationText((signal.atMs - sinceMs) / 1000)}`;
  return {
    key: signal.key,
    duty,
    severity,
    headline: plainText(
      duty === 'resolve'
        ? `[RESOLVED] ${withWho(who, plainText(signal.symptom, 120))}${settled}`
        : `[${marks[severity]}] ${withWho(who, troubleText(signal, context.nowMs, sinceMs))}`,
      300,
    ),
    ...text('sentence', signal.sentence, 500),
    facts: facts([
      ['Strategy', strategy],
      ['Venue', venue],
      ['Environment', context.environment ?? context.money?.environment],
      ...Object.entries(signal.dimensions)
        .filter(([name]) => name !== 'Strategy' && name !== 'Venue')
        .map(([name, value]): [string, string] => [plainText(name, 60), value]),
      ['Since', duty === 'resolve' && context.openedAtMs === undefined ? undefined : utcText(sinceMs)],
      ['Until', duty === 'resolve' ? utcText(signal.atMs) : undefined],
      ['Firing below it', signal.children.length === 0 ? undefined : signal.children.slice(0, 10).join(', ')],
      ['What changed', context.money?.lastChange],
      ['Alarm', signal.raw === undefined ? signal.alarm : undefined],
      ['Runbook', runbook === undefined && signal.runbook !== undefined ? context.links.runbookText(signal.runbook) : undefined],
    ]),
    moneyAtRisk: context.money === undefined ? [] : moneyFacts(context.money),
    ...text('firstAction', firstAction, 600),
    ...(runbook === undefined ? {} : { runbook }),
    links: linksOf(context.links, strategy, alarmLink(context.links, signal), sinceMs, signal.atMs),
    ...text(
      'reason',
      [signal.reason, ...signal.logLines.slice(0, 5)].filter(part => part !== undefined && part !== '').join('\n'),
      1_000,
      'lines',
    ),
    source: plainText(who ?? signal.alarmArn ?? signal.alarm, 200),
    ...text('component', venue, 100),
    ...text('group', strategy ?? signal.dimensions['Bot'], 100),
    class: plainText(signal.row ?? signal.symptom, 100),
    atMs: signal.atMs,
    ...text('raw', signal.raw, 2_000, 'lines'),
  };
}

function troubleText(signal: Signal, nowMs: EpochMs, sinceMs: EpochMs): string {
  if (signal.state === 'INSUFFICIENT_DATA') return `${plainText(signal.symptom, 120)}: no data to judge it`;
  const value = signal.value === undefined ? '' : ` ${quantityText(signal.value, signal.unit)}`;
  const limit = signal.limit === undefined || signal.value === undefined ? '' : ` (limit ${quantityText(signal.limit, signal.unit)})`;
  const seconds = (Math.max(nowMs, signal.atMs) - sinceMs) / 1000;
  // A file that is rendered days later says when, not for how many days; a value in seconds is a duration already.
  const isDuration = signal.value !== undefined && /^s(?:econds)?$/i.test(signal.unit ?? '');
  const since = isDuration ? '' : seconds > 86_400 ? ` since ${utcText(sinceMs)}` : seconds >= 1 ? ` for ${durationText(seconds)}` : '';
  return `${plainText(signal.symptom, 120)}${value}${limit}${signal.raw === undefined ? since : ''}`;
}

function whoOf(signal: Signal, venue: string | undefined): string | undefined {
  const { Strategy, Bot, Function: fn } = signal.dimensions;
  const who = Strategy ?? Bot ?? fn;
  if (who === undefined) return undefined;
  return plainText(venue === undefined ? who : `${who}@${venue}`, 100);
}

const withWho = (who: string | undefined, rest: string) => (who === undefined ? rest : `${who}: ${rest}`);

/** Every page has a first action; for alarms that name none it is to look at the alarm itself. */
function actionOf(signal: Signal): string | undefined {
  if (signal.raw !== undefined) return 'Read the message below: it was not recognised as an alarm.';
  return signal.state === 'OK' ? undefined : 'Open the alarm, compare the series with its threshold, then follow its description.';
}

function moneyFacts(money: MoneyAtRisk): readonly Fact[] {
  const age = money.ageSeconds === undefined ? 'age unknown' : `as of ${durationText(money.ageSeconds)} ago`;
  const positions = money.positions.slice(0, 5).map(position => {
    const price = position.avgPx === undefined ? '' : ` @ ${position.avgPx}`;
    const result =
      position.unrealizedPnl === undefined
        ? ''
        : `, unrealized ${position.unrealizedPnl}${position.currency === undefined ? '' : ` ${position.currency}`}`;
    const mark = position.markAgeSeconds === undefined ? '' : `, mark ${durationText(position.markAgeSeconds)} old`;
    return `${position.qty} ${position.instrumentId}${price}${result}${mark}`;
  });
  const more = money.positions.length > 5 ? [`and ${money.positions.length - 5} more`] : [];
  return facts([
    ['Open position', `${positions.length === 0 ? 'flat' : [...positions, ...more].join('; ')} (${age})`],
    [
      "Today's P&L",
      money.sessionPnl === undefined
        ? undefined
        : `${moneyText(money.sessionPnl, money.currency)}${money.incomplete === true ? ' (numbers incomplete)' : ''}`,
    ],
    ['Equity', money.equity === undefined ? undefined : moneyText(money.equity, money.currency)],
    ['Open orders', money.openOrders === undefined ? undefined : String(money.openOrders)],
    ['Still trading?', tradingText(money)],
  ]);
}

/** A strategy that has not spoken for so long is not claimed to trade. */
const QUIET_SECONDS = 90;

function tradingText({ tradingState, ageSeconds }: MoneyAtRisk): string {
  const last = ageSeconds === undefined ? '' : `, last heard ${durationText(ageSeconds)} ago`;
  if (ageSeconds === undefined || ageSeconds > QUIET_SECONDS)
    return `unknown${last}${tradingState === undefined ? '' : ` (was ${tradingState})`}`;
  if (tradingState === 'halted') return `no, halted${last}`;
  if (tradingState === 'reducing') return `reducing only${last}`;
  return `yes${last}`;
}

function facts(pairs: readonly (readonly [string, string | undefined])[]): readonly Fact[] {
  return pairs.flatMap(([label, value]) => {
    const shown = value === undefined ? '' : plainText(value, 500);
    return shown === '' ? [] : [{ label, value: shown }];
  });
}

function text<K extends string>(
  name: K,
  value: string | undefined,
  max: number,
  lines: 'one line' | 'lines' = 'one line',
): { readonly [P in K]?: string } {
  const shown = value === undefined ? '' : plainText(value, max, lines);
  return shown === '' ? {} : ({ [name]: shown } as { readonly [P in K]?: string });
}
