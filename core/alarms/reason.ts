import type { EpochMs } from '../time/instant.ts';
import type { AlarmState, ComparisonOperator, MetricAlarm } from './definition.ts';
import { BREACHING, countedPoints } from './evaluate-window.ts';

/** A point of an evaluation, as the reason shows it. Bands only for anomaly alarms. */
export interface EvaluatedPoint {
  readonly atMs: EpochMs;
  readonly value: number | null;
  readonly lower?: number;
  readonly upper?: number;
}

export interface Judged {
  /** Oldest first. */
  readonly points: readonly EvaluatedPoint[];
  /** Codes of the points (see evaluate-window.ts). */
  readonly codes: Uint8Array;
  /** Whether a band that is not CloudWatch's own decided. */
  readonly approximated: boolean;
}

/** What of an alarm its reasons speak about. */
export type ReasonedRule = Pick<
  MetricAlarm,
  'evaluationPeriods' | 'datapointsToAlarm' | 'operator' | 'threshold' | 'thresholdMetricId' | 'treatMissingData'
>;

export const INITIAL_REASON = 'Unchecked: Initial alarm creation';
/** Longest reason and reason data. Source: CloudWatch API reference, SetAlarmState. */
const REASON_LIMIT = 1023;
const REASON_DATA_LIMIT = 4000;
/** No reason has room for more points: the shortest, `0.0 (22/11/26 03:02:00)`, has 23 characters. */
const MOST_SHOWN = Math.ceil(REASON_LIMIT / 23);

