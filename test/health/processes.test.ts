/** Several processes of one bot, and one process that says everything twice: by the fast way and by its log. */
import { describe, expect, it } from 'vitest';
import { deadlinesOf } from '../../core/health/deadline.ts';
import { excuseAt } from '../../core/health/excuse.ts';
import { newHealth } from '../../core/health/initial.ts';
import { emptyPulse, foldPulse, newestRun, type Pulse } from '../../core/health/pulse.ts';
import { judgeSilence } from '../../core/health/silence.ts';
import { beat, control } from './beats.ts';

type Changes = Readonly<Record<string, unknown>>;
type Received = readonly [event: ReturnType<typeof beat>, ours: number];

const fold = (...all: readonly Received[]): Pulse =>
  [...all].sort(([, a], [, b]) => a - b).reduce((pulse, [event, ours]) => foldPulse(pulse, [event], ours * 1000), emptyPulse);

const of = (instanceId: string, second: number, changes: Changes = {}) => beat(second, { source: { system: 'b', instanceId }, ...changes });
/** A heartbeat by both ways: at once, and with the log's delay. */
const twice = (second: number, delay: number, changes: Changes = {}, instance = 'i'): readonly Received[] => [
  [of(`${instance}/direct`, second, changes), second + 0.1],
  [of(instance, second + 0.001, changes), second + delay],
];
const rule = { intervalSeconds: 10, graceSeconds: 20 };
const statusAt = (pulse: Pulse, second: number) => judgeSilence(newHealth(0), pulse, rule, second * 1000).health.status;

describe('a process that sends its heartbeats by two ways', () => {
  it.each([8, 25])('is not waited for longer because its log comes %d s late', delay => {
    const pulse = fold(...[0, 10, 20, 30].flatMap(second => twice(second, delay)));
    expect(deadlinesOf(pulse.components!['trader']!, rule, true)!.deadMs).toBeLessThanOrEqual(60_001);
  });

  it('is waited for by its log when only that is left', () => {
    const pulse = fold(...twice(0, 8), [of('i', 10), 18], [of('i', 20), 28], [of('i', 30), 38]);
    expect(pulse.components!['trader']!.lagMs).toBe(8_000);
  });

  it.each([undefined, 'i'])('is one run of one process (instance %s)', instanceId => {
    const source = { system: 'b', ...(instanceId === undefined ? {} : { instanceId }) };
    const log = (second: number): Received => [beat(second, { source }), second + 2];
    const direct = (second: number): Received => [of(`${instanceId ?? 'b'}/direct`, second), second];
    const runs = [0, 10, 20].map(second =>
      newestRun(fold(log(0), ...[0, 10, 20].slice(0, second / 10 + 1).flatMap(at => [direct(at), log(at)]))),
    );
    expect(new Set(runs.map(run => JSON.stringify(run))).size).toBe(1);
    expect(runs[0]!.startedAt).toBe(0);
    expect(Object.keys(fold(direct(0), log(0)).instances ?? {})).toEqual(instanceId === undefined ? [] : ['i']);
  });

  it('does not end a deploy by going on', () => {
    const pulse = fold(...twice(0, 2), ...twice(10, 2), [control(15, 'deploy'), 15], ...twice(20, 2));
    expect(excuseAt(pulse.standing, { warmUpSeconds: 0, deployGraceSeconds: 300 }, 60_000)?.reason).toBe('deploy');
  });

  it('shows a clock that runs ahead, whichever way came last', () => {
    const ahead = (instance: string, second: number) => of(instance, second, { tsSent: new Date((second + 3) * 1000).toISOString() });
    const pulse = fold([ahead('i/direct', 10), 10], [ahead('i', 10), 12]);
    expect(pulse.instances!['i']!.clockOffsetMs).toBe(3_000);
  });
});

describe('several processes of one bot', () => {
  const both = [0, 10, 20].flatMap((second): Received[] => [
    [of('a', second), second],
    [of('b', second + 5), second + 5],
  ]);

  it('have one newest run, whichever of them was heard last', () => {
    const runs = both.map((_, index) => newestRun(fold(...both.slice(0, index + 1))));
    expect(runs.slice(1).map(run => [run.instanceId, run.startedAt])).toEqual(Array(5).fill(['b', 5_000]));
  });

  it('do not end a deploy by going on', () => {
    const pulse = fold(...both, [control(26, 'deploy'), 26], [of('a', 30), 30], [of('b', 35), 35]);
    expect(pulse.standing?.deployedAt).toBe(26_000);
    const after = foldPulse(pulse, [of('c', 40)], 40_000);
    expect(after.standing?.deployedAt).toBeUndefined();
  });

  const stopping = (instance: string, second: number): Received => [of(instance, second, { status: 'stopping' }), second];

  it('are awaited although one of them says goodbye', () => {
    const pulse = fold([of('old', 0), 0], [of('new', 8), 8], [of('old', 10), 10], stopping('old', 12));
    expect([20, 30, 39].map(second => statusAt(pulse, second))).toEqual(['late', 'late', 'down']);
    expect(pulse.heartbeat?.status).toBe('ok');
  });

  it('are awaited no more when all have said goodbye, in whatever order their words come', () => {
    const [old, recent] = [stopping('old', 12), stopping('new', 13)];
    const before: readonly Received[] = [
      [of('old', 0), 0],
      [of('new', 8), 8],
      [of('old', 10), 10],
    ];
    expect(statusAt(fold(...before, old, recent), 500)).toBe('paused');
    expect(statusAt(fold(...before, recent, [old[0], 14]), 500)).toBe('paused');
    expect(statusAt(fold(...before, recent, old, [of('new', 8.5), 15]), 500)).toBe('paused');
  });

  it('are awaited no more when the last one stops long after another has died', () => {
    const pulse = fold([of('old', 0), 0], ...[0, 10, 20, 30].map((n): Received => [of('new', 100 * n), 100 * n]), stopping('new', 3_010));
    expect(statusAt(pulse, 4_000)).toBe('paused');
  });

  it('that are many or long gone are not all remembered', () => {
    const many = Array.from({ length: 30 }, (_, n): Received => [of(`i${n}`, n), n]);
    expect(Object.keys(fold(...many).components!['trader']!.beside!).length).toBeLessThanOrEqual(4);
    expect(fold(...many, [of('i29', 1_000), 1_000]).components!['trader']).not.toHaveProperty('beside');
  });
});
