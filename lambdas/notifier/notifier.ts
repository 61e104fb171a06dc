/**
 * Everything that wakes the notifier: signals from the alert topics, wakes for one incident (a person acted, a wait is over), and the
 * sweep of each minute. An error at the end asks for the delivery again; what was sent is recorded by then, so only the rest is repeated.
 */
import { CHANGES_DUE } from '../../adapters/aws/due-list.ts';
import { errorFields } from '../../adapters/aws/output.ts';
import { asArray, asObject, parseJson } from '../../core/cloudwatch/loose-json.ts';
import { rank } from '../../core/incidents/alert.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { CHANGE_LEAD_MS } from '../../core/incidents/changes.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { CHANNEL_FAILING, routedChannels, type Sent } from '../../core/incidents/duties.ts';
import { type Incident, isOpen } from '../../core/incidents/incident.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { labelsOf } from '../../core/incidents/labels.ts';
import { placementsOf, routingOf } from '../../core/incidents/routing.ts';
import { type Signal, signalOfBreach } from '../../core/incidents/signal.ts';
import { dutyWithoutState } from '../../core/incidents/stateless.ts';
import { type Again, isSweep, isTestPage, readAgain, readWake } from '../../core/incidents/wake.ts';
import { reportsIn } from '../../core/report/message.ts';
import { type Advanced, advance, WAKE_AHEAD_MS } from './advance.ts';
import { sendAll } from './page-sender.ts';
import { sayReport } from './say-report.ts';
import { take } from './take.ts';
import type { NotifierCounts, NotifierTools } from './tools.ts';
import { callDeadMan, publishTestPage, TEST_MINUTES } from './watch.ts';

export type { NotifierCounts, NotifierTools } from './tools.ts';

/** Groups that one sweep attends to; the next one takes the rest. */
const DUE = 500;

export async function notify(event: unknown, tools: NotifierTools): Promise<void> {
  const sent: Sent[] = [];
  const failures: unknown[] = [];
  let deadSends = 0;
  for (const work of workOf(event, tools)) {
    try {
      for (const advanced of await work()) {
        sent.push(...advanced.sent);
        deadSends += advanced.sent.filter(({ channel, at }) => advanced.incident?.channels[channel]?.gaveUpAt === at).length;
        sent.push(...(await aboutChannels(advanced, tools)));
      }
    } catch (error) {
      failures.push(error);
      tools.output.error('not finished', errorFields(error));
    }
  }
  // A minute in which nothing was due prints nothing: its metrics count missing data as none.
  if (sent.length > 0) tools.output.metrics(tools.metricLines(countsOf(sent, deadSends), tools.send.now()));
  if (failures.length > 0) throw new Error(`${failures.length} of a delivery are not finished; the delivery is to be repeated`);
}

function countsOf(sent: readonly Sent[], deadSends: number): NotifierCounts {
  const latencies = sent.flatMap(({ latencyMs }) => latencyMs ?? []);
  const pageLatencyMs = latencies.length === 0 ? undefined : Math.max(...latencies);
  return { failedSends: sent.filter(({ ok }) => !ok).length, deadSends, ...(pageLatencyMs === undefined ? {} : { pageLatencyMs }) };
}

type Work = () => Promise<readonly Advanced[]>;

function workOf(event: unknown, tools: NotifierTools): readonly Work[] {
  const wakes = wakesOf(event, tools);
  if (wakes.length > 0) return wakes;
  if (isSweep(event)) return [() => sweep(tools)];
  if (isTestPage(event)) return [() => testPage(tools)];
  const reports = reportsIn(event);
  if (reports.length > 0) return reports.map(report => () => sayReport(report, tools));
  const signals = [...readSignals(event, tools.send.now())];
  // Within one delivery the gravest go first.
  return signals.sort((a, b) => rank[b.severity] - rank[a.severity]).map(signal => () => hearOne(signal, tools));
}

/** Messages of the wake queue, and whoever invokes us for one incident. */
function wakesOf(event: unknown, tools: NotifierTools): readonly Work[] {
  const bodies = asArray(asObject(event)?.['Records']).map(record => parseJson(asObject(record)?.['body']));
  const keys = [event, ...bodies].flatMap(each => readWake(each)?.key ?? []);
  const lost = bodies.flatMap(each => readAgain(each) ?? []);
  return [...lost.map(each => () => foldIn(each, tools)), ...[...new Set(keys)].map(key => () => attend(key, tools))];
}

/** A wake under this key ends the test page; no incident has such a key. */
const TEST_OVER = 'test-page-over';

async function attend(key: string, tools: NotifierTools): Promise<readonly Advanced[]> {
  if (key !== TEST_OVER) return [await advance(key, kept, tools)];
  await publishTestPage('OK', tools);
  return [];
}

/** What is over is written once more: a write that was lost may have left its copy in the list open. */
const kept = (incident: Incident | undefined): Incident | undefined =>
  incident === undefined || isOpen(incident) ? incident : { ...incident };

async function testPage(tools: NotifierTools): Promise<readonly Advanced[]> {
  await publishTestPage('ALARM', tools);
  await tools.wakeAt(TEST_OVER, tools.send.now() + TEST_MINUTES * 60_000);
  return [];
}

/**
 * Groups whose time has come, delayed messages for those whose time comes before the next sweep, and last, since no page waits for it, what
 * strategies changed.
 */
