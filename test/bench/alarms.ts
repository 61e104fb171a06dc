/** 100 alarms over 30 days of one-minute points: 4.3 million evaluations, as ratios and, with the machine named, in seconds. */

import { performance } from 'node:perf_hooks';
import type { MetricAlarm } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { evaluateMetricAlarm, newAlarm } from '../../core/alarms/metric-alarm.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import type { BenchOptions } from './bench.ts';

const MINUTE = 60_000;
const DAYS = 30;

/** Seeded, so that every run sees the same points. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const alarmOf = (at: number): MetricAlarm => ({
  kind: 'metric',
  name: `alarm-${at}`,
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
  queries: [
    {
      id: 'm1',
      returnData: true,
      stat: {
        namespace: 'Bench',
        metricName: `Metric${at}`,
        dimensions: { Strategy: 's1' },
        statistic: at % 2 === 0 ? 'Maximum' : 'Minimum',
        periodSeconds: at % 10 === 0 ? 300 : 60,
      },
    },
  ],
  periodSeconds: at % 10 === 0 ? 300 : 60,
  evaluationPeriods: 1 + (at % 5),
  datapointsToAlarm: 1 + (at % 3 > at % 5 ? at % 5 : at % 3),
  operator: 'GreaterThanThreshold',
  threshold: 0.98,
  treatMissingData: (['missing', 'ignore', 'breaching', 'notBreaching'] as const)[at % 4] ?? 'missing',
});

export interface AlarmFigures {
  readonly evaluations: number;
  readonly seconds: number;
  readonly transitions: number;
  readonly fillSeconds: number;
  /** Microseconds of one live evaluation (a full read of its window, with reasons when it turns). */
  readonly liveMicroseconds: number;
}

export function benchAlarms({ alarms = 100, days = DAYS } = {}): AlarmFigures {
  const random = randomOf(7);
  const store = createSeriesStore();
  const definitions = Array.from({ length: alarms }, (_, at) => alarmOf(at));
  const fillStart = performance.now();
  for (let at = 0; at < alarms; at += 1) {
    for (let minute = 0; minute < days * 1440; minute += 1) {
      if (random() < 0.02) continue;
      store.put('Bench', `Metric${at}`, { Strategy: 's1' }, minute * MINUTE, { values: [random()] });
    }
  }
  const fillSeconds = (performance.now() - fillStart) / 1000;
  const start = performance.now();
  let evaluations = 0;
  let transitions = 0;
  for (const alarm of definitions) {
    const history = evaluateHistory(
      alarm,
      { read: store.read, hasLate: (stat, from, to) => store.hasLate(stat, from, to) },
      { fromMs: 0, toMs: days * 1440 * MINUTE },
    );
    evaluations += history.evaluations;
    transitions += history.transitions.length;
  }
  const seconds = (performance.now() - start) / 1000;
  const liveStart = performance.now();
  let live = 0;
  for (const alarm of definitions) {
    let memory = newAlarm(0);
    for (let minute = 0; minute < 500; minute += 1, live += 1) memory = evaluateMetricAlarm(alarm, store, memory, minute * MINUTE).memory;
  }
  return { evaluations, seconds, transitions, fillSeconds, liveMicroseconds: ((performance.now() - liveStart) * 1000) / live };
}

const SECONDS_ALLOWED = 5;

export const bench = {
  name: 'alarms',
  run: async ({ short }: BenchOptions): Promise<void> => {
    const days = short ? 3 : DAYS;
    const figures = benchAlarms({ days });
    const each = (figures.seconds * 1e9) / figures.evaluations;
    console.log(
      `100 alarms, ${days} days of minutes: ${figures.evaluations} evaluations in ${figures.seconds.toFixed(2)} s, ${each.toFixed(0)} ns each (30 days at most ${SECONDS_ALLOWED} s)`,
    );
    console.log(
      `${figures.transitions} transitions with reasons; one live evaluation ${figures.liveMicroseconds.toFixed(1)} µs; filling the store ${figures.fillSeconds.toFixed(2)} s`,
    );
    if (!short && figures.seconds > SECONDS_ALLOWED) process.exitCode = 1;
  },
};
