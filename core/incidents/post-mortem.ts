/**
 * The skeleton of a post-mortem: what is known is filled in, what only people know is left as a question. Text of bots stands in code, so
 * that it neither formats nor links.
 */
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { CHANGE_LEAD_MS } from './changes.ts';
import type { Incident, TimelineEntry } from './incident.ts';
import { plainText } from './plain-text.ts';
import { durationText, quantityText } from './quantity-text.ts';

export interface PostMortemPoint {
  readonly atMs: EpochMs;
  readonly value: number | null;
}

export interface PostMortemInput {
  readonly incident: Incident;
  /** Lines that are kept beside the incident. */
  readonly notes: readonly TimelineEntry[];
  readonly now: EpochMs;
  /** Of the alarm's metric, from before the beginning until after the end. */
  readonly series?: { readonly name: string; readonly unit?: string; readonly points: readonly PostMortemPoint[] };
  /** The strategy's result at the beginning, at its worst and at the end; undefined where it is not known. */
  readonly money?: { readonly currency?: string; readonly before?: number; readonly worst?: number; readonly after?: number };
}

/** Five working days, as PagerDuty advises for a post-mortem. Source: https://postmortems.pagerduty.com */
const DUE_WORKDAYS = 5;

/** From when on lines kept beside an incident can belong to it: what changed shortly before does. */
export const notesFrom = ({ openedAt }: Pick<Incident, 'openedAt'>): EpochMs => openedAt - CHANGE_LEAD_MS;

export function timelineOf({ incident, notes }: Pick<PostMortemInput, 'incident' | 'notes'>): readonly TimelineEntry[] {
  const { openedAt, resolvedAt = Number.POSITIVE_INFINITY } = incident;
  const known = new Set(incident.timeline.map(({ at, text }) => `${at} ${text}`));
  const own = notes.filter(({ at, reason, text }) => {
    const from = reason === 'changed' ? notesFrom(incident) : openedAt;
    return at >= from && at <= resolvedAt + 86_400_000 && !known.has(`${at} ${text}`);
  });
  return [...incident.timeline, ...own].sort((a, b) => a.at - b.at);
}

export function postMortem(input: PostMortemInput): string {
  const { incident, now } = input;
  const { openedAt, firstNoticeAt, acknowledgedAt, acknowledgedBy, resolvedAt, closedBy, severity, title, id, status, signal } = incident;
  const since = (at: EpochMs) => durationText((at - openedAt) / 1000);
  const end = resolvedAt ?? now;
  const moments: readonly (readonly [string, string])[] = [
    ['Began', isoFromMs(openedAt)],
    ['First told', firstNoticeAt === undefined ? 'nobody was told' : `${isoFromMs(firstNoticeAt)}, after ${since(firstNoticeAt)}`],
    [
      'Acknowledged',
      acknowledgedAt === undefined
        ? 'by nobody'
        : `${isoFromMs(acknowledgedAt)}, after ${since(acknowledgedAt)}, by ${code(acknowledgedBy ?? 'somebody')}`,
    ],
    [
      'Resolved',
      resolvedAt === undefined
        ? 'not yet'
        : `${isoFromMs(resolvedAt)}, after ${since(resolvedAt)}${closedBy === undefined ? '' : `, by ${code(closedBy)}`}`,
    ],
  ];
  return [
    `# Post-mortem: ${code(title)}`,
    '',
    '| | |',
    '| --- | --- |',
    row('Incident', code(id)),
    row('Severity', severity),
    row('Status', status),
    ...moments.map(([name, value]) => row(name, value)),
    row('Lasted', durationText((end - openedAt) / 1000)),
    row('Owner', '_who writes this_'),
    row('Due', isoFromMs(workdaysAfter(end, DUE_WORKDAYS)).slice(0, 10)),
    '',
    '## Overview',
    '',
    signal.sentence === undefined ? '_Two sentences: what happened, and what it cost._' : `${code(signal.sentence)}`,
    '',
    '## What happened',
    '',
    '_In order, for somebody who was not there._',
    '',
    '## Impact',
    '',
    ...impactLines(input),
    '',
    '## Contributing factors',
    '',
    '_Not one root cause: what had to come together._',
    '',
    '## Resolution',
    '',
    signal.firstAction === undefined
      ? '_What ended it._'
      : `First action of the runbook: ${code(signal.firstAction)}. _What ended it in fact?_`,
    '',
    '## Responders',
    '',
    acknowledgedBy === undefined ? '_Who took part._' : `- ${code(acknowledgedBy)} (acknowledged)`,
    '',
    '## Timeline (UTC)',
    '',
    '| Time | | What |',
    '| --- | --- | --- |',
    ...timelineOf(input).map(({ at, reason, text }) => `| ${isoFromMs(at).replace('T', ' ')} | ${reason} | ${code(text)} |`),
    '',
    ...seriesLines(input),
    '## What went well',
    '',
    '- ',
    '',
    '## What went badly',
    '',
    ...(firstNoticeAt !== undefined && acknowledgedAt === undefined ? ['- Nobody acknowledged.'] : ['- ']),
    '',
    '## Action items',
    '',
    '| Action | Owner | Due |',
    '| --- | --- | --- |',
    '| | | |',
    '',
  ].join('\n');
}

