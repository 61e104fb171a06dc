/** What one moment, one task or one entry more changes; the stories are in test/lambdas/restarts.test.ts. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import type { Pulse } from '../../core/health/pulse.ts';
import {
  type EcsService,
  emptyRestartLog,
  type Holding,
  isTooLate,
  type RestartEntry,
  type RestartFacts,
  refusalOf,
  serviceRefusal,
  withEntry,
} from '../../core/incidents/restart.ts';
import type { StrategyView } from '../../core/ledger/view.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-22T03:05:00Z');
const entry = (id: string, atMs: number): RestartEntry => ({ id, botId: 'a', atMs, state: 'restarted' });
const ids = (entries: readonly RestartEntry[]) => entries.map(({ id }) => id);

describe('what is written down of a service', () => {
  it('is one entry for an incident, newest last, for a day', () => {
    const day = [entry('old', 0), entry('kept', 1), entry('same', 2 * HOUR)].reduce(
      (log, each) => withEntry(log, each, each.atMs),
      emptyRestartLog,
    );
    expect(ids(withEntry(day, entry('same', 24 * HOUR), 24 * HOUR).entries)).toEqual(['kept', 'same']);
  });

  it('is the newest hundred', () => {
    const many = Array.from({ length: 101 }, (_, index) => entry(`${index}`, index));
    const { entries } = many.reduce((log, each) => withEntry(log, each, each.atMs), emptyRestartLog);
    expect([entries.length, entries[0]!.id, entries.at(-1)!.id]).toEqual([100, '1', '100']);
  });
});

const parsed = parseConfig({
  bots: [{ id: 'a', ecsRestart: { cluster: 'c', service: 's', maxPerHour: 2, cooldownSeconds: 600, positionsMaxAgeSeconds: 900 } }],
});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const bot = parsed.value.bots[0]!;
const config = bot.ecsRestart!;

/** Nothing speaks against it but what a test adds. */
const facts = ({ pulse = {}, ...more }: Partial<RestartFacts> & { readonly pulse?: Partial<Pulse> } = {}): RestartFacts => ({
  now,
  order: { kind: 'restart', botId: 'a', key: 'k', alarmId: 'heartbeat-missing', atMs: now },
  bot,
  config,
  isTelemetrySilent: false,
  holdings: [
    {
      botId: 'a',
      strategyId: 'a',
      view: { schemaVersion: 1, at: now - 60_000, gauges: { openOrders: 0, incomplete: 0 }, positions: [] },
      pulse: { schemaVersion: 1, lastEventMs: now - 60_000, ...pulse },
    },
  ],
  log: emptyRestartLog,
  entryId: 'this',
  ...more,
});
const beat = (startedAt: number) => ({ at: now - 60_000, status: 'ok', component: 'main', intervalMs: 10_000, startedAt }) as const;

