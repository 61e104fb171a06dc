import { describe, expect, it } from 'vitest';
import { parseLine } from '../../core/events/parse.ts';
import { createFleet, type FleetLine, fleetMembers } from '../../examples/paper-bot/fleet.ts';

const endMs = Date.UTC(2026, 2, 9);
const minuteMs = 60_000;

function openFleet() {
  const live: FleetLine[] = [];
  const fleet = createFleet({ seed: 7, runId: 'r1', emit: line => live.push(line) });
  return { fleet, live };
}

const eventOf = ({ line }: FleetLine) => {
  const parsed = parseLine(line);
  return parsed.kind === 'event' ? [parsed.event] : [];
};

const { fleet, live } = openFleet();
const past = fleet.history(30, endMs);
for (let minute = 1; minute <= 60; minute++) fleet.step(endMs + minute * minuteMs);
const pastEvents = past.flatMap(eventOf);
const liveEvents = live.flatMap(eventOf);

describe('the fleet', () => {
  it('has three bots that all report and trade within the first hour', () => {
    expect([...fleet.bots.keys()]).toEqual(fleetMembers.map(({ botId }) => botId));
    for (const { strategyId } of fleetMembers) {
      const own = liveEvents.filter(event => event.strategyId === strategyId);
      expect(own.some(({ eventType }) => eventType === 'execution')).toBe(true);
    }
  });

  it('has a history of thirty days that ends before the first minute', () => {
    const times = pastEvents.map(({ tsEvent }) => Number(tsEvent / 1_000_000n));
    expect(Math.min(...times)).toBe(endMs - 30 * 86_400_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(endMs);
    expect(pastEvents.filter(({ eventType }) => eventType === 'execution').length).toBeGreaterThan(500);
    expect(past.length).toBe(pastEvents.length);
  });

  it('carries on where its history ended: flat, with the same equity', () => {
    for (const { strategyId } of fleetMembers) {
      const accounts = (events: typeof pastEvents) =>
        events.flatMap(event => (event.eventType === 'account' && event.strategyId === strategyId ? [event] : []));
      expect(accounts(liveEvents)[0]!.equity).toBe(accounts(pastEvents).at(-1)!.equity);
      const signed = pastEvents.flatMap(event =>
        event.eventType === 'execution' && event.strategyId === strategyId
          ? [Math.round(Number(event.lastQty) * 1000) * (event.side === 'buy' ? 1 : -1)]
          : [],
      );
      expect(signed.reduce((sum, lots) => sum + lots, 0)).toBe(0);
    }
  });

  it('never uses an id twice', () => {
    const ids = [...pastEvents, ...liveEvents].map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is the same again with the same seed and run', () => {
    expect(openFleet().fleet.history(2, endMs)).toEqual(openFleet().fleet.history(2, endMs));
  });

  it('refuses a history after the first step', () => {
    expect(() => fleet.history(1, endMs)).toThrow('before the first step');
  });
});
