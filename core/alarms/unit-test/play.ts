import type { MuteRule } from '../../cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../../config/types.ts';
import type { EpochMs } from '../../time/instant.ts';
import type { AlarmState, CompositeAlarm, MetricAlarm } from '../definition.ts';
import { evaluationStepMs, isDue } from '../evaluation-clock.ts';
import { evaluateMetricAlarm, initialReason, type MetricEvaluation, type MetricReader } from '../metric-alarm.ts';
import { bornAlarm, createAlarmSequence, type LiveAlarm } from '../sequence.ts';
import { createPager, type Told } from './pages.ts';

/** Alarms on a clock that the caller moves. */
export interface Play {
  /** Evaluates everything that is due up to and including the instant. */
  readonly until: (ms: EpochMs) => void;
  readonly look: (alarm: string) => Look | undefined;
}

export interface Look extends Told {
  readonly state: AlarmState;
  readonly reason: string;
  readonly sinceMs: EpochMs;
  /** The newest evaluation of a metric alarm. */
  readonly evaluation?: MetricEvaluation;
}

export interface PlayInput {
  /** Metric alarms that have a history; the others are not evaluated. */
  readonly metrics: readonly MetricAlarm[];
  readonly composites: readonly CompositeAlarm[];
  readonly mutes: readonly MuteRule[];
  readonly reader: MetricReader;
  readonly config?: NightdeskConfig | undefined;
  /** Creation of the alarms; they are evaluated after it. */
  readonly startMs: EpochMs;
}

interface Played extends LiveAlarm {
  evaluation?: MetricEvaluation;
}

export function createPlay({ metrics, composites, mutes, reader, config, startMs }: PlayInput): Play {
  const judged = metrics.map(definition => ({ definition, alarm: bornAlarm(definition, startMs) as Played }));
  const pager = createPager(config);
  const sequence = createAlarmSequence<Played>({
    alarms: [...judged.map(({ alarm }) => alarm), ...composites.map(definition => bornAlarm(definition, startMs))],
    muteRules: mutes,
    arnOf: ({ definition }) => standInArn(definition.name),
    perform: ({ definition }, { state, transition, atMs, released }) => pager.perform(definition, state, transition, atMs, released),
  });
  const tick = Math.min(60_000, ...metrics.map(evaluationStepMs));
  let nowMs = Math.floor(startMs / tick) * tick;

  function evaluate(): void {
    for (const { definition, alarm } of judged) {
      if (!isDue(definition, nowMs)) continue;
      const evaluation = evaluateMetricAlarm(definition, reader, alarm.memory, nowMs);
      alarm.evaluation = evaluation;
      alarm.memory = evaluation.memory;
      sequence.judged(alarm, nowMs, evaluation.transition);
    }
    sequence.judgeComposites(nowMs);
  }

  return {
    until(ms) {
      while (nowMs + tick <= ms) {
        nowMs += tick;
        evaluate();
      }
    },
    look(name) {
      const alarm = sequence.find(name);
      if (alarm === undefined) return undefined;
      const { memory, newest, evaluation } = alarm;
      const { reason = initialReason(), atMs: sinceMs = startMs } = newest ?? {};
      return { state: memory.state, reason, sinceMs, ...pager.told(name, nowMs), ...(evaluation === undefined ? {} : { evaluation }) };
    },
  };
}

/** ARN of an alarm in an account that stands for the real one. */
const standInArn = (name: string): string => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