describe('a restart is refused', () => {
  it('for nothing, when nothing is known against it', () => expect(refusalOf(facts())).toBeUndefined());

  it.each<readonly [string, RestartFacts, RestartFacts, string]>([
    [
      'until the silence of its incident ends',
      facts({ incident: { id: 'i', status: 'open', silencedUntil: now + 1 } }),
      facts({ incident: { id: 'i', status: 'open', silencedUntil: now } }),
      'silenced',
    ],
    [
      'when it was heard longer ago than positions may be old',
      facts({ pulse: { lastEventMs: now - 900_001 } }),
      facts({ pulse: { lastEventMs: now - 900_000 } }),
      'positionsUnknown',
    ],
    [
      'as often as an hour allows',
      facts({ log: { entries: [entry('x', now - HOUR + 1), entry('y', now - HOUR + 1)] } }),
      facts({ log: { entries: [entry('x', now - HOUR), entry('y', now - HOUR + 1)] } }),
      'rateLimited',
    ],
    [
      'until a bot that was started has had its time',
      facts({ pulse: { heartbeat: beat(now - 599_999) } }),
      facts({ pulse: { heartbeat: beat(now - 600_000) } }),
      'cooling',
    ],
    [
      'after a halt that nobody has resumed since',
      facts({ haltSignalledAt: now - 9, pulse: { standing: { resumedAt: now - 10 } } }),
      facts({ haltSignalledAt: now - 10, pulse: { standing: { resumedAt: now - 10 } } }),
      'halted',
    ],
  ])('%s, to the moment', (_, just, past, reason) => {
    expect([refusalOf(just)?.reason, refusalOf(past)?.reason]).toEqual([reason, undefined]);
  });

  const flat = facts().holdings[0]!;
  const of = (strategyId: string, view: Partial<StrategyView> | undefined, lastEventMs?: number): Holding => ({
    botId: 'a',
    strategyId,
    ...(view === undefined ? {} : { view: { ...flat.view!, ...view } }),
    ...(lastEventMs === undefined ? {} : { pulse: { schemaVersion: 1, lastEventMs } }),
  });
  const held = (count: number) => ({
    positions: Array.from({ length: count }, (_, index) => ({ qty: '1', instrumentId: `I${index}` }) as never),
  });

  it.each<readonly [string, readonly Holding[], string | undefined]>([
    ['three positions are named', [of('a', held(3))], 'a holds 1 I0, 1 I1, 1 I2'],
    ['a fourth is counted', [of('a', held(4))], 'a holds 1 I0, 1 I1, 1 I2 and 1 more'],
    ['a quiet strategy is heard by the others of its bot', [of('a', {}, now - 60_000), of('b', {}, now - 9_000_000)], undefined],
    ['and they by it', [of('a', {}, now - 9_000_000), of('b', {}, now - 60_000)], undefined],
    ['a strategy whose bot sends no heartbeats is heard by its orders', [of('a', { at: now - 900_000 })], undefined],
    [
      'and too long ago by nothing',
      [of('a', { at: now - 1_800_000 })],
      'nothing was heard of a for 30 min, so its positions are not known',
    ],
    ['one that was never heard is told by its name', [of('a', {}), of('b', undefined)], 'nothing was ever heard of the positions of b'],
  ])('%s', (_, holdings, because) => {
    expect(refusalOf(facts({ holdings }))?.because).toBe(because);
  });

  /** Said by whom does not matter. */
  const controls = (...said: readonly (readonly [action: string, minutesAgo: number])[]) =>
    said.map(([action, ago]) => ({ at: now - ago * 60_000, action, actor: 'ana', reason: 'ok' }));

  it.each([
    ['which nothing but a change of its config followed', controls(['resume', 30], ['configChange', 10]), 'halted'],
    ['but not when a resume came late, behind what is newer', controls(['resume', 30], ['resume', 15], ['configChange', 10]), undefined],
  ] as const)('after a halt, %s', (_, said, reason) => {
    expect(refusalOf(facts({ haltSignalledAt: now - 20 * 60_000, pulse: { controls: said } }))?.reason).toBe(reason);
  });

  it('after an hour of waiting', () => {
    const { order } = facts();
    expect([isTooLate(order, now + HOUR), isTooLate(order, now + HOUR + 1)]).toEqual([false, true]);
  });
});

describe('ECS speaks against it', () => {
  const service = (changes: Partial<EcsService> = {}): EcsService => ({
    status: 'ACTIVE',
    desiredCount: 2,
    runningCount: 2,
    controller: 'ECS',
    maximumPercent: 100,
    deployments: [{ id: 'd', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    ...changes,
  });

  it.each<readonly [string, Partial<EcsService>, string | undefined]>([
    ['for nothing', {}, undefined],
    ['at one per cent more than all', { maximumPercent: 101 }, 'overlap'],
    ['with one task too few', { runningCount: 1 }, 'replacing'],
    ['not with one too many', { runningCount: 3 }, undefined],
    ['with a second deployment', { deployments: [service().deployments[0]!, { id: 'e', status: 'ACTIVE' }] }, 'deploying'],
    ['not without any', { deployments: [] }, undefined],
  ])('%s', (_, changes, reason) => {
    expect(serviceRefusal(service(changes), facts())?.reason).toBe(reason);
  });
});
