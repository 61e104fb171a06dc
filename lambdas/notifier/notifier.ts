import type { Output } from '../../adapters/aws/output.ts';
import { errorFields } from '../../adapters/aws/output.ts';
import type { Secrets } from '../../adapters/aws/secrets.ts';
import { type DeliveryTools, deliver } from '../../adapters/notify/deliver.ts';
import type { SendTools } from '../../adapters/notify/send.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { claim, type OpenDuty, openDuties, recordSends, type Sent } from '../../core/incidents/duties.ts';
import type { ChannelState, Incident } from '../../core/incidents/incident.ts';
import { applySignal } from '../../core/incidents/life-cycle.ts';
import type { Links } from '../../core/incidents/links.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import { composePage, type Page } from '../../core/incidents/page.ts';
import { completed } from '../../core/incidents/row-facts.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import { dutyWithoutState } from '../../core/incidents/stateless.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';
import { readWake } from '../../core/incidents/wake.ts';

export interface NotifierTools {
  readonly config: NightdeskConfig;
  readonly incidents: IncidentStore;
  /** Undefined for a strategy that has no state yet. */
  readonly moneyAtRisk: (strategyId: string, nowMs: number) => Promise<MoneyAtRisk | undefined>;
  readonly secrets: Secrets;
  readonly send: SendTools;
  /** What some channels need besides: topics and charts. */
  readonly extras?: Pick<DeliveryTools, 'publish' | 'topicOf' | 'chart'>;
  readonly links: Links;
  readonly output: Output;
  readonly metricLines: (measured: NotifierCounts, nowMs: number) => readonly string[];
}

export interface NotifierCounts {
  readonly failedSends: number;
  /** Slowest accepted send of the delivery: from the state change to the channel's answer. */
  readonly pageLatencyMs?: number;
}

/** Tries to save against other deliveries before a signal is left to the next delivery. */
const SAVE_TRIES = 8;

/**
 * Handles everything in one delivery. An error at the end asks for the delivery again; what was sent is recorded by then, so only
 * the rest is repeated.
 */
export async function notify(event: unknown, tools: NotifierTools): Promise<void> {
  const sent: Sent[] = [];
  let unfinished = 0;
  const wake = readWake(event);
  const work =
    wake === undefined
      ? readSignals(event, tools.send.now()).map(signal => () => notifyOne(signal, tools))
      : [() => fulfil(wake.key, tools)];
  for (const each of work) {
    const results = await each();
    sent.push(...results.sent);
    unfinished += results.unfinished;
  }
  const nowMs = tools.send.now();
  const latencies = sent.flatMap(({ latencyMs }) => latencyMs ?? []);
  const failedSends = sent.filter(({ ok }) => !ok).length;
  tools.output.metrics(
    tools.metricLines({ failedSends, ...(latencies.length === 0 ? {} : { pageLatencyMs: Math.max(...latencies) }) }, nowMs),
  );
  if (unfinished > 0) throw new Error(`${unfinished} sends are still due; the delivery is to be repeated`);
}

/** Fulfils what an incident still owes its channels, after a person acted on it. */
async function fulfil(key: string, tools: NotifierTools): Promise<Results> {
  const nothing: Results = { sent: [], unfinished: 0 };
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    const stored = await tools.incidents.load(key);
    const incident = stored?.state.incident;
    if (stored === undefined || incident === undefined) return nothing;
    const claims = claim(incident, openDuties(incident, routeOf(incident, tools)), tools.send.now());
    if (claims.mine.length === 0) return nothing;
    if ((await tools.incidents.save({ ...stored.state, incident: claims.incident }, stored.version)) !== 'saved') continue;
    const results = await sendAll(spokenOf(claims.incident, incident.signal), claims.mine, claims.incident, tools);
    await record(incident.key, incident.id, results.sent, tools);
    return results;
  }
  throw new Error(`incident ${key} could not be saved in ${SAVE_TRIES} tries`);
}

