import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MetricAlarm, Transition } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { isDue } from '../../core/alarms/evaluation-clock.ts';
import { type AlarmMemory, evaluateMetricAlarm } from '../../core/alarms/metric-alarm.ts';
import { MINUTE, metricAlarm, points, readerOf, START, storeOf } from './builders.ts';

interface Vector {
  readonly name: string;
  readonly series: string;
  readonly alarm: Partial<MetricAlarm>;
  readonly transitions: readonly { readonly minute: number; readonly to: string; readonly reason?: string }[];
}

const vectors = JSON.parse(readFileSync(new URL('../vectors/alarms.json', import.meta.url), 'utf8')) as readonly Vector[];

const shown = (transitions: readonly Transition[], wanted: Vector['transitions']) =>
  transitions.map((transition, at) => ({
    minute: (transition.atMs - START) / MINUTE,
    to: transition.to,
    ...(wanted[at]?.reason === undefined ? {} : { reason: transition.reason }),
  }));

test.each(vectors.map(vector => [vector.name, vector] as const))('live: %s', (_name, vector) => {
  const alarm = metricAlarm(vector.alarm);
  const reader = readerOf(storeOf({ Value: vector.series }));
  let memory: AlarmMemory | undefined;
  const transitions: Transition[] = [];
  for (let minute = 0; minute <= points(vector.series).length; minute += 1) {
    expect(isDue(alarm, START + minute * MINUTE)).toBe(true);
    const evaluation = evaluateMetricAlarm(alarm, reader, memory, START + minute * MINUTE);
    memory = evaluation.memory;
    if (evaluation.transition !== undefined) transitions.push(evaluation.transition);
  }
  expect(shown(transitions, vector.transitions)).toEqual(vector.transitions);
});

test.each(vectors.map(vector => [vector.name, vector] as const))('history: %s', (_name, vector) => {
  const toMs = START + (points(vector.series).length + 1) * MINUTE;
  const history = evaluateHistory(metricAlarm(vector.alarm), storeOf({ Value: vector.series }), { fromMs: START, toMs });
  expect(shown(history.transitions, vector.transitions)).toEqual(vector.transitions);
});
