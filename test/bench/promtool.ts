/**
 * The same static alarm rules over the same series, by `promtool test rules` and by the evaluator of history: microseconds of one
 * evaluation each, and their ratio. An alarm of M = N points is an alerting rule with `for` of N − 1 minutes: both fire at the Nth
 * breaching point in a row and clear at the first healthy one. No point is missing, since the two treat silence differently.
 * Format: Prometheus documentation, "Unit testing for rules".
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { MetricAlarm, Transition } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import type { BenchOptions } from './bench.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const RATIO_AIMED_AT = 10;
/** Healthy points lie below, those of a disturbance above. */
const THRESHOLD = 0.6;
/** Disturbances of 1 to 12 minutes, about six a day on each metric. */
const DISTURBED_SHARE = 6 / DAY_MINUTES;
const LONGEST_DISTURBANCE = 12;
/** Points of thousandths, so that the text of the rule file and the stored number are one value. */
const THOUSANDTHS = 1000;
/** Firings and clearings of each rule that promtool is asked about one by one, beside the minutes of each day. */
const EDGES_ASKED = 3;

interface Rule {
  readonly name: string;
  readonly metric: string;
  /** M = N. */
  readonly points: number;
  readonly values: readonly number[];
}

/** Seeded, so that every run sees the same points. */
function rulesOf(count: number, days: number): readonly Rule[] {
  let state = 11;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const point = (left: number): number => Math.floor((left > 0 ? 1 + random() : random()) * THRESHOLD * THOUSANDTHS) / THOUSANDTHS;
  return Array.from({ length: count }, (_, at) => {
    let left = 0;
    const values = Array.from({ length: days * DAY_MINUTES }, () => {
      left = random() < DISTURBED_SHARE ? 1 + Math.floor(random() * LONGEST_DISTURBANCE) : left - 1;
      return point(left);
    });
    return { name: `rule${at}`, metric: `metric${at}`, points: 1 + (at % 5), values };
  });
}

const alarmOf = (rule: Rule): MetricAlarm => ({
  kind: 'metric',
  name: rule.name,
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
  queries: [
    {
      id: 'm1',
      returnData: true,
      stat: { namespace: 'Bench', metricName: rule.metric, dimensions: {}, statistic: 'Average', periodSeconds: 60 },
    },
  ],
  periodSeconds: 60,
  evaluationPeriods: rule.points,
  datapointsToAlarm: rule.points,
  operator: 'GreaterThanThreshold',
  threshold: THRESHOLD,
  treatMissingData: 'missing',
});

interface OwnRun {
  readonly evaluations: number;
  readonly fillSeconds: number;
  readonly evaluateSeconds: number;
  readonly transitions: readonly (readonly Transition[])[];
}

/** From parsed numbers to transitions with reasons; filling the store is timed apart. */
function runOwn(rules: readonly Rule[]): OwnRun {
  const fillStart = performance.now();
  const store = createSeriesStore();
  for (const { metric, values } of rules)
    for (const [minute, value] of values.entries()) store.put('Bench', metric, {}, minute * MINUTE, { values: [value] });
  const start = performance.now();
  let evaluations = 0;
  const transitions = rules.map(rule => {
    const history = evaluateHistory(alarmOf(rule), store, { fromMs: MINUTE, toMs: rule.values.length * MINUTE + 1 });
    evaluations += history.evaluations;
    return history.transitions;
  });
  return { evaluations, fillSeconds: (start - fillStart) / 1000, evaluateSeconds: (performance.now() - start) / 1000, transitions };
}

/** Minutes in which a rule fires, by the minute of the point that decided: an evaluation comes one minute after the start of its point. */
function firingMinutes(transitions: readonly Transition[], minutes: number): Uint8Array {
  const firing = new Uint8Array(minutes);
  for (const [at, { to, atMs }] of transitions.entries()) {
    const until = (transitions[at + 1]?.atMs ?? (minutes + 1) * MINUTE) / MINUTE - 1;
    if (to === 'ALARM') firing.fill(1, atMs / MINUTE - 1, until);
  }
  return firing;
}

const ruleFile = (rules: readonly Rule[]): string =>
  JSON.stringify({
    groups: [
      {
        name: 'bench',
        rules: rules.map(rule => ({ alert: rule.name, expr: `${rule.metric} > ${THRESHOLD}`, for: `${rule.points - 1}m` })),
      },
    ],
  });

/** Who fires at the first edges of each rule, the minute before them, and for how many minutes of each day. */
function expectations(rules: readonly Rule[], firing: readonly Uint8Array[], minutes: number) {
  const alerts = rules.flatMap((rule, at) => {
    const row = firing[at] ?? new Uint8Array(0);
    const edges = [...row.keys()].filter(minute => minute > 0 && row[minute] !== row[minute - 1]).slice(0, EDGES_ASKED);
    return edges
      .flatMap(minute => [minute - 1, minute])
      .map(minute => ({
        eval_time: `${minute}m`,
        alertname: rule.name,
        exp_alerts: row[minute] === 1 ? [{ exp_labels: { strategy: 's1' } }] : [],
      }));
  });
  const days = Array.from({ length: minutes / DAY_MINUTES }, (_, day) => ({
    expr: `sum by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${DAY_MINUTES * 60 - 1}s]))`,
    eval_time: `${(day + 1) * DAY_MINUTES - 1}m`,
    exp_samples: rules.flatMap((rule, at) => {
      const value = firing[at]?.subarray(day * DAY_MINUTES, (day + 1) * DAY_MINUTES).reduce((sum, minute) => sum + minute, 0) ?? 0;
      return value === 0 ? [] : [{ labels: `{alertname="${rule.name}"}`, value }];
    }),
  }));
  return { alert_rule_test: alerts, promql_expr_test: days };
}

