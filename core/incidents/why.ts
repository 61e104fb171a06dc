/** Why somebody was told about an alarm at a moment, or was not: every reason on the way from the alarm to the channel, in order. */
import { muteOf } from '../alarms/mute.ts';
import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { Alert } from './alert.ts';
import { outcomes } from './decision.ts';
import { type Incident, reasons, type TimelineEntry } from './incident.ts';
import { canBeInhibited, type FiringAlert, inhibitorOf } from './inhibition.ts';
import type { Labels } from './matcher.ts';
import { matchesAll } from './matcher.ts';
import { timelineOf } from './post-mortem.ts';
import { durationText } from './quantity-text.ts';
import { channelsOf, explainWalk, quietAt, type Routing } from './routing.ts';
import { type Silence, showSilence, silenceState } from './silence.ts';

export interface WhyStep {
  readonly step: 'alarm' | 'composite' | 'mute rules' | 'alert' | 'route' | 'time interval' | 'inhibition' | 'silence' | 'group' | 'send';
  /** `holds back` is a reason for silence, `passes` is none, `told` is a message, `unknown` cannot be said. */
  readonly verdict: 'passes' | 'holds back' | 'told' | 'unknown';
  readonly text: string;
}

export interface AlarmChange {
  readonly atMs: EpochMs;
  readonly to: string;
  readonly reason?: string;
}

export interface WhyInput {
  readonly at: EpochMs;
  readonly alarm: string;
  readonly labels: Labels;
  readonly routing: Routing;
  /** Changes of the alarm itself, any order; undefined when nobody keeps them. */
  readonly changes?: readonly AlarmChange[];
  /** Changes of alarms that it is made of, by name. */
  readonly children?: Readonly<Record<string, readonly AlarmChange[]>>;
  /** The one of them that holds back its actions while it is in ALARM. */
  readonly suppressor?: string;
  /** Mute rules that name it now; undefined when they could not be read. */
  readonly muteRules?: readonly MuteRule[];
  readonly alert?: Alert;
  readonly incidents: readonly { readonly incident: Incident; readonly notes: readonly TimelineEntry[] }[];
  /** Expired ones included, as long as they are kept. */
  readonly silences: readonly Silence[];
  /** Alerts that fire now; only for moments close to now. */
  readonly firing: readonly FiringAlert[];
}

/** Lines of a timeline that lie so far around the moment are about it. */
const AROUND_MS = 15 * 60_000;

export function explainWhy(input: WhyInput): readonly WhyStep[] {
  return [
    alarmStep(input),
    ...childSteps(input),
    muteStep(input),
    alertStep(input),
    ...routeSteps(input),
    quietStep(input),
    inhibitionStep(input),
    ...silenceSteps(input),
    ...groupSteps(input),
  ];
}

const stateAt = (changes: readonly AlarmChange[], at: EpochMs): AlarmChange | undefined =>
  [...changes].filter(({ atMs }) => atMs <= at).sort((a, b) => b.atMs - a.atMs)[0];

function alarmStep({ changes, alarm, at }: WhyInput): WhyStep {
  if (changes === undefined) return { step: 'alarm', verdict: 'unknown', text: `no history of ${alarm} is kept here` };
  const last = stateAt(changes, at);
  if (last === undefined) return { step: 'alarm', verdict: 'unknown', text: `${alarm} had not changed before; its history may be shorter` };
  const text = `${alarm} was ${last.to} since ${isoFromMs(last.atMs)}${last.reason === undefined ? '' : `: ${last.reason}`}`;
  return { step: 'alarm', verdict: last.to === 'ALARM' ? 'passes' : 'holds back', text };
}

