import { describe, expect, test } from 'vitest';
import type { TreatMissingData } from '../../core/alarms/definition.ts';
import { evaluateWindow } from '../../core/alarms/evaluate-window.ts';

/** `0` not breaching, `X` breaching, `-` missing; oldest first. */
const windowOf = (text: string) => [...text.replaceAll(' ', '')].map(sign => (sign === '-' ? null : sign === 'X'));

function outcomes(text: string, n: number, m: number): string {
  const treatments: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
  return treatments
    .map(treatMissingData => evaluateWindow(windowOf(text), { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData }))
    .join(' ');
}

describe('three of three, with a range of five', () => {
  test.each([
    ['enough real points: the newest three decide, also across gaps', '0 - X - X', 'OK OK OK OK'],
    ['one healthy point is enough to fill with', '0 - - - -', 'OK OK OK OK'],
    ['no point at all: the treatment decides', '- - - - -', 'INSUFFICIENT_DATA RETAIN ALARM OK'],
    ['the newest three real points breach', '0 X X - X', 'ALARM ALARM ALARM ALARM'],
    ['an old breach with nothing healthy since fires early', '- - X - -', 'ALARM RETAIN ALARM OK'],
    ['a young breach does not fire early', '- - - - X', 'RETAIN RETAIN ALARM OK'],
    ['a healthy point after the breach prevents the early alarm', '- - X 0 -', 'OK OK OK OK'],
    ['two breaches, the older one old enough', '- - X - X', 'ALARM RETAIN ALARM OK'],
  ])('%s', (_claim, text, expected) => {
    expect(outcomes(text, 3, 3)).toBe(expected);
  });
});

describe('two of three, with a range of five', () => {
  test.each([
    ['two of the newest three breach', '0 0 X 0 X', 'ALARM ALARM ALARM ALARM'],
    ['one breach and a fill', '0 - X - -', 'OK OK ALARM OK'],
    ['a single heartbeat does not end the silence yet', '- - - - 0', 'OK OK ALARM OK'],
    ['an old enough breach fires early', '- - - X -', 'ALARM RETAIN ALARM OK'],
    ['two breaches are enough whatever is missing', 'X - - - X', 'ALARM ALARM ALARM ALARM'],
  ])('%s', (_claim, text, expected) => {
    expect(outcomes(text, 3, 2)).toBe(expected);
  });
});

test('one of one looks back for a real point before it treats anything as missing', () => {
  expect(outcomes('- 0 -', 1, 1)).toBe('OK OK OK OK');
  expect(outcomes('X - -', 1, 1)).toBe('ALARM ALARM ALARM ALARM');
});

test('a range of exactly N fires on silence after M periods, a longer one later', () => {
  expect(evaluateWindow(windowOf('- - -'), { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissingData: 'breaching' })).toBe('ALARM');
  expect(evaluateWindow(windowOf('0 0 - - -'), { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissingData: 'breaching' })).toBe('OK');
});
