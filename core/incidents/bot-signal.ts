/**
 * Signals to a bot of the user: to halt, or to open nothing new and only reduce. Nightdesk holds no trading keys; the bot decides what it
 * does with them. A signal comes from a person, in two steps, or from an alarm that the config binds it to.
 */
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { fingerprint } from './key.ts';
import type { BotSignal } from './page.ts';
import type { Signal } from './signal.ts';

/** One wish to signal. Its id is made of what it is about, so that a delivery that comes twice is one signal. */
export interface SignalOrder {
  readonly id: string;
  readonly signal: BotSignal;
  readonly botId: string;
  /** Key of the incident that it is about. */
  readonly key: string;
  /** A person who confirmed it, or an alarm that sends by itself. */
  readonly from: 'person' | 'alarm';
  /** That person's or alarm's name. */
  readonly by: string;
  readonly reason: string;
  readonly atMs: EpochMs;
}

export function signalOrder(order: Omit<SignalOrder, 'id'>): SignalOrder {
  return { ...order, id: fingerprint(`${order.botId} ${order.signal} ${order.key} ${order.by} ${order.atMs}`) };
}

/** What a second step confirms: this bot, for this incident. A group's later incident may be about another bot. */
export const confirmationOf = (botId: string, key: string): string => fingerprint(`${botId} ${key}`);

/** What a bot was told, newest last; kept for a day, for the limit per hour and against repetitions. */
export interface SignalLog {
  readonly entries: readonly { readonly id: string; readonly signal: BotSignal; readonly atMs: EpochMs; readonly key: string }[];
}

export const emptySignalLog: SignalLog = { entries: [] };

const HOUR = 3_600_000;

export type SignalDecision = 'send' | 'dryRun' | 'rateLimited' | 'repeated' | 'notConfigured';

/** What each decision reads like in a timeline. */
export const signalDecisions: Readonly<Record<SignalDecision, string>> = {
  send: 'sent',
  dryRun: 'not sent: the config says dryRun',
  rateLimited: 'not sent: the limit per hour is reached',
  repeated: 'not sent again: the same was said before',
  notConfigured: 'not sent: the config names no receiver for this bot',
};

/**
 * An alarm's own signal is said once while its incident lasts; a person may say it again. A halt that a person confirmed is sent whatever
 * the limit says: it is there against alarms that flap, and must not keep anybody from stopping a bot.
 */
export function decideSignal(config: BotConfig['signals'], log: SignalLog, order: SignalOrder, now: EpochMs): SignalDecision {
  if (config === undefined) return 'notConfigured';
  if (log.entries.some(({ id }) => id === order.id)) return 'repeated';
  const lastHour = log.entries.filter(({ atMs }) => now - atMs < HOUR);
  const isExempt = order.from === 'person' && order.signal === 'halt';
  if (lastHour.length >= config.maxPerHour && !isExempt) return 'rateLimited';
  return config.dryRun ? 'dryRun' : 'send';
}

export function loggedSignal(log: SignalLog, { id, signal, key }: SignalOrder, now: EpochMs): SignalLog {
  return { entries: [...log.entries.filter(({ atMs }) => now - atMs < 24 * HOUR), { id, signal, key, atMs: now }].slice(-100) };
}

/** The signals that an alarm's message itself asks for, by the config of its bot. Only an alarm that begins to fire asks. */
export function boundSignal(signal: Signal, config: Pick<NightdeskConfig, 'bots'>): SignalOrder | undefined {
  if (signal.state !== 'ALARM' || signal.alarmId === undefined) return undefined;
  const bot = botOf(signal.dimensions, config);
  const bound = bot?.signals?.onAlarm[signal.alarmId];
  if (bot === undefined || bound === undefined) return undefined;
  const reason = signal.sentence ?? signal.symptom;
  const order = { signal: bound, botId: bot.id, key: signal.key, from: 'alarm' as const, by: `alarm ${signal.alarmId}`, reason };
  // Both alert paths say the same trouble, minutes apart: one signal within the same quarter of an hour.
  return { ...signalOrder({ ...order, atMs: Math.floor(signal.atMs / (HOUR / 4)) * (HOUR / 4) }), atMs: signal.atMs };
}

/** The bot that an alarm's dimensions speak of. */
export function botOf(dimensions: Readonly<Record<string, string>>, { bots }: Pick<NightdeskConfig, 'bots'>): BotConfig | undefined {
  const { Bot, Strategy } = dimensions;
  return bots.find(({ id, strategies }) => id === Bot || strategies.some(strategy => strategy.id === Strategy));
}

/** What the bot receives, as JSON. */
export function signalMessage(order: SignalOrder, bot: BotConfig): Readonly<Record<string, unknown>> {
  const { id, signal, botId, key, by, reason, atMs } = order;
  return {
    schemaVersion: 1,
    kind: 'nightdesk.signal',
    id,
    signal,
    botId,
    strategies: bot.strategies.map(strategy => strategy.id),
    incident: key,
    by,
    reason,
    at: isoFromMs(atMs),
  };
}
