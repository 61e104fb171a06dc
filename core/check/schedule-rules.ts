/** Schedules, mute rules and log alarms. */
import { asArray, asNumber, asObject, asText } from '../cloudwatch/loose-json.ts';
import { parseMuteSchedule, parseSchedule } from '../cloudwatch/schedule.ts';
import { isoDurationMs } from '../cloudwatch/template-alarm.ts';
import { isZone } from '../cloudwatch/zone.ts';
import { unresolvedIn } from '../template/resources.ts';
import { onResource } from './remark.ts';
import type { CheckedResource, CheckModel, Rule } from './rule.ts';

const MUTES = 'CloudWatch user guide, "Alarm mute rules" (2026)';
const LOG_ALARMS = 'CloudWatch user guide, "Log alarms" (2026)';
const MUTED_ALARMS = 100;
const LEAST_MUTE_MS = 60_000;
const MOST_MUTE_MS = 15 * 86_400_000;
const MOST_RESULTS = 100;

const ofType = (model: CheckModel, ...types: readonly string[]): readonly CheckedResource[] =>
  model.resources.filter(({ type }) => types.includes(type));

const muteRules = (model: CheckModel): readonly CheckedResource[] => ofType(model, 'AWS::CloudWatch::AlarmMuteRule');
const scheduleOf = ({ properties }: CheckedResource) => asObject(asObject(properties['Rule'])?.['Schedule']) ?? {};
const SCHEDULE_KEYS = ['Rule', 'Schedule'];

export const scheduleRules: readonly Rule[] = [
  {
    id: 'SCHEDULE_INVALID',
    severity: 'error',
    says: 'A schedule is rate(…), cron(…) with six fields or at(…), in a time zone that exists.',
    source: 'EventBridge Scheduler user guide, "Schedule types"',
    judge: model =>
      ofType(model, 'AWS::Scheduler::Schedule', 'AWS::Events::Rule', 'AWS::Logs::ScheduledQuery').flatMap(resource => {
        const expression = asText(resource.properties['ScheduleExpression']);
        const zone = asText(resource.properties['ScheduleExpressionTimezone']);
        const parsed = expression === undefined || unresolvedIn(expression) !== undefined ? undefined : parseSchedule(expression);
        return [
          ...(parsed === undefined || parsed.ok ? [] : [onResource(resource, ['ScheduleExpression'], expression, parsed.error.message)]),
          ...(zone === undefined || isZone(zone) || unresolvedIn(zone) !== undefined
            ? []
            : [onResource(resource, ['ScheduleExpressionTimezone'], zone, 'is no time zone')]),
        ];
      }),
  },
  {
    id: 'MUTE_SCHEDULE_INVALID',
    severity: 'error',
    says: 'A mute rule’s schedule is at(…) or cron(…) with five fields, in a time zone that exists.',
    source: MUTES,
    judge: model =>
      muteRules(model).flatMap(resource => {
        const { Expression: expression, Timezone: zone } = scheduleOf(resource);
        if (unresolvedIn([expression, zone]) !== undefined) return [];
        const parsed = parseMuteSchedule(asText(expression) ?? '');
        const name = asText(zone) ?? 'UTC';
        return [
          ...(parsed.ok ? [] : [onResource(resource, [...SCHEDULE_KEYS, 'Expression'], expression ?? null, parsed.error.message)]),
          ...(isZone(name) ? [] : [onResource(resource, [...SCHEDULE_KEYS, 'Timezone'], name, 'is no time zone')]),
        ];
      }),
  },
  {
    id: 'MUTE_DURATION_INVALID',
    severity: 'error',
    says: 'A mute lasts PT1M to P15D.',
    source: MUTES,
    judge: model =>
      muteRules(model).flatMap(resource => {
        const text = scheduleOf(resource)['Duration'];
        const duration = isoDurationMs(asText(text) ?? '');
        const isFine = duration !== undefined && duration >= LEAST_MUTE_MS && duration <= MOST_MUTE_MS;
        return isFine || unresolvedIn(text) !== undefined
          ? []
          : [onResource(resource, [...SCHEDULE_KEYS, 'Duration'], text ?? null, 'is no duration from PT1M to P15D')];
      }),
  },
  {
    id: 'MUTE_TARGETS_INVALID',
    severity: 'error',
    says: `A mute rule names at most ${MUTED_ALARMS} alarms, and alarms that exist (a warning where only some templates are given).`,
    source: MUTES,
    judge: model => {
      const known = new Set(model.alarms.map(({ name }) => name));
      return muteRules(model).flatMap(resource => {
        const names = asArray(asObject(resource.properties['MuteTargets'])?.['AlarmNames']);
        const keys = ['MuteTargets', 'AlarmNames'];
        const missing = names.filter(name => unresolvedIn(name) === undefined && !known.has(String(name)));
        return [
          ...(names.length <= MUTED_ALARMS
            ? []
            : [onResource(resource, keys, names.length, `${names.length} alarms; at most ${MUTED_ALARMS}`)]),
          ...missing.map(name => ({
            ...onResource(resource, keys, name, `no template has an alarm "${String(name)}"`),
            ...(model.whole ? {} : { severity: 'warning' as const }),
          })),
        ];
      });
    },
  },
  {
    id: 'LOG_ALARM_RESULTS_INVALID',
    severity: 'error',
    says: `A log alarm looks at 1 to ${MOST_RESULTS} results, and fires on at most as many of them.`,
    source: LOG_ALARMS,
    judge: model =>
      ofType(model, 'AWS::CloudWatch::LogAlarm').flatMap(({ properties, ...resource }) => {
        const n = asNumber(properties['QueryResultsToEvaluate']);
        const m = asNumber(properties['QueryResultsToAlarm']) ?? n;
        const on = (key: string, value: unknown, message: string) => onResource({ properties, ...resource }, [key], value, message);
        if (n === undefined || m === undefined) return [];
        if (!Number.isInteger(n) || n < 1 || n > MOST_RESULTS) return [on('QueryResultsToEvaluate', n, `must be 1 to ${MOST_RESULTS}`)];
        return m <= n ? [] : [on('QueryResultsToAlarm', m, `${m} results of ${n} can never be`)];
      }),
  },
];