interface Results {
  readonly sent: readonly Sent[];
  /** Duties that a repeated delivery could still fulfil. */
  readonly unfinished: number;
}

async function notifyOne(signal: Signal, tools: NotifierTools): Promise<Results> {
  let claimed: Claimed | undefined;
  try {
    claimed = await fold(signal, tools);
  } catch (error) {
    tools.output.error('table unreachable: the page goes out ungrouped', { key: signal.key, ...errorFields(error) });
    return sendUngrouped(signal, tools);
  }
  if (claimed === undefined) return { sent: [], unfinished: 0 };
  const { incident, mine } = claimed;
  if (mine.length === 0) return { sent: [], unfinished: 0 };
  const last = spokenOf(incident, signal);
  const results = await sendAll(last, mine, incident, tools);
  try {
    await record(incident.key, incident.id, results.sent, tools);
  } catch (error) {
    // The sends happened; a repeated delivery may send them again, which PagerDuty joins by the key.
    tools.output.error('sends could not be recorded', { key: incident.key, ...errorFields(error) });
  }
  return results;
}

/** The signal that a page is rendered from: the opening one, closed at the moment of resolution. */
function spokenOf({ status, signal, resolvedAt }: Incident, latest: Signal): Signal {
  if (status !== 'resolved') return signal;
  return { ...signal, state: 'OK', atMs: resolvedAt ?? latest.atMs, reason: latest.reason ?? '' };
}

interface Claimed {
  readonly incident: Incident;
  readonly mine: readonly OpenDuty[];
}

/** Folds the signal into its incident and claims what is to be sent, in one conditional write. */
async function fold(signal: Signal, tools: NotifierTools): Promise<Claimed | undefined> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    const nowMs = tools.send.now();
    const stored = await tools.incidents.load(signal.key);
    const step = applySignal(stored?.state, signal, nowMs);
    const duties = openDuties(step.state.incident, step.state.incident === undefined ? [] : routeOf(step.state.incident, tools));
    const claims = step.state.incident === undefined ? undefined : claim(step.state.incident, duties, nowMs);
    const isNews = step.changed || (claims !== undefined && claims.mine.length > 0);
    const state = claims === undefined ? step.state : { ...step.state, incident: claims.incident };
    if (!isNews || (await tools.incidents.save(state, stored?.version ?? 0)) === 'saved') {
      tools.output.info('signal', {
        key: signal.key,
        alarm: signal.alarm,
        state: signal.state,
        source: signal.source,
        reason: step.reason,
      });
      return claims;
    }
  }
  throw new Error(`incident ${signal.key} could not be saved in ${SAVE_TRIES} tries`);
}

const routeOf = (incident: Incident, { config }: NotifierTools): readonly string[] => config.routes[incident.severity];

/** Without memory nothing is grouped and duplicates are possible: better than silence. */
function sendUngrouped(signal: Signal, tools: NotifierTools): Promise<Results> {
  const duty = dutyWithoutState(signal);
  if (duty === undefined) return Promise.resolve({ sent: [], unfinished: 0 });
  const duties = tools.config.routes[signal.severity].map(channel => ({ channel, duty }));
  return sendAll(signal, duties, undefined, tools);
}

/** Channels go side by side: a slow or broken one delays nobody. */
async function sendAll(
  signal: Signal,
  duties: readonly OpenDuty[],
  incident: Incident | undefined,
  tools: NotifierTools,
): Promise<Results> {
  const money = await moneyOf(signal, tools);
  const outcomes = await Promise.all(
    duties.map(duty => sendOne(pageFor(signal, duty, incident, money, tools), duty, incident?.channels[duty.channel], tools)),
  );
  const revision = incident?.revision === undefined ? {} : { revision: incident.revision };
  return { sent: outcomes.map(({ sent }) => ({ ...sent, ...revision })), unfinished: outcomes.filter(({ again }) => again).length };
}