async function sweep(tools: NotifierTools): Promise<readonly Advanced[]> {
  const nowMs = tools.send.now();
  const advanced: Advanced[] = [];
  const failures: unknown[] = [];
  const listed = await tools.incidents.due(nowMs + WAKE_AHEAD_MS, DUE);
  const changes = listed.filter(({ key }) => key === CHANGES_DUE);
  for (const due of listed.filter(({ key }) => key !== CHANGES_DUE)) {
    try {
      if (due.at > nowMs) await tools.wakeAt(due.key, due.at);
      else {
        advanced.push(...(await attend(due.key, tools)));
        await tools.incidents.attended(due);
      }
    } catch (error) {
      failures.push(error);
      tools.output.error('group not attended to', { key: due.key, ...errorFields(error) });
    }
  }
  if (failures.length > 0 && advanced.length === 0) throw failures[0];
  await callDeadMan(tools);
  if (changes.length > 0) await tools.tellChanges();
  // Until then a change is told to incidents that open after it.
  for (const due of changes) if (due.at <= nowMs - CHANGE_LEAD_MS) await tools.incidents.attended(due);
  return advanced;
}

async function hearOne(signal: Signal, tools: NotifierTools): Promise<readonly Advanced[]> {
  try {
    return await take(signal, tools);
  } catch (error) {
    tools.output.error('table unreachable: the page goes out ungrouped', { key: signal.key, ...errorFields(error) });
    const sent = await sendUngrouped(signal, tools);
    // Without its memory nothing could end it later: the signal comes back until it is stored.
    await tools.again({ nightdesk: 1, kind: 'again', signal, sent, tries: 0 });
    return [{ sent }];
  }
}

/** Tries to end what no incident knows, in growing steps of at most a quarter of an hour: about six hours. */
const END_TRIES = 30;

/** Folds in what could not be stored when it was told. */
async function foldIn({ signal, sent, tries }: Again, tools: NotifierTools): Promise<readonly Advanced[]> {
  try {
    const advanced = await take(signal, tools, sent);
    const failed = advanced.filter(({ incident }) => incident === undefined).flatMap(each => each.sent.filter(({ ok }) => !ok));
    const untold = sent.filter(({ channel }) => failed.some(each => each.channel === channel));
    if (untold.length > 0 && tries < END_TRIES) await tools.again({ nightdesk: 1, kind: 'again', signal, sent: untold, tries: tries + 1 });
    return advanced;
  } catch (error) {
    tools.output.error('still not stored', { key: signal.key, tries, ...errorFields(error) });
    await tools.again({ nightdesk: 1, kind: 'again', signal, sent, tries: tries + 1 });
    return [];
  }
}

/** Without memory nothing is grouped and duplicates are possible: better than silence. What fails is owed once it can be stored. */
async function sendUngrouped(signal: Signal, tools: NotifierTools): Promise<readonly Sent[]> {
  const duty = dutyWithoutState(signal);
  if (duty === undefined) return [];
  const routing = routingOf(tools.config);
  const placements = placementsOf(routing, signal.key, labelsOf(signal, signal.severity));
  const channels = [...new Set(placements.flatMap(({ route }) => routing.receivers[route.receiver] ?? []))];
  const sent = await sendAll(
    signal,
    channels.map(channel => ({ channel, duty })),
    undefined,
    tools,
  );
  return sent.map(each => (each.ok ? { ...each, latencyMs: Math.max(0, each.at - signal.atMs) } : each));
}

/** A minute of failures; refusals are told at once, since waiting does not help. */
const FAILURES = 3;

/** A channel that does not take its messages is an incident of its own, told over the others; and so is its end. */
async function aboutChannels({ incident, sent }: Advanced, tools: NotifierTools): Promise<readonly Sent[]> {
  if (incident === undefined) return [];
  const told: Sent[] = [];
  for (const each of sent) {
    const breach = each.ok ? await recovered(each, tools) : broken(each, incident, tools);
    if (breach === undefined) continue;
    for (const advanced of await take(signalOfBreach(breach), tools)) told.push(...advanced.sent);
  }
  return told;
}

function broken({ channel, kind, detail, at }: Sent, incident: Incident, { config }: NotifierTools): FastBreach | undefined {
  const state = incident.channels[channel];
  const isRefusal = kind === 'auth' || kind === 'gone' || state?.gaveUpAt !== undefined;
  if (!isRefusal && (state?.retry?.failures ?? 0) < FAILURES) return undefined;
  // The failure of a channel is not told about a channel that fails to tell a failure.
  if (incident.signal.alarmId === CHANNEL_FAILING && routedChannels(incident, routingOf(config)).length <= 1) return undefined;
  return channelBreach(channel, 'ALARM', at, `${channel} does not take messages: ${detail}`);
}

async function recovered({ channel, at, tries }: Sent, { alerts }: NotifierTools): Promise<FastBreach | undefined> {
  if (tries === 0) return undefined;
  const known = await alerts.load(incidentKey(CHANNEL_FAILING, { Channel: channel }));
  return known?.alert.startsAt === undefined || known.alert.endsAt !== undefined
    ? undefined
    : channelBreach(channel, 'OK', at, `${channel} takes messages again`);
}

const channelBreach = (channel: string, state: FastBreach['state'], atMs: number, reason: string): FastBreach => ({
  row: 'failedSends',
  alarm: CHANNEL_FAILING,
  dimensions: { Channel: channel },
  state,
  severity: 'critical',
  atMs,
  sinceMs: atMs,
  reason,
  firstAction: 'Check the secret and the channel; messages wait and are sent once it takes them.',
});