function childSteps({ children = {}, suppressor, at }: WhyInput): readonly WhyStep[] {
  return Object.entries(children).map(([name, changes]) => {
    const last = stateAt(changes, at);
    if (name === suppressor && last?.to === 'ALARM')
      return { step: 'composite', verdict: 'holds back', text: `its suppressor ${name} was ALARM since ${isoFromMs(last.atMs)}` };
    const text = last === undefined ? `${name}: not known at that time` : `${name} was ${last.to} since ${isoFromMs(last.atMs)}`;
    return { step: 'composite', verdict: last === undefined ? 'unknown' : 'passes', text };
  });
}

function muteStep({ muteRules, alarm, at }: WhyInput): WhyStep {
  if (muteRules === undefined) return { step: 'mute rules', verdict: 'unknown', text: 'mute rules could not be read' };
  const window = muteOf(alarm, muteRules, at);
  if (window !== undefined) {
    const span = `from ${isoFromMs(window.startMs)} to ${isoFromMs(window.endMs)}`;
    return { step: 'mute rules', verdict: 'holds back', text: `${window.rule} muted its actions ${span}` };
  }
  const named = muteRules.filter(({ alarms }) => alarms.includes(alarm)).length;
  const text = named === 0 ? 'no mute rule names it' : `no mute rule was in force (rules that name it: ${named})`;
  return { step: 'mute rules', verdict: 'passes', text };
}

function alertStep({ alert, alarm, at }: WhyInput): WhyStep {
  if (alert?.startsAt === undefined)
    return {
      step: 'alert',
      verdict: 'holds back',
      text: `the notifier never heard ${alarm} fire: nothing reached its topic, or it was another name`,
    };
  const began = [...alert.firings].filter(time => time <= at).at(-1);
  if (began === undefined)
    return {
      step: 'alert',
      verdict: 'holds back',
      text: `the notifier first heard it later, at ${isoFromMs(alert.firings[0] ?? alert.startsAt)}`,
    };
  const isCurrent = began === alert.startsAt;
  const ended = isCurrent && alert.endsAt !== undefined && alert.endsAt <= at ? alert.endsAt : undefined;
  if (ended !== undefined)
    return { step: 'alert', verdict: 'holds back', text: `it fired from ${isoFromMs(began)} and had ended at ${isoFromMs(ended)}` };
  return {
    step: 'alert',
    verdict: 'passes',
    text: `firing since ${isoFromMs(began)}, heard from ${sourcesText(alert)}`,
  };
}

/** A source is named by its path, or by the ARN of its alarm. */
const sourcesText = ({ sources }: Alert): string =>
  [...new Set(Object.entries(sources).map(([source, { alarm }]) => (source.startsWith('arn:') ? `CloudWatch (${alarm})` : source)))].join(
    ' and ',
  );

function routeSteps({ routing, labels }: WhyInput): readonly WhyStep[] {
  return explainWalk(routing.route, labels)
    .filter(({ verdict }) => verdict === 'taken')
    .map(({ route, because }) => {
      const channels = channelsOf(routing, route.receiver);
      const to = channels.length === 0 ? 'to nobody' : `to ${channels.join(', ')}`;
      return { step: 'route', verdict: channels.length === 0 ? 'holds back' : 'passes', text: `${route.id} takes it (${because}): ${to}` };
    });
}

function quietStep({ routing, labels, at }: WhyInput): WhyStep {
  const quiet = explainWalk(routing.route, labels)
    .filter(({ verdict }) => verdict === 'taken')
    .flatMap(({ route }) => quietAt(route, routing, at) ?? []);
  return quiet.length === 0
    ? { step: 'time interval', verdict: 'passes', text: 'no time interval of its routes was quiet' }
    : { step: 'time interval', verdict: 'holds back', text: quiet.join('; ') };
}

function inhibitionStep({ routing, labels, alert, firing, incidents, at }: WhyInput): WhyStep {
  const said = aroundOf(incidents, at).find(({ reason }) => reason === 'inhibited');
  if (said !== undefined) return { step: 'inhibition', verdict: 'holds back', text: `${said.text} (${isoFromMs(said.at)})` };
  if (!canBeInhibited(routing.inhibitRules, labels)) return { step: 'inhibition', verdict: 'passes', text: 'no rule could inhibit it' };
  const source = inhibitorOf(routing.inhibitRules, { key: alert?.key ?? '', labels }, firing);
  return source === undefined
    ? { step: 'inhibition', verdict: 'passes', text: 'a rule could inhibit it, and no source fires' }
    : { step: 'inhibition', verdict: 'holds back', text: `inhibited now by ${source.key}` };
}

