/** Alarms as people know them: a metric alarm that only feeds a composite is told under the composite's name. */
import { watchedBy } from '../alarms/composite-alarm.ts';
import type { MetricAlarm } from '../alarms/definition.ts';
import type { AlarmReport, BacktestReport } from './report.ts';

export interface ToldAlarm extends AlarmReport {
  /** Whose series is drawn: the alarm itself, or the one that feeds it. Absent for composites over several. */
  readonly drawn?: MetricAlarm;
}

/** Replayed alarms in order, without those that only feed. */
export function toldAlarms({ alarms }: BacktestReport): readonly ToldAlarm[] {
  const watched = new Set(alarms.flatMap(({ definition }) => (definition.kind === 'composite' ? watchedBy(definition) : [])));
  const silent = alarms.filter(({ name, definition }) => watched.has(name) && definition.alarmActions.length === 0);
  const feeders = new Map(silent.map(alarm => [alarm.name, alarm]));
  return alarms
    .filter(({ name, run }) => run.skipped === undefined && !feeders.has(name))
    .map(alarm => (alarm.definition.kind === 'metric' ? { ...alarm, drawn: alarm.definition } : withFeeder(alarm, feeders)));
}

/** The feeder's reasons and near misses say more than that a child changed. */
function withFeeder(alarm: AlarmReport, feeders: ReadonlyMap<string, AlarmReport>): ToldAlarm {
  if (alarm.definition.kind !== 'composite') return alarm;
  const [child, ...others] = watchedBy(alarm.definition);
  const feeder = others.length > 0 ? undefined : feeders.get(child ?? '');
  if (feeder === undefined) return alarm;
  const firings = alarm.firings.map(firing => {
    const cause = feeder.firings.filter(({ fromMs }) => fromMs <= firing.fromMs).at(-1);
    return { ...firing, reason: cause?.reason ?? firing.reason };
  });
  const drawn = feeder.definition.kind === 'metric' ? { drawn: feeder.definition } : {};
  return { ...alarm, firings, nearMisses: feeder.nearMisses, ...drawn };
}
