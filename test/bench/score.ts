import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import type { Measured, MeasureName } from './ledger-measures.ts';
import { type Figure, failPastLimits, figureLine } from './limits.ts';

const script = fileURLToPath(new URL('./ledger-measures.ts', import.meta.url));
const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const bytes = (value: number) => `${value.toLocaleString('en-US')} bytes`;

/** In a process of its own, so that no measurement warms or burdens the next. */
function measured(name: MeasureName, executions: number): Measured {
  const args = ['--expose-gc', '--import', 'tsx', script, name];
  const env = { ...process.env, EXECUTIONS: String(executions) };
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env })) as Measured;
}

export const bench: Bench = {
  name: 'the ledger: score, fold, metrics and state, each in a process of its own',
  run: async ({ short }) => {
    const executions = short ? 20_000 : 100_000;
    const number = (name: MeasureName, field: string) => Number(measured(name, executions)[field]);
    const least = (name: MeasureName) => Math.min(...Array.from({ length: short ? 1 : 2 }, () => number(name, 'ms')));
    const [json, events, score] = [least('json'), least('events'), least('score')];
    const fold = measured('fold', executions);
    const refresh = measured('refresh', executions);
    const states = [
      ['one instrument', measured('stateOne', executions)],
      ['five instruments', measured('stateFive', executions)],
    ] as const;
    const figures: Figure[] = [
      { what: 'longest line', value: number('json', 'longest'), most: 450, text: bytes },
      { what: `JSON.parse alone of ${executions.toLocaleString('en-US')} executions`, value: json, text: ms },
      { what: 'validated events ÷ JSON.parse', value: events / json, text: ratio },
      { what: 'score from bytes ÷ JSON.parse', value: score / json, most: 3, isTimed: true, text: ratio },
      {
        what: 'fold of decoded events, executions a second of processor time',
        value: Number(fold['perSecond']),
        isTimed: true,
        least: 500_000,
        text: count,
      },
      { what: 'fold of 10 × the executions ÷ fold of one ×', value: Number(fold['growth']), most: 15, isTimed: true, text: ratio },
      {
        what: 'all metrics over 1,260 daily returns',
        value: number('metrics', 'ms'),
        most: 0.5,
        isTimed: true,
        text: value => `${value.toFixed(3)} ms`,
      },
      { what: '1,000 strategies refreshed', value: Number(refresh['ms']), most: 1000, isTimed: true, text: ms },
      {
        what: '1,000 strategies refreshed, heap growth',
        value: Number(refresh['heapMb']),
        most: 64,
        text: value => `${value.toFixed(1)} MB`,
      },
      ...states.flatMap(([name, state]) => stateFigures(name, state)),
    ];
    if (process.env['FILLS'] !== undefined) figures.push(...caseFigures(measured('cases', executions)));
    for (const figure of figures) process.stdout.write(`${figureLine(figure)}\n`);
    failPastLimits(figures, { short });
  },
};

/** Everything in the table that goes on with the strategy; the identities of what it no longer keeps are counted apart. */
function stateFigures(name: string, measured: Measured): Figure[] {
  const of = (field: string) => Number(measured[field]);
  return [
    { what: `${name}: written a batch of 10`, value: of('perBatch'), most: 4096, text: bytes },
    { what: `${name}: state without open lots, ${of('kept')} executions kept for late ones`, value: of('state'), most: 16_384, text: kb },
    { what: `${name}: its head alone`, value: of('head'), text: kb },
    { what: `${name}: state at 10 × the input ÷ state`, value: of('state') / of('stateAtTenth'), most: 1.5, text: ratio },
    {
      what: `${name}: bytes for each of ${count(of('remembered'))} identities`,
      value: of('identities') / of('remembered'),
      most: 16,
      text: ratio,
    },
  ];
}

/** The same run's results against the cases that lie beside the file of fills, where there are any. */
function caseFigures(measured: Measured): Figure[] {
  if (Number(measured['compared']) === 0) return [];
  const what = `figures that differ from the ${count(Number(measured['compared']))} of the cases beside the fills`;
  return [{ what, value: Number(measured['differing']), most: 0, text: count }];
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const ratio = (value: number) => value.toFixed(2);
const count = (value: number) => value.toLocaleString('en-US');
