import { expect, test } from 'vitest';
import { compositeOrder, evaluateComposite, watchedBy } from '../../core/alarms/composite-alarm.ts';
import type { AlarmState } from '../../core/alarms/definition.ts';
import { compositeAlarm } from './builders.ts';

const NOW = Date.UTC(2026, 10, 22, 3, 7, 4);
const statesOf = (states: Readonly<Record<string, AlarmState>>) => (name: string) => states[name];

test('a composite names the child that turned it, as CloudWatch does', () => {
  const cause = { arn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a', to: 'ALARM', atMs: NOW } as const;
  const { transition } = evaluateComposite(compositeAlarm('ALARM(a) OR ALARM(b)'), statesOf({ a: 'ALARM', b: 'OK' }), 'OK', NOW, cause);
  expect(transition?.reason).toBe(
    'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a transitioned to ALARM at Sunday 22 November, 2026 03:07:04 UTC',
  );
  expect(JSON.parse(transition?.reasonData ?? '')).toEqual({
    triggeringAlarms: [{ arn: cause.arn, state: { value: 'ALARM', timestamp: '2026-11-22T03:07:04.000+0000' } }],
  });
});

test('a child without data is neither in ALARM nor OK', () => {
  const state = (rule: string): AlarmState =>
    evaluateComposite(compositeAlarm(rule), statesOf({ x: 'INSUFFICIENT_DATA' }), undefined, NOW).state;
  expect(state('ALARM(x)')).toBe('OK');
  expect(state('NOT OK(x)')).toBe('ALARM');
  expect(state('NOT ALARM(x)')).toBe('ALARM');
  expect(state('INSUFFICIENT_DATA(x)')).toBe('ALARM');
});

test('children by ARN are found by name', () => {
  const rule = 'ALARM("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a b")';
  expect(watchedBy(compositeAlarm(rule))).toEqual(['a b']);
  expect(evaluateComposite(compositeAlarm(rule), statesOf({ 'a b': 'ALARM' }), 'OK', NOW).state).toBe('ALARM');
});

test('parents come after their children, and circles are left out', () => {
  const alarms = [
    compositeAlarm('ALARM(mid)', 'top'),
    compositeAlarm('ALARM(leaf)', 'mid'),
    compositeAlarm('ALARM(two)', 'one'),
    compositeAlarm('ALARM(one)', 'two'),
  ];
  expect(compositeOrder(alarms).map(alarm => alarm.name)).toEqual(['mid', 'top']);
});