function silenceSteps({ silences, labels, at }: WhyInput): readonly WhyStep[] {
  const covering = silences.filter(silence => matchesAll(silence.matchers, labels) && silenceState(silence, at) === 'active');
  if (covering.length === 0) return [{ step: 'silence', verdict: 'passes', text: 'no silence covered it' }];
  return covering.map(silence => ({
    step: 'silence',
    verdict: 'holds back',
    text: `${showSilence(silence)}, from ${isoFromMs(silence.startsAt)} to ${isoFromMs(silence.endsAt)}`,
  }));
}

function groupSteps({ incidents, at }: WhyInput): readonly WhyStep[] {
  const covering = incidents.filter(
    ({ incident }) => incident.openedAt <= at && (incident.resolvedAt ?? Number.POSITIVE_INFINITY) + AROUND_MS >= at,
  );
  if (covering.length === 0) return [{ step: 'group', verdict: 'holds back', text: 'no incident was open' }];
  return covering.flatMap(({ incident, notes }): readonly WhyStep[] => {
    const { id, key, decision, suppression, dueAt, acknowledgedAt, acknowledgedBy, resolvedAt, counts } = incident;
    const parts = [
      `incident ${id}`,
      ...(resolvedAt === undefined ? [] : [`over since ${isoFromMs(resolvedAt)}`]),
      ...(counts === undefined || resolvedAt !== undefined ? [] : [`now ${counts.firing} firing, ${counts.suppressed} suppressed`]),
      ...(decision === undefined ? [] : [`newest decision: ${outcomes[decision]}`]),
      ...(suppression === undefined ? [] : [suppression]),
      ...(acknowledgedAt === undefined ? [] : [`acknowledged by ${acknowledgedBy ?? 'somebody'}: no reminders`]),
      ...(dueAt === undefined ? [] : [`next look ${isoFromMs(dueAt)}`]),
    ];
    const timeline = timelineOf({ incident, notes });
    const sends = timeline.filter(({ reason }) => reason === 'sent' || reason === 'failed' || reason === 'gaveUp');
    const near = sends.filter(({ at: time }) => Math.abs(time - at) <= AROUND_MS);
    const shown = near.length > 0 ? near : sends.slice(0, 4);
    return [
      { step: 'group', verdict: suppression === undefined ? 'passes' : 'holds back', text: parts.join('; ') },
      ...shown.map(
        ({ at: time, reason, text }): WhyStep => ({
          step: 'send',
          verdict: reason === 'sent' ? 'told' : 'holds back',
          text: `${text}${near.length > 0 ? '' : ` (${durationText(Math.abs(at - time) / 1000)} away)`}`,
        }),
      ),
      ...(sends.length === 0 ? [{ step: 'send', verdict: 'holds back', text: `nothing was sent about ${key}` } as const] : []),
      ...timeline
        .filter(({ reason, at: time }) => explained.has(reason) && Math.abs(time - at) <= AROUND_MS)
        .map(
          ({ reason, text, at: time }): WhyStep => ({
            step: 'group',
            verdict: 'holds back',
            text: `${isoFromMs(time)} ${text} (${reasons[reason]})`,
          }),
        ),
    ];
  });
}

const explained: ReadonlySet<string> = new Set(['silenced', 'quiet', 'held', 'storm']);

const aroundOf = (incidents: WhyInput['incidents'], at: EpochMs): readonly TimelineEntry[] =>
  incidents.flatMap(({ incident, notes }) => timelineOf({ incident, notes })).filter(({ at: time }) => Math.abs(time - at) <= AROUND_MS);
