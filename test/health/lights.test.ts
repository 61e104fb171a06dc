import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AlarmFacts, type Light, lightOf, worstOf } from '../../core/health/lights.ts';

const facts: fc.Arbitrary<AlarmFacts> = fc.record({
  state: fc.constantFrom('ALARM', 'OK', 'INSUFFICIENT_DATA', undefined),
  severity: fc.constantFrom('critical', 'warning', 'info'),
  isMeasured: fc.boolean(),
});
const badness: readonly Light[] = ['green', 'grey', 'yellow', 'red'];

it('is green exactly when every alarm is OK and what it watches reports', () => {
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1 }), children => {
      const isGreen = worstOf(children.map(lightOf)) === 'green';
      expect(isGreen).toBe(children.every(({ state, isMeasured }) => state === 'OK' && isMeasured));
    }),
  );
});

it('is red exactly when a critical alarm fires, and yellow when one fires and none is critical', () => {
  fc.assert(
    fc.property(fc.array(facts), children => {
      const firing = children.filter(({ state }) => state === 'ALARM');
      const light = worstOf(children.map(lightOf));
      expect(light === 'red').toBe(firing.some(({ severity }) => severity === 'critical'));
      expect(light === 'yellow').toBe(firing.length > 0 && firing.every(({ severity }) => severity !== 'critical'));
    }),
  );
});

it('is as bad as its worst child, however children are grouped and ordered, and never better for one more', () => {
  fc.assert(
    fc.property(fc.array(fc.array(facts, { minLength: 1 }), { minLength: 1 }), facts, (groups, another) => {
      const lights = groups.flat().map(lightOf);
      const whole = worstOf(lights);
      expect(whole).toBe(badness[Math.max(...lights.map(light => badness.indexOf(light)))]);
      expect(worstOf(groups.map(group => worstOf(group.map(lightOf))))).toBe(whole);
      expect(worstOf([...lights].reverse())).toBe(whole);
      expect(badness.indexOf(worstOf([...lights, lightOf(another)]))).toBeGreaterThanOrEqual(badness.indexOf(whole));
    }),
  );
});

it('is grey, not green, without any child', () => {
  expect(worstOf([])).toBe('grey');
});

it.each([
  ['an OK of a bot that has fallen silent is not measured', { state: 'OK', severity: 'critical', isMeasured: false }, 'grey'],
  ['no data is not measured', { state: 'INSUFFICIENT_DATA', severity: 'critical', isMeasured: true }, 'grey'],
  ['an alarm that does not exist is not measured', { state: undefined, severity: 'critical', isMeasured: true }, 'grey'],
  ['an alarm stays one when its bot falls silent', { state: 'ALARM', severity: 'critical', isMeasured: false }, 'red'],
  ['an info that fires does not look healthy', { state: 'ALARM', severity: 'info', isMeasured: true }, 'yellow'],
] as const)('%s', (_, alarm, light) => {
  expect(lightOf(alarm)).toBe(light);
});
