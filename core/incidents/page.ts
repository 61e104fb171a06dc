/**
 * What a page says, before any channel's form: the first screen of somebody who was asleep. One line tells the symptom against
 * its limit and for how long; then money at risk with its age, what changed, what to do first, and where to look.
 * All text is cleaned and cut here; channels only escape.
 */
import type { Severity } from '../config/types.ts';
import { unreachable } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Duty } from './incident.ts';
import { alarmLink, type Link, type Links, type LogOwner, linksOf } from './links.ts';
import type { MoneyAtRisk } from './money-at-risk.ts';
import { plainText } from './plain-text.ts';
import { durationText, momentText, moneyText, quantityText, utcText } from './quantity-text.ts';
import type { Signal } from './signal.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Page {
  /** Identity of the trouble, as it is: for machines. */
  readonly key: string;
  /** The same for readers, cleaned. */
  readonly shownKey: string;
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
  readonly sinceMs: EpochMs;
  /** The series that its chart shows; absent for alarms of others. */
  readonly series?: { readonly row: string; readonly dimensions: Readonly<Record<string, string>>; readonly limit?: number };
  /** What happened just now, in one line, for channels that add to a message instead of editing it. */
  readonly news?: string;
  /** Who has it, and until when it is silenced: one line, shown first. */
  readonly handling?: string;
  /** What was done to the bot, or why nothing was: restarts and signals. */
  readonly measures: readonly Fact[];
  /** An update that is news also where nothing can be edited. */
  readonly isNews?: true;
  /** The incident that buttons act on; absent when nothing is stored, as in a dry run without state. */
  readonly incident?: string;
  /** Strategy or bot that buttons and signals speak of. */
  readonly botId?: string;
  /** What its bot can be told from the page. */
  readonly signals: readonly BotSignal[];
  /** Everything that arrived, when it was not understood. */
  readonly raw?: string;
}

/** What a bot of the user can be told: to stop, or to open nothing new. */
export type BotSignal = 'halt' | 'reduceOnly';

/** How far the trouble reaches: other incidents that are open now, and what was held back. */
export interface Scope {
  /** Other open incidents of the same strategy, and of other ones. */
  readonly sameStrategy: number;
  readonly sameVenue: number;
  readonly elsewhere: number;
  /** Alarms that inhibition, silences and mutes hold back now. */
  readonly suppressed: number;
}

export interface PageContext {
  readonly nowMs: EpochMs;
  /** What happened just now, when it is more than the duty says: an escalation, a reminder, a joined alarm. */
  readonly news?: string;
  /** What was done to its bots, or why nothing was; `isNews` for what this update brings. */
  readonly measures?: readonly (Fact & { readonly isNews: boolean })[];
  readonly incidentId?: string;
  /** Key of its group, where several alerts share an incident; the signal's own otherwise. */
  readonly key?: string;
  readonly acknowledged?: { readonly by: string; readonly atMs: EpochMs };
  readonly silencedUntilMs?: EpochMs;
  readonly scope?: Scope;
  /** The alerts that fire in the incident, in one line; absent while it is one. */
  readonly alerts?: string;
  /** Where the probe failed that it is about, with the time of its phases. */
  readonly probe?: string;
  /** Farthest value beyond the limit while it lasted. */
  readonly peak?: number;
  /** Zone of the reader; absent shows UTC alone. */
  readonly zone?: string;
  readonly bot?: { readonly id: string; readonly signals: readonly BotSignal[] };
  readonly money?: MoneyAtRisk;
  /** When the incident opened; the signal's own time when nothing is stored. */
  readonly openedAtMs?: EpochMs;
  readonly environment?: string;
  readonly venue?: string;
  readonly links: Links;
}

