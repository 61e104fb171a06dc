/** From what an incident owes to messages at their channels. */
import { errorFields } from '../../adapters/aws/output.ts';
import { deliver } from '../../adapters/notify/deliver.ts';
import { within } from '../../adapters/notify/within.ts';
import { probeNames } from '../../core/health/probe-state.ts';
import { probeFailureText } from '../../core/health/probe-text.ts';
import { botOf } from '../../core/incidents/bot-signal.ts';
import type { OpenDuty, Sent } from '../../core/incidents/duties.ts';
import type { ChannelState, Incident } from '../../core/incidents/incident.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import { composePage, type Page, type Scope } from '../../core/incidents/page.ts';
import { completed } from '../../core/incidents/row-facts.ts';
import { scopeOf } from '../../core/incidents/scope.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import type { NotifierTools } from './tools.ts';

/** Channels go side by side: a slow or broken one delays nobody. `incident` is absent when nothing could be stored. */
export async function sendAll(
  signal: Signal,
  duties: readonly OpenDuty[],
  incident: Incident | undefined,
  tools: NotifierTools,
): Promise<readonly Sent[]> {
  const [money, scope, peak, probe] = await Promise.all([
    moneyOf(signal, tools),
    scopeNow(incident, tools),
    peakOf(incident, tools),
    probeOf(signal, tools),
  ]);
  const shown = incident === undefined ? {} : { revision: incident.revision ?? 0, notice: incident.notice ?? 0 };
  const sent = await Promise.all(
    duties.map(duty =>
      sendOne(pageFor(signal, duty, { incident, money, scope, peak, probe }, tools), duty, incident?.channels[duty.channel], tools),
    ),
  );
  return sent.map(each => ({ ...each, ...shown }));
}

/** The signal that a page is rendered from: the opening one, closed at the moment of resolution. */
export function spokenOf({ status, signal, resolvedAt, openedAt }: Incident, latest: Signal | undefined): Signal {
  if (status !== 'resolved') return signal;
  return { ...signal, state: 'OK', atMs: resolvedAt ?? openedAt, reason: latest?.state === 'OK' ? (latest.reason ?? '') : '' };
}

/** What is known around a signal does not keep its page waiting any longer. */
const AROUND_MS = 2_000;

async function moneyOf(signal: Signal, tools: NotifierTools): Promise<MoneyAtRisk | undefined> {
  const strategyId =
    signal.dimensions['Strategy'] ?? tools.config.bots.find(({ id }) => id === signal.dimensions['Bot'])?.heartbeat.strategyId;
  if (strategyId === undefined) return undefined;
  try {
    return await within(AROUND_MS, tools.moneyAtRisk(strategyId, tools.send.now()));
  } catch (error) {
    tools.output.warn('money at risk unknown', { strategyId, ...errorFields(error) });
    return undefined;
  }
}

/** What is known around a signal when its page is written; each part may be missing. */
interface Around {
  readonly incident: Incident | undefined;
  readonly money: MoneyAtRisk | undefined;
  readonly scope: Scope | undefined;
  readonly peak: number | undefined;
  readonly probe: string | undefined;
}

/** A page without its scope is better than none. */
async function scopeNow(incident: Incident | undefined, tools: NotifierTools): Promise<Scope | undefined> {
  if (incident === undefined || incident.status === 'resolved') return undefined;
  try {
    return scopeOf(incident, await within(AROUND_MS, tools.incidents.list(SCOPE_LIMIT)), tools.config);
  } catch (error) {
    tools.output.warn('scope unknown', errorFields(error));
    return undefined;
  }
}

/** Where the probe failed, for the rows that a probe decides. */
async function probeOf({ row, dimensions: { Bot } }: Signal, { probesOf, output }: NotifierTools): Promise<string | undefined> {
  const name = probeNames.find(each => each === row);
  if (name === undefined || Bot === undefined) return undefined;
  try {
    return probeFailureText(name, (await within(AROUND_MS, probesOf(Bot)))[name]);
  } catch (error) {
    output.warn('probe unknown', errorFields(error));
    return undefined;
  }
}

/** The farthest value of an incident that is over, on the side of its limit on which it was. */
async function peakOf(incident: Incident | undefined, tools: NotifierTools): Promise<number | undefined> {
  const { signal, openedAt, resolvedAt } = incident ?? {};
  if (signal?.row === undefined || openedAt === undefined || resolvedAt === undefined) return undefined;
  try {
    const values = await within(
      AROUND_MS,
      Promise.resolve(tools.extras?.values?.(signal.row, signal.dimensions, openedAt - 60_000, resolvedAt)),
    );
    const all = [...(values?.values() ?? []), ...(signal.value === undefined ? [] : [signal.value])];
    if (all.length === 0) return undefined;
    return signal.limit !== undefined && (signal.value ?? all[0]!) < signal.limit ? Math.min(...all) : Math.max(...all);
  } catch (error) {
    tools.output.warn('peak unknown', errorFields(error));
    return undefined;
  }
}

/** Newest incidents that are looked through for open ones. */
const SCOPE_LIMIT = 100;

