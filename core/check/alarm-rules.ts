/** Numbers, texts and actions of alarms. */
import { expectedDetection } from '../alarms/expectation.ts';
import { asArray, asNumber, asObject, asText } from '../cloudwatch/loose-json.ts';
import { isZone } from '../cloudwatch/zone.ts';
import { unresolvedIn } from '../template/resources.ts';
import { onAlarm } from './remark.ts';
import type { CheckedAlarm, CheckModel, Rule } from './rule.ts';

const API = 'CloudWatch API reference, PutMetricAlarm (2026)';
const GUIDE = 'CloudWatch user guide';

const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const HOUR_SECONDS = 3600;
const ACTIONS_PER_STATE = 5;
const NAME_LENGTH = 255;
const DESCRIPTION_LENGTH = 1024;
const WALL_CLOCK_PERIODS: readonly number[] = [60, 300, 3600, 86_400, 604_800];

/** Alarms on metrics; those on PromQL queries have criteria of their own. */
const metricAlarms = (model: CheckModel): readonly CheckedAlarm[] =>
  model.alarms.filter(({ kind, properties }) => kind === 'metric' && properties['EvaluationCriteria'] === undefined);

/** N and M; M is N where the template leaves it out. */
function counts({ properties }: CheckedAlarm): { readonly n: number; readonly m: number } | undefined {
  const n = asNumber(properties['EvaluationPeriods']);
  const m = properties['DatapointsToAlarm'] === undefined ? n : asNumber(properties['DatapointsToAlarm']);
  return n === undefined || m === undefined ? undefined : { n, m };
}

const periodsOf = ({ queries }: CheckedAlarm): readonly number[] => queries.flatMap(({ periodSeconds }) => periodSeconds ?? []);

export const isValidPeriod = (seconds: number): boolean =>
  seconds === 10 || seconds === 20 || seconds === 30 || (seconds > 0 && seconds % 60 === 0);