/** The newest of what was done; the timeline has all. */
const MEASURES = 3;

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
  const peak = peakText(signal, context.peak);
  const moment = (ms: EpochMs) => momentText(ms, context.zone);
  const news = newsOf(duty, settled, peak, context);
  return {
    key: context.key ?? signal.key,
    shownKey: plainText(context.key ?? signal.key, 255),
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
      ['Since', duty === 'resolve' && context.openedAtMs === undefined ? undefined : moment(sinceMs)],
      ['Until', duty === 'resolve' ? moment(signal.atMs) : undefined],
      ['Lasted', duty === 'resolve' && context.openedAtMs !== undefined ? durationText((signal.atMs - sinceMs) / 1000) : undefined],
      ['Peak', duty === 'resolve' ? peak : undefined],
      ['Probe', context.probe],
      ['In this incident', duty === 'resolve' ? undefined : context.alerts],
      ['Scope', duty === 'resolve' || context.scope === undefined ? undefined : scopeText(context.scope, strategy)],
      ['What changed', context.money?.lastChange],
      ['Firing below it', signal.children.length === 0 ? undefined : signal.children.slice(0, 10).join(', ')],
      ['Strategy', strategy],
      ['Venue', venue],
      ['Environment', context.environment ?? context.money?.environment],
      ...Object.entries(signal.dimensions)
        .filter(([name]) => name !== 'Strategy' && name !== 'Venue')
        .map(([name, value]): [string, string] => [plainText(name, 60), value]),
      ['Alarm', signal.raw === undefined ? signal.alarm : undefined],
      ['Runbook', runbook === undefined && signal.runbook !== undefined ? context.links.runbookText(signal.runbook) : undefined],
    ]),
    moneyAtRisk: context.money === undefined ? [] : moneyFacts(context.money),
    ...text('firstAction', firstAction, 600),
    ...(runbook === undefined ? {} : { runbook }),
    links: linksOf(
      context.links,
      logOwnerOf(strategy ?? context.money?.strategyId, signal),
      alarmLink(context.links, signal),
      sinceMs,
      signal.atMs,
    ),
    ...text(
      'reason',
      [signal.reason, ...signal.logLines.slice(0, 5)].filter(part => part !== undefined && part !== '').join('\n'),
      1_000,
      'lines',
    ),
    source:
      [who, signal.alarmArn, signal.alarm].map(name => plainText(name ?? '', 200)).find(name => name !== '') ?? 'an alarm without a name',
    ...text('component', venue, 100),
    ...text('group', strategy ?? signal.dimensions['Bot'], 100),
    class: plainText(signal.row ?? signal.symptom, 100) || 'alarm',
    atMs: signal.atMs,
    sinceMs,
    ...(signal.row === undefined ? {} : { series: seriesOf(signal.row, signal) }),
    ...text('news', news, 300),
    measures: facts((context.measures ?? []).slice(-MEASURES).map(({ label, value }) => [label, value])),
    ...(duty === 'update' && newMeasures(context) !== undefined ? { isNews: true } : {}),
    ...text('handling', duty === 'resolve' ? undefined : handlingOf(context), 300),
    ...(context.incidentId === undefined ? {} : { incident: context.incidentId }),
    ...(context.bot === undefined ? {} : { botId: context.bot.id }),
    signals: duty === 'resolve' ? [] : (context.bot?.signals ?? []),
    ...text('raw', signal.raw, 2_000, 'lines'),
  };
}

const seriesOf = (row: string, { dimensions, limit }: Signal): NonNullable<Page['series']> => ({
  row,
  dimensions,
  ...(limit === undefined ? {} : { limit }),
});

/** One line for a thread or for a channel without edits. */
function newsOf(duty: Duty, settled: string, peak: string | undefined, context: PageContext): string | undefined {
  switch (duty) {
    case 'trigger':
      return context.news;
    case 'update':
      return newMeasures(context) ?? context.news;
    case 'acknowledge':
      return context.news ?? `Acknowledged${context.acknowledged === undefined ? '' : ` by ${context.acknowledged.by}`}`;
    case 'resolve':
      return `Resolved${settled}${peak === undefined ? '' : `; peak ${peak}`}`;
    default:
      return unreachable(duty);
  }
}

function newMeasures({ measures = [] }: PageContext): string | undefined {
  const fresh = measures.filter(({ isNews }) => isNews).map(({ value }) => value);
  return fresh.length === 0 ? undefined : fresh.join(' ');
}

function handlingOf({ acknowledged, silencedUntilMs, zone }: PageContext): string | undefined {
  const parts = [
    ...(acknowledged === undefined ? [] : [`Acknowledged by ${acknowledged.by} at ${momentText(acknowledged.atMs, zone)}`]),
    ...(silencedUntilMs === undefined ? [] : [`Silenced until ${momentText(silencedUntilMs, zone)}`]),
  ];
  return parts.length === 0 ? undefined : parts.join('. ');
}

function peakText(signal: Signal, peak: number | undefined): string | undefined {
  if (peak === undefined) return undefined;
  const limit = signal.limit === undefined ? '' : ` (limit ${quantityText(signal.limit, signal.unit)})`;
  return `${quantityText(peak, signal.unit)}${limit}`;
}

/** One strategy, its venue, or everything: what a reader asks before the first click. */
function scopeText({ sameStrategy, sameVenue, elsewhere, suppressed }: Scope, strategy: string | undefined): string {
  const others = sameStrategy + sameVenue + elsewhere;
  const count = (n: number, where: string) => (n === 0 ? [] : [`${n} ${where}`]);
  const parts = [
    ...count(sameStrategy, 'of this strategy'),
    ...count(sameVenue, 'on the same venue'),
    ...count(elsewhere, strategy === undefined ? 'in all' : 'elsewhere'),
  ];
  const open =
    others === 0 ? 'nothing else is open' : `${others} other ${others === 1 ? 'incident is' : 'incidents are'} open: ${parts.join(', ')}`;
  return suppressed === 0 ? open : `${open}; ${suppressed} ${suppressed === 1 ? 'alarm is' : 'alarms are'} held back`;
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

/** Whose lines a reader wants to see: the bot's, or those of the function of ours that the signal is about. */
function logOwnerOf(strategyId: string | undefined, { dimensions }: Signal): LogOwner {
  if (strategyId !== undefined) return { strategyId };
  return dimensions['Function'] === undefined ? {} : { functionName: dimensions['Function'] };
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