function pageFor(signal: Signal, { duty }: OpenDuty, { incident, money, scope, peak, probe }: Around, tools: NotifierTools): Page {
  const strategy = tools.config.bots
    .flatMap(bot => bot.strategies)
    .find(({ id }) => id === (money?.strategyId ?? signal.dimensions['Strategy']));
  const bot = botOf(signal.dimensions, tools.config);
  return composePage(completed(signal, tools.config, money), duty, incident?.severity ?? signal.severity, {
    nowMs: tools.send.now(),
    links: tools.links,
    ...(money === undefined ? {} : { money }),
    ...(scope === undefined ? {} : { scope }),
    ...(peak === undefined ? {} : { peak }),
    ...(probe === undefined ? {} : { probe }),
    ...(incident === undefined ? {} : aboutIncident(incident)),
    ...(tools.config.timeZone === undefined ? {} : { zone: tools.config.timeZone }),
    ...(strategy?.venue === undefined ? {} : { venue: strategy.venue }),
    ...(bot?.signals === undefined ? {} : { bot: { id: bot.id, signals: ['halt', 'reduceOnly'] as const } }),
  });
}

/** What a page tells of its incident. */
function aboutIncident(incident: Incident) {
  const { id, openedAt, acknowledgedAt, acknowledgedBy, silencedUntil } = incident;
  const news = newsOf(incident);
  const alerts = incident.status === 'resolved' ? '' : firingText(incident.counts);
  return {
    incidentId: id,
    key: incident.key,
    openedAtMs: openedAt,
    ...(news === undefined ? {} : { news }),
    measures: measuresOf(incident),
    ...(alerts === '' ? {} : { alerts: joinedText(alerts, namesOf(incident.members)) }),
    ...(acknowledgedAt === undefined ? {} : { acknowledged: { by: acknowledgedBy ?? 'somebody', atMs: acknowledgedAt } }),
    ...(silencedUntil === undefined ? {} : { silencedUntilMs: silencedUntil }),
  };
}

/** What was done to its bots: news for the update that brings it, where somebody was told and nobody has it yet. */
function measuresOf({ measures = [], revision = 0, status, notice = 0 }: Incident) {
  const isTold = status === 'open' && notice > 0;
  return measures.map(({ reason, text, revision: broughtBy }) => ({
    label: reason === 'restart' ? 'Restart' : 'Signal',
    value: text,
    isNews: isTold && broughtBy === revision,
  }));
}

/** One line of what a second message is about. */
function newsOf({ noticeReason, severity, notice = 0, counts, members, escalation, status, acknowledgedAt }: Incident): string | undefined {
  if (notice < 1 || status === 'resolved') return undefined;
  const firing = firingText(counts);
  if (escalation !== undefined && acknowledgedAt === undefined) return joinedText('Nobody has acknowledged yet', firing);
  if (noticeReason === 'repeat') return joinedText('Reminder: still firing, nobody has acknowledged', firing);
  if (noticeReason === 'graver') return joinedText(`Graver than before: ${severity} now`, firing);
  if (noticeReason === 'newAlerts') return joinedText('More alerts joined', firing, namesOf(members));
  return firing === '' ? undefined : joinedText(firing, namesOf(members));
}

/** Nothing while one alert fires alone. */
const firingText = (counts: Incident['counts']): string =>
  counts === undefined || counts.firing < 2 ? '' : `${counts.firing} alerts firing`;

const joinedText = (...parts: readonly string[]) => parts.filter(part => part !== '').join('; ');

const namesOf = (members: Incident['members'] = []) =>
  members
    .filter(({ firing }) => firing)
    .slice(0, 5)
    .map(({ title }) => title)
    .join(', ');

async function sendOne(page: Page, duty: OpenDuty, told: ChannelState | undefined, tools: NotifierTools): Promise<Sent> {
  const { channel, duty: kind } = duty;
  const config = tools.config.channels[channel];
  const failed = (detail: string, verdict: Pick<Sent, 'retry' | 'kind' | 'retryAfterMs'>): Sent => {
    tools.output.error('send failed', { channel, duty: kind, key: page.key, detail });
    return { ...duty, ok: false, at: tools.send.now(), detail, ...verdict };
  };
  if (config === undefined) return failed('the config has no such channel', { retry: 'never', kind: 'client' });
  const delivery = {
    page,
    channelId: channel,
    config,
    ...(told?.reference === undefined ? {} : { previous: told.reference }),
    ...(told?.routedBy === undefined ? {} : { routedBy: told.routedBy }),
  };
  const outcome = await deliver(delivery, { secrets: tools.secrets, send: tools.send, ...tools.extras });
  const { tries, detail } = outcome;
  if (!outcome.ok) {
    const { retry, kind: failure, waitMs } = outcome;
    return failed(`${detail} after ${tries} tries`, { retry, kind: failure, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });
  }
  const { reference, routedBy } = outcome;
  const kept = { ...(reference === undefined ? {} : { reference }), ...(routedBy === undefined ? {} : { routedBy }) };
  return { ...duty, ok: true, at: tools.send.now(), detail, tries, ...kept };
}