/** A number as Java prints a double, which is how CloudWatch writes values: `9.0`, `0.05`, `1.0E7`, `1.0E-4`. */
export function javaDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `22/11/26 03:02:00`: day, month, year of two digits, UTC. */
export function reasonDate(ms: EpochMs): string {
  const date = new Date(ms);
  const day = `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCFullYear() % 100)}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `2026-11-22T03:03:41.500+0000`. */
export const awsDate = (ms: EpochMs): string => new Date(ms).toISOString().replace('Z', '+0000');

const WORDS: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
  LessThanLowerOrGreaterThanUpperThreshold: '',
  LessThanLowerThreshold: 'less than',
  GreaterThanUpperThreshold: 'greater than',
};

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/**
 * The reason of a state in CloudWatch's words, at most 1,023 characters, e.g. `Threshold Crossed: 2 out of the last 3 datapoints
 * [9.0 (22/11/26 03:02:00), 12.0 (22/11/26 03:01:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).`
 */
export function reasonText(alarm: ReasonedRule, state: AlarmState, judged: Judged): string {
  const n = alarm.evaluationPeriods;
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${plural(n, 'datapoint')} ${n === 1 ? 'was' : 'were'} unknown.`;
  const isBand = alarm.thresholdMetricId !== undefined;
  const start = isBand ? 'Thresholds Crossed:' : 'Threshold Crossed:';
  const counted = countedPoints(judged.codes, n);
  const filled = fillText(alarm, n - counted.length);
  const band = judged.approximated ? ' The band is approximated.' : '';
  if (counted.length === 0) return `${start} no datapoints were received for ${plural(n, 'period')}${filled}.${band}`;
  const chosen = counted.filter(at => (judged.codes[at] === BREACHING) === (state === 'ALARM'));
  if (chosen.length === 0) {
    return `${start} ${plural(counted.length, 'datapoint')} ${counted.length === 1 ? 'was' : 'were'} received for ${plural(n, 'period')}${filled}.${band}`;
  }
  const least = state === 'ALARM' ? alarm.datapointsToAlarm : n - alarm.datapointsToAlarm + 1;
  const transition = state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK';
  const points = chosen.flatMap(at => judged.points[at] ?? []);
  for (let shown = Math.min(points.length, MOST_SHOWN); ; shown -= 1) {
    const part = points.slice(0, shown);
    const list = part.map(point => `${javaDouble(point.value ?? 0)} (${reasonDate(point.atMs)})`).join(', ');
    const comparison = comparisonText(alarm, part, state === 'ALARM', shown < points.length);
    const text = `${start} ${chosen.length} out of the last ${n} datapoints [${list}${shown < points.length ? ', ...' : ''}] ${chosen.length === 1 ? 'was' : 'were'} ${comparison}${filled} (minimum ${plural(least, 'datapoint')} for ${transition} transition).${band}`;
    if (text.length <= REASON_LIMIT || shown === 1) return text;
  }
}

function fillText(alarm: ReasonedRule, fills: number): string {
  if (fills <= 0) return '';
  const treated =
    alarm.treatMissingData === 'breaching' ? 'Breaching' : alarm.treatMissingData === 'notBreaching' ? 'NonBreaching' : undefined;
  return treated === undefined ? '' : ` and ${plural(fills, 'missing datapoint')} ${fills === 1 ? 'was' : 'were'} treated as [${treated}]`;
}

function comparisonText(alarm: ReasonedRule, points: readonly EvaluatedPoint[], crossed: boolean, cut: boolean): string {
  const not = crossed ? '' : 'not ';
  if (alarm.thresholdMetricId === undefined) return `${not}${WORDS[alarm.operator]} the threshold (${javaDouble(alarm.threshold ?? 0)})`;
  const list = (of: 'lower' | 'upper'): string => `${points.map(point => javaDouble(point[of] ?? 0)).join(', ')}${cut ? ', ...' : ''}`;
  const lower = `${not}less than the lower thresholds [${list('lower')}]`;
  const upper = `${not}greater than the upper thresholds [${list('upper')}]`;
  if (alarm.operator === 'LessThanLowerThreshold') return lower;
  return alarm.operator === 'GreaterThanUpperThreshold' ? upper : `${lower} or ${upper}`;
}

/**
 * CloudWatch's reason data: JSON text with the counted points oldest first, at most 4,000 characters. `sampleCounts` are those of
 * the judged points, where they are known.
 */
export function reasonData(alarm: MetricAlarm, judged: Judged, nowMs: EpochMs, sampleCounts?: readonly (number | null)[]): string {
  const indexes = countedPoints(judged.codes, alarm.evaluationPeriods);
  const points = indexes.flatMap(at => judged.points[at] ?? []);
  const oldest = points.at(-1);
  const only =
    alarm.queries.length === 1 && alarm.queries[0] !== undefined && 'stat' in alarm.queries[0] ? alarm.queries[0].stat : undefined;
  const numbers = (values: readonly number[]): string => `[${values.map(javaDouble).join(',')}]`;
  const inTime = [...points].reverse();
  const parts = [
    '"version":"1.0"',
    `"queryDate":"${awsDate(nowMs)}"`,
    ...(oldest === undefined ? [] : [`"startDate":"${awsDate(oldest.atMs)}"`]),
    ...(only === undefined ? [] : [`"statistic":${JSON.stringify(only.statistic)}`]),
    `"period":${alarm.periodSeconds}`,
    `"recentDatapoints":${numbers(inTime.map(point => point.value ?? 0))}`,
    ...(alarm.thresholdMetricId === undefined
      ? [`"threshold":${javaDouble(alarm.threshold ?? 0)}`]
      : [
          `"recentLowerThresholds":${numbers(inTime.flatMap(point => point.lower ?? []))}`,
          `"recentUpperThresholds":${numbers(inTime.flatMap(point => point.upper ?? []))}`,
        ]),
  ];
  const evaluated = indexes.map(at => {
    const point = judged.points[at];
    const count = sampleCounts?.[at] ?? null;
    return `{"timestamp":"${awsDate(point?.atMs ?? 0)}"${count === null ? '' : `,"sampleCount":${javaDouble(count)}`},"value":${javaDouble(point?.value ?? 0)}}`;
  });
  const full = `{${[...parts, `"evaluatedDatapoints":[${evaluated.join(',')}]`].join(',')}}`;
  return full.length <= REASON_DATA_LIMIT ? full : `{${parts.join(',')}}`;
}