export const alarmRules: readonly Rule[] = [
  {
    id: 'ALARM_M_GREATER_THAN_N',
    severity: 'error',
    says: 'DatapointsToAlarm is at most EvaluationPeriods: otherwise the alarm can never fire.',
    source: `${API}, DatapointsToAlarm`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const count = counts(alarm);
        if (count === undefined || count.m <= count.n) return [];
        return [
          onAlarm(alarm, ['DatapointsToAlarm'], count.m, `${count.m} breaching points of ${count.n} can never be; it would never fire`),
        ];
      }),
  },
  {
    id: 'ALARM_POINTS_INVALID',
    severity: 'error',
    says: 'EvaluationPeriods and DatapointsToAlarm are whole numbers from 1.',
    source: `${API}, EvaluationPeriods`,
    judge: model =>
      metricAlarms(model).flatMap(alarm =>
        ['EvaluationPeriods', 'DatapointsToAlarm'].flatMap(key => {
          const value = alarm.properties[key];
          if ((value === undefined && key === 'DatapointsToAlarm') || unresolvedIn(value) !== undefined || isUnresolved(alarm, key))
            return [];
          const number = asNumber(value);
          return number !== undefined && Number.isInteger(number) && number >= 1
            ? []
            : [onAlarm(alarm, [key], value, `${key} must be a whole number from 1`)];
        }),
      ),
  },
  {
    id: 'ALARM_WINDOW_TOO_LONG',
    severity: 'error',
    says: 'Period × EvaluationPeriods is at most one day, or seven days for periods of an hour and more.',
    source: `${API}, EvaluationPeriods`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const n = counts(alarm)?.n ?? 0;
        const period = Math.max(0, ...periodsOf(alarm));
        const limit = period >= HOUR_SECONDS ? WEEK_SECONDS : DAY_SECONDS;
        if (period * n <= limit) return [];
        return [
          onAlarm(alarm, ['EvaluationPeriods'], n, `${n} periods of ${period} s are ${period * n} s; at most ${limit} s for this period`),
        ];
      }),
  },
  {
    id: 'ALARM_PERIOD_INVALID',
    severity: 'error',
    says: 'The period of an alarm is 10, 20, 30 or a multiple of 60 seconds.',
    source: `${API}, Period`,
    judge: model =>
      metricAlarms(model).flatMap(alarm =>
        alarm.queries.flatMap(({ keys, periodSeconds, stat }) =>
          periodSeconds === undefined || isValidPeriod(periodSeconds)
            ? []
            : [
                onAlarm(
                  alarm,
                  [...keys, ...(keys.length > 0 && stat !== undefined ? ['MetricStat'] : []), 'Period'],
                  periodSeconds,
                  `${periodSeconds} s is no period of an alarm; 10, 20, 30 and multiples of 60 are`,
                ),
              ],
        ),
      ),
  },
  {
    id: 'ALARM_PERIODS_DIFFER',
    severity: 'error',
    says: 'All metrics of an alarm have the same period.',
    source: `${GUIDE}, "Creating a CloudWatch alarm based on a metric math expression"`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const periods = [...new Set(periodsOf(alarm))];
        return periods.length < 2 ? [] : [onAlarm(alarm, ['Metrics'], periods, `its metrics have the periods ${periods.join(', ')} s`)];
      }),
  },
  {
    id: 'ALARM_WALL_CLOCK_INVALID',
    severity: 'error',
    says: 'A wall-clock window has a period of 60, 300, 3600, 86400 or 604800 seconds and a time zone that exists.',
    source: `${API}, EvaluationWindow`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const window = asObject(asObject(alarm.properties['EvaluationWindow'])?.['WallClockWindow']);
        if (window === undefined) return [];
        const zone = asText(window['Timezone']) ?? 'UTC';
        const keys = ['EvaluationWindow', 'WallClockWindow'];
        const odd = periodsOf(alarm).find(period => !WALL_CLOCK_PERIODS.includes(period));
        return [
          ...(isZone(zone) || unresolvedIn(zone) !== undefined ? [] : [onAlarm(alarm, [...keys, 'Timezone'], zone, 'is no time zone')]),
          ...(odd === undefined ? [] : [onAlarm(alarm, keys, odd, `a wall-clock window cannot have periods of ${odd} s`)]),
        ];
      }),
  },
  {
    id: 'ALARM_THRESHOLD_MISSING',
    severity: 'error',
    says: 'A static alarm has a finite threshold; NaN, which CDK renders as null, is none.',
    source: `${API}, Threshold`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const { Threshold: threshold, ThresholdMetricId: band } = alarm.properties;
        if (band !== undefined || isUnresolved(alarm, 'Threshold') || unresolvedIn(threshold) !== undefined) return [];
        if (asNumber(threshold) !== undefined) return [];
        return [onAlarm(alarm, ['Threshold'], threshold ?? null, 'there is no number to compare with')];
      }),
  },
  {
    id: 'ALARM_TOO_MANY_ACTIONS',
    severity: 'error',
    says: `An alarm has at most ${ACTIONS_PER_STATE} actions per state.`,
    source: `${API}, AlarmActions`,
    judge: model =>
      model.alarms.flatMap(alarm =>
        ACTION_KEYS.flatMap(key => {
          const actions = asArray(alarm.properties[key]);
          return actions.length <= ACTIONS_PER_STATE
            ? []
            : [onAlarm(alarm, [key], actions.length, `${actions.length} actions; at most ${ACTIONS_PER_STATE} per state`)];
        }),
      ),
  },
  {
    id: 'ALARM_ACTION_NOT_ARN',
    severity: 'error',
    says: 'Every action is an ARN.',
    source: `${API}, AlarmActions`,
    judge: model =>
      actionsOf(model).flatMap(({ alarm, keys, action }) =>
        /^arn:/.test(action) ? [] : [onAlarm(alarm, keys, action, 'an action is an ARN')],
      ),
  },
  {
    id: 'ALARM_ACTION_UNKNOWN_TOPIC',
    severity: 'error',
    says: 'A topic of this account that an alarm acts on exists. CloudWatch itself never looks. A warning where only some templates are given.',
    source: `${GUIDE}, "Alarm actions": targets are not validated`,
    judge: model => {
      const { region, accountId } = model.place;
      const topics = new Set(model.resources.filter(({ type }) => type === 'AWS::SNS::Topic').map(({ arn }) => arn));
      return actionsOf(model).flatMap(({ alarm, keys, action }) => {
        if (!action.startsWith(`arn:aws:sns:${region}:${accountId}:`) || topics.has(action)) return [];
        const name = action.split(':').at(-1) ?? '';
        return [
          {
            ...onAlarm(alarm, keys, action, `no template has a topic "${name}"; alarms on it would reach nobody`),
            ...(model.whole ? {} : { severity: 'warning' as const }),
          },
        ];
      });
    },
  },
  {
    id: 'ALARM_NAME_INVALID',
    severity: 'error',
    says: `An alarm’s name has 1 to ${NAME_LENGTH} characters, none of them a control character.`,
    source: `${API}, AlarmName`,
    judge: model =>
      model.alarms.flatMap(alarm => {
        const name = alarm.properties['AlarmName'];
        if (typeof name !== 'string') return [];
        // Control characters below U+0020 and U+007F to U+009F.
        const isClean = /^\P{Cc}+$/u.test(name) && name.length <= NAME_LENGTH;
        return isClean ? [] : [onAlarm(alarm, ['AlarmName'], name, `the name has ${name.length} characters or a control character`)];
      }),
  },
  {
    id: 'ALARM_NAME_DUPLICATE',
    severity: 'error',
    says: 'No two alarms have the same name, over all stacks: the second one would silently replace the first.',
    source: `${API}: putting an alarm under an existing name replaces it`,
    judge: model => {
      const first = new Map<string, CheckedAlarm>();
      return model.alarms.flatMap(alarm => {
        const name = alarm.properties['AlarmName'];
        if (typeof name !== 'string' || unresolvedIn(name) !== undefined) return [];
        const known = first.get(name);
        first.set(name, known ?? alarm);
        return known === undefined
          ? []
          : [onAlarm(alarm, ['AlarmName'], name, `${known.resource.stack}/${known.resource.logicalId} has the same name`)];
      });
    },
  },
  {
    id: 'ALARM_DESCRIPTION_TOO_LONG',
    severity: 'error',
    says: `A description has at most ${DESCRIPTION_LENGTH} characters.`,
    source: `${API}, AlarmDescription`,
    judge: model =>
      model.alarms.flatMap(alarm => {
        const { length } = asText(alarm.properties['AlarmDescription']) ?? '';
        return length <= DESCRIPTION_LENGTH ? [] : [onAlarm(alarm, ['AlarmDescription'], length, `${length} characters`)];
      }),
  },
  {
    id: 'ALARM_UNREADABLE',
    severity: 'error',
    says: 'The properties are those of an alarm: a known operator, a known treatment of missing data, numbers where numbers belong.',
    source: `${API} and the CloudFormation reference of AWS::CloudWatch::Alarm`,
    judge: model =>
      model.alarms.flatMap(alarm =>
        alarm.problems
          .filter(
            ({ path, value }) =>
              !(alarm.kind !== 'log' && judgedElsewhere.test(path)) && unresolvedIn(value) === undefined && !isUnresolved(alarm, path),
          )
          .map(({ path, value, message }) => onAlarm(alarm, path.split('.'), value ?? null, message)),
      ),
  },
  {
    id: 'HEARTBEAT_DETECTION_TIME',
    severity: 'info',
    says: 'How long a silence really lasts before an alarm that treats missing data as breaching fires.',
    source: `${GUIDE}, "Configuring how CloudWatch alarms treat missing data"; the evaluation range beyond N is an assumption`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const bound = alarm.definition?.kind === 'metric' ? expectedDetection(alarm.definition) : undefined;
        if (bound === undefined) return [];
        const text = `${minutes(bound.leastMs)} to ${minutes(bound.mostMs)}`;
        return [
          onAlarm(
            alarm,
            ['TreatMissingData'],
            text,
            `fires ${text} after the last healthy point, plus the time that points take to arrive`,
          ),
        ];
      }),
  },
];

const ACTION_KEYS = ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const;

/** Paths of problems that a rule of their own names; those of log alarms have none. */
const judgedElsewhere = /^(Threshold|Period|EvaluationPeriods|DatapointsToAlarm|AlarmRule)$/;

const isUnresolved = ({ resource }: CheckedAlarm, path: string): boolean =>
  resource.unresolved.some(({ property }) => property === path.split('.')[0]);

function actionsOf(model: CheckModel) {
  return model.alarms.flatMap(alarm =>
    ACTION_KEYS.flatMap(key =>
      asArray(alarm.properties[key]).flatMap((value, index) => {
        const action = asText(value) ?? '';
        return unresolvedIn(action) === undefined ? [{ alarm, keys: [key, index], action }] : [];
      }),
    ),
  );
}

function minutes(ms: number): string {
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Number((whole / 60).toFixed(1))} min` : `${Number((whole / 3600).toFixed(1))} h`;
}
