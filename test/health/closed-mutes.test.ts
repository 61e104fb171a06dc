import { describe, expect, it } from 'vitest';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { closedMutes, muteHorizon } from '../../core/health/closed-mutes.ts';

const parsed = (input: unknown) => {
  const read = parseConfig(input);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
const at = (time: string) => Date.parse(`2026-07-${time}Z`);

/** Stocks by day in one group, so many that their alarms need two rules; a market that never closes beside them, and in another group. */
const stocks = Array.from({ length: 12 }, (_, index) => ({ id: `s${index}`, group: 'stocks', calendar: 'XNYS' }));
const config = parsed({
  bots: [...stocks, { id: 'crypto', group: 'stocks' }, { id: 'gold', group: 'metals', calendar: 'CME-metals' }],
  closedMarkets: { horizonDays: 7, warmUpMinutes: 5 },
});
const rules = closedMutes(config, 'stocks', at('16T12:00:00'));

describe('rules that mute the alarms of closed markets', () => {
  it('begin with the day of the synth, whatever its hour, and reach to the horizon', () => {
    expect(closedMutes(config, 'stocks', at('16T00:00:00'))).toEqual(rules);
    expect(rules[0]!.schedule.expression).toBe('at(2026-07-16T00:00)');
    expect(muteHorizon(config, at('16T12:00:00'))).toBe(at('23T00:00:00'));
    expect(muteHorizon(parsed({ bots: [{ id: 'crypto' }] }), at('16T12:00:00'))).toBeUndefined();
  });

  it('name the paging alarms of their group and calendar, each once a closure, at most a hundred a rule', () => {
    const first = rules.filter(({ schedule }) => schedule.expression === rules[0]!.schedule.expression);
    const named = first.flatMap(({ alarms }) => alarms);
    const wanted = catalogueAlarms(config)
      .filter(({ group, signal, dimensions: { Bot, Strategy } }) => group === 'stocks' && !signal && /^s\d/.test(Bot ?? Strategy ?? ''))
      .map(({ definition }) => definition.name);
    expect([...named].sort()).toEqual([...wanted].sort());
    expect(first.length).toBe(Math.ceil(wanted.length / 100));
    expect(first.every(({ alarms }) => alarms.length <= 100)).toBe(true);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.every(({ name }) => name.startsWith('demo-stocks-XNYS-'))).toBe(true);
  });
});