async function moneyOf(signal: Signal, tools: NotifierTools): Promise<MoneyAtRisk | undefined> {
  const strategyId =
    signal.dimensions['Strategy'] ?? tools.config.bots.find(({ id }) => id === signal.dimensions['Bot'])?.heartbeat.strategyId;
  if (strategyId === undefined) return undefined;
  try {
    return await tools.moneyAtRisk(strategyId, tools.send.now());
  } catch (error) {
    tools.output.warn('money at risk unknown', { strategyId, ...errorFields(error) });
    return undefined;
  }
}

function pageFor(
  signal: Signal,
  { duty }: OpenDuty,
  incident: Incident | undefined,
  money: MoneyAtRisk | undefined,
  tools: NotifierTools,
): Page {
  const strategy = tools.config.bots
    .flatMap(bot => bot.strategies)
    .find(({ id }) => id === (money?.strategyId ?? signal.dimensions['Strategy']));
  return composePage(completed(signal, tools.config, money), duty, incident?.severity ?? signal.severity, {
    nowMs: tools.send.now(),
    links: tools.links,
    ...(money === undefined ? {} : { money }),
    ...(incident === undefined ? {} : aboutIncident(incident)),
    ...(tools.config.timeZone === undefined ? {} : { zone: tools.config.timeZone }),
    ...(strategy?.venue === undefined ? {} : { venue: strategy.venue }),
  });
}

/** What a page tells of its incident. */
function aboutIncident({ id, openedAt, acknowledgedAt, acknowledgedBy, silencedUntil }: Incident) {
  return {
    incidentId: id,
    openedAtMs: openedAt,
    ...(acknowledgedAt === undefined ? {} : { acknowledged: { by: acknowledgedBy ?? 'somebody', atMs: acknowledgedAt } }),
    ...(silencedUntil === undefined ? {} : { silencedUntilMs: silencedUntil }),
  };
}

async function sendOne(
  page: Page,
  duty: OpenDuty,
  told: ChannelState | undefined,
  tools: NotifierTools,
): Promise<{ readonly sent: Sent; readonly again: boolean }> {
  const { channel, duty: kind } = duty;
  const config = tools.config.channels[channel];
  const failed = (detail: string, again: boolean) => {
    tools.output.error('send failed', { channel, duty: kind, key: page.key, detail });
    return { sent: { ...duty, ok: false, at: tools.send.now(), detail }, again };
  };
  if (config === undefined) return failed('the config has no such channel', false);
  const delivery = {
    page,
    channelId: channel,
    config,
    ...(told?.reference === undefined ? {} : { previous: told.reference }),
    ...(told?.routedBy === undefined ? {} : { routedBy: told.routedBy }),
  };
  const outcome = await deliver(delivery, { secrets: tools.secrets, send: tools.send, ...tools.extras });
  if (!outcome.ok) return failed(`${outcome.detail} after ${outcome.tries} tries`, outcome.retry === 'later');
  const at = tools.send.now();
  const { tries, detail, reference, routedBy } = outcome;
  // Only a page that goes out tells how long pages take.
  const latency = tries === 0 || kind === 'update' ? {} : { latencyMs: Math.max(0, at - page.atMs) };
  tools.output.info('sent', { channel, duty: kind, key: page.key, tries, ...latency });
  const kept = { ...(reference === undefined ? {} : { reference }), ...(routedBy === undefined ? {} : { routedBy }) };
  return { sent: { ...duty, ok: true, at, detail, ...latency, ...kept }, again: false };
}

/** Writes the outcome into the incident as it is now: others may have moved it meanwhile. */
async function record(key: string, id: string, sent: readonly Sent[], { incidents }: NotifierTools): Promise<void> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    const stored = await incidents.load(key);
    if (stored?.state.incident?.id !== id) return;
    const state = { ...stored.state, incident: recordSends(stored.state.incident, sent) };
    if ((await incidents.save(state, stored.version)) === 'saved') return;
  }
  throw new Error(`conflicts in all of ${SAVE_TRIES} tries`);
}