const row = (name: string, value: string) => `| ${name} | ${value} |`;

function impactLines({ incident, money }: PostMortemInput): readonly string[] {
  const { counts, members = [], alarms } = incident;
  const amount = (value: number | undefined) =>
    value === undefined ? 'not known' : `${quantityText(value, undefined)}${money?.currency === undefined ? '' : ` ${money.currency}`}`;
  const lines = [
    ...(money === undefined
      ? []
      : [`- P&L of the session: ${amount(money.before)} before, ${amount(money.worst)} at its worst, ${amount(money.after)} at the end.`]),
    `- Alarms: ${alarms.map(alarm => code(alarm)).join(', ')}${counts === undefined ? '' : ` (${counts.firing + counts.resolved} alerts)`}`,
    ...members
      .slice(0, 20)
      .map(
        ({ title, startsAt, endsAt }) =>
          `- ${code(title)}: from ${isoFromMs(startsAt)}${endsAt === undefined ? '' : ` to ${isoFromMs(endsAt)}`}`,
      ),
  ];
  return [...lines, '- _Orders, positions, people: exact numbers._'];
}

function seriesLines({ series }: PostMortemInput): readonly string[] {
  if (series === undefined || series.points.every(({ value }) => value === null)) return [];
  const values = series.points.flatMap(({ value }) => value ?? []);
  const shown = thinned(series.points, 60);
  return [
    `## ${code(series.name)}`,
    '',
    `Lowest ${quantityText(Math.min(...values), series.unit)}, highest ${quantityText(Math.max(...values), series.unit)}; minutes without a value are left out.`,
    '',
    '| Time | Value |',
    '| --- | --- |',
    ...shown.flatMap(({ atMs, value }) =>
      value === null ? [] : [`| ${isoFromMs(atMs).slice(0, 16).replace('T', ' ')} | ${quantityText(value, series.unit)} |`],
    ),
    '',
  ];
}

function thinned(points: readonly PostMortemPoint[], most: number): readonly PostMortemPoint[] {
  const step = Math.max(1, Math.ceil(points.length / most));
  return points.filter((_, index) => index % step === 0);
}

function workdaysAfter(at: EpochMs, days: number): EpochMs {
  let left = days;
  let day = at;
  while (left > 0) {
    day += 86_400_000;
    const weekday = new Date(day).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return day;
}

/** A code span that fits into a table cell: back-ticks and pipes of the text become harmless. */
const code = (text: string): string => `\`${plainText(text, 400).replaceAll('`', "'").replaceAll('|', '¦') || '-'}\``;
