/**
 * Sends signals to bots: from the queue that a confirmed button fills, and from alarms that the config binds. A failure that can pass throws,
 * so that the queue or SNS brings it again; what is final is written into the timeline.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SignalStore } from '../../adapters/aws/signal-store.ts';
import { sendBotSignal } from '../../adapters/notify/bot-signal.ts';
import type { DeliveryTools } from '../../adapters/notify/deliver.ts';
import { tellMeasure } from '../../core/incidents/actions.ts';
import {
  boundSignal,
  decideSignal,
  loggedSignal,
  type SignalDecision,
  type SignalOrder,
  signalDecisions,
} from '../../core/incidents/bot-signal.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { plainText } from '../../core/incidents/plain-text.ts';
import { boundRestart, type RestartOrder } from '../../core/incidents/restart.ts';
import type { AlertStore } from '../../core/incidents/store.ts';
import type { ActionsTools } from './actions.ts';
import { FIRST_LOOK_SECONDS, type RestartTools, restart } from './restarts.ts';

export interface SignalTools extends Pick<ActionsTools, 'config' | 'incidents' | 'silences' | 'secrets' | 'send' | 'output' | 'wake'> {
  readonly signals: SignalStore;
  readonly alerts: Pick<AlertStore, 'load'>;
  readonly publish: NonNullable<DeliveryTools['publish']>;
}

/** Orders out of the queue; each fails by itself. */
export async function fromQueue(event: SQSEvent, tools: SignalTools & RestartTools): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const { messageId, body } of event.Records) {
    try {
      const order = JSON.parse(body) as SignalOrder | RestartOrder;
      if ('kind' in order) await restart(order, tools);
      else await tell(order, tools);
    } catch (error) {
      tools.output.error('order not carried out', { messageId, errorMessage: error instanceof Error ? error.message : 'error' });
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
}

/** Alarms of the three topics: those that are bound to a signal send it, those that restart put an order into the queue. */
export async function fromAlarms(event: unknown, tools: SignalTools & RestartTools): Promise<void> {
  const signals = readSignals(event, tools.send.now());
  // First what only goes into the queue: a receiver that fails must not keep it from there.
  for (const order of signals.flatMap(signal => boundRestart(signal, tools.config) ?? []))
    await tools.orderRestart(order, FIRST_LOOK_SECONDS);
  for (const order of signals.flatMap(signal => boundSignal(signal, tools.config) ?? [])) await tell(order, tools);
}

const TRIES = 5;

/** @throws Error when the same order should be tried again. */
async function tell(order: SignalOrder, tools: SignalTools): Promise<void> {
  const bot = tools.config.bots.find(({ id }) => id === order.botId);
  for (let tries = 0; tries < TRIES; tries++) {
    const now = tools.send.now();
    const { log, version } = await tools.signals.load(order.botId);
    const decision = decideSignal(bot?.signals, log, order, now);
    if (decision !== 'send' && decision !== 'dryRun') return note(order, decision, '', tools);
    // Claimed before it is sent: two deliveries of one order must not both pass the limit.
    if ((await tools.signals.save(order.botId, loggedSignal(log, order, now), version)) !== 'saved') continue;
    if (decision === 'dryRun' || bot === undefined) return note(order, decision, '', tools);
    const sent = await sendBotSignal(order, bot, tools);
    if (sent.ok) return note(order, 'send', sent.detail, tools);
    await unclaim(order, tools);
    await note(order, 'send', `failed: ${sent.detail}`, tools);
    if (sent.retry === 'later') throw new Error(`${order.signal} to ${order.botId}: ${sent.detail}`);
    return;
  }
  throw new Error(`the signals of ${order.botId} are being changed by others`);
}

/** A signal that did not arrive does not count, and may be tried again. */
async function unclaim({ botId, id }: SignalOrder, { signals }: SignalTools): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { log, version } = await signals.load(botId);
    if ((await signals.save(botId, { entries: log.entries.filter(entry => entry.id !== id) }, version)) === 'saved') return;
  }
}

/** On the page and in the timeline of its incident, where one is open, and in the log always. */
async function note(order: SignalOrder, decision: SignalDecision, detail: string, tools: SignalTools): Promise<void> {
  const { signal, botId, by, key } = order;
  const said = `${signal} to ${botId} by ${by}: ${detail === '' || detail.startsWith('failed') ? '' : `${signalDecisions[decision]}, `}${detail === '' ? signalDecisions[decision] : detail}`;
  tools.output.info('bot signal', { ...order, decision, detail });
  const measure = { botId, at: tools.send.now(), reason: 'signalled' as const, text: plainText(said, 300) };
  // An alarm knows its alert; the incident is its group.
  const groups = (await tools.alerts.load(key))?.alert.groups ?? [];
  for (const group of groups.length === 0 ? [key] : groups) {
    // What was said before stays on the page; an incident that is over, or not opened yet, has it beside it.
    const told = decision === 'repeated' ? undefined : await tellMeasure(group, measure, tools);
    if (told === undefined || told.reason === 'notOpen')
      await tools.incidents.note(group, { at: measure.at, reason: measure.reason, text: measure.text });
  }
}