interface Timed {
  readonly seconds: number;
  readonly passed: boolean;
  readonly output: string;
}

/** One child process of promtool over a test file, from its start to its end. */
function runPromtool(directory: string, test: object): Timed {
  const file = join(directory, 'test.yml');
  writeFileSync(file, JSON.stringify(test));
  const start = performance.now();
  const child = spawnSync('promtool', ['test', 'rules', file], { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return { seconds: (performance.now() - start) / 1000, passed: child.status === 0, output: `${child.stdout}${child.stderr}` };
}

export interface PromtoolFigures {
  readonly rules: number;
  readonly days: number;
  readonly evaluations: number;
  /** Firings that the expectations were made of. */
  readonly firings: number;
  readonly agree: boolean;
  /** promtool's words when it does not agree. */
  readonly difference: string;
  readonly promtool: { readonly startSeconds: number; readonly loadSeconds: number; readonly totalSeconds: number };
  readonly own: { readonly fillSeconds: number; readonly evaluateSeconds: number };
}

/** Whether `promtool` can be started. */
export const hasPromtool = (): boolean => spawnSync('promtool', ['--version']).status === 0;

/** `count` rules over `days` of minutes: three processes of promtool (nothing, series without rules, everything) and one run of ours. */
export function benchPromtool(count: number, days: number): PromtoolFigures {
  const rules = rulesOf(count, days);
  const own = runOwn(rules);
  const minutes = days * DAY_MINUTES;
  const firing = own.transitions.map(list => firingMinutes(list, minutes));
  const series = rules.map(rule => ({ series: `${rule.metric}{strategy="s1"}`, values: rule.values.join(' ') }));
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-promtool-'));
  try {
    writeFileSync(join(directory, 'rules.yml'), ruleFile(rules));
    writeFileSync(join(directory, 'none.yml'), JSON.stringify({ groups: [] }));
    const common = { evaluation_interval: '1m' };
    const end = { expr: 'vector(1)', eval_time: `${minutes - 1}m`, exp_samples: [{ labels: '{}', value: 1 }] };
    const start = runPromtool(directory, { rule_files: ['none.yml'], ...common, tests: [] });
    const load = runPromtool(directory, {
      rule_files: ['none.yml'],
      ...common,
      tests: [{ interval: '1m', input_series: series, promql_expr_test: [end] }],
    });
    const total = runPromtool(directory, {
      rule_files: ['rules.yml'],
      ...common,
      tests: [{ interval: '1m', input_series: series, ...expectations(rules, firing, minutes) }],
    });
    return {
      rules: count,
      days,
      evaluations: own.evaluations,
      firings: own.transitions.flat().filter(({ to }) => to === 'ALARM').length,
      agree: total.passed,
      difference: total.passed ? '' : total.output.slice(0, 600),
      promtool: { startSeconds: start.seconds, loadSeconds: load.seconds, totalSeconds: total.seconds },
      own: { fillSeconds: own.fillSeconds, evaluateSeconds: own.evaluateSeconds },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const bench = {
  name: 'promtool',
  run: async ({ short }: BenchOptions): Promise<void> => {
    if (!hasPromtool()) {
      console.log('promtool is not installed (Debian package prometheus), so nothing was compared');
      return;
    }
    const figures = short ? benchPromtool(20, 2) : benchPromtool(30, 5);
    const { promtool, own } = figures;
    const micro = (seconds: number): number => (seconds * 1e6) / figures.evaluations;
    const show = (seconds: number): string => `${micro(seconds).toFixed(2)} µs`;
    const whole = promtool.totalSeconds / (own.fillSeconds + own.evaluateSeconds);
    const alone = (promtool.totalSeconds - promtool.loadSeconds) / own.evaluateSeconds;
    console.log(
      `${figures.rules} rules, ${figures.days} days of minutes: ${figures.evaluations} evaluations, ${figures.firings} firings; ${figures.agree ? 'both agree when each rule fires' : `they differ: ${figures.difference}`}`,
    );
    console.log(
      `promtool ${promtool.totalSeconds.toFixed(2)} s, ${show(promtool.totalSeconds)} each (process start ${promtool.startSeconds.toFixed(2)} s, reading and storing the series, rules and expectations included)`,
    );
    console.log(
      `nightdesk ${(own.fillSeconds + own.evaluateSeconds).toFixed(2)} s, ${show(own.fillSeconds + own.evaluateSeconds)} each (filling the store included, process start not)`,
    );
    console.log(
      `rules alone: promtool ${show(promtool.totalSeconds - promtool.loadSeconds)} (less a run of the same series without rules, ${promtool.loadSeconds.toFixed(2)} s), nightdesk ${show(own.evaluateSeconds)}`,
    );
    console.log(
      `ratio ${whole.toFixed(0)}, rules alone ${alone.toFixed(0)} (at least ${RATIO_AIMED_AT}${short ? ', in the long form: here much is start-up of the engine' : ''})`,
    );
  },
};
