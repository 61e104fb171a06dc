import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { activityValues, instanceValues } from '../../core/health/gauges.ts';
import type { Pulse } from '../../core/health/pulse.ts';

const rule = { intervalSeconds: 10, graceSeconds: 20 };
const pulse = (instances: NonNullable<Pulse['instances']>): Pulse => ({ schemaVersion: 1, instances });

describe('what instances say', () => {
  it('counts revisions and configurations of those that beat now, and takes the worst clock on either side', () => {
    const instances = {
      a: { at: 100_000, gitSha: 'one', configHash: 'x', clockOffsetMs: 20 },
      b: { at: 70_000, gitSha: 'two', configHash: 'x', clockOffsetMs: -700 },
      gone: { at: 69_999, gitSha: 'three', configHash: 'y', clockOffsetMs: 9_000 },
    };
    expect(instanceValues(pulse(instances), rule, 100_000)).toEqual({ codeVersions: 2, configVersions: 1, clockOffset: 700 });
    expect(instanceValues(pulse({ a: { at: 100_000 } }), rule, 100_000)).toEqual({});
  });
});

describe('activity', () => {
  const noon = Date.parse('2026-07-14T16:00:00Z');
  const night = Date.parse('2026-07-14T03:00:00Z');
  const active = (lastWhileHaltedMs: number): Pulse => ({
    schemaVersion: 1,
    activity: { orders: 9, fills: 4, whileHalted: 3, lastWhileHaltedMs, lastOrderMs: noon - 60_000, lastFillMs: noon - 120_000 },
  });
  const values = (at: number, of = active(at - 1_000)) => activityValues(of, { markAgeSeconds: 7 }, undefined, calendarNamed('XNYS'), at);

  it('is measured in an open market, and orders in a halt always', () => {
    expect(values(noon)).toEqual({ haltedOrders: 3, orderAge: 60, fillAge: 120, quoteAge: 7 });
    expect(values(night)).toEqual({ haltedOrders: 3 });
  });

  it('shows orders in a halt for five minutes', () => {
    expect([values(noon, active(noon - 299_999)).haltedOrders, values(noon, active(noon - 300_000)).haltedOrders]).toEqual([3, 0]);
  });
});
