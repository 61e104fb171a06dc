import { expect, test } from 'vitest';
import { compositeChanged, startSuppression, suppressedBy, suppressionUntil, suppressorChanged } from '../../core/alarms/suppression.ts';

const RULE = { wait: 2, extension: 3 };

test('actions run when the wait ends and the suppressor stayed quiet', () => {
  const waiting = compositeChanged(startSuppression('OK', 'OK'), 'ALARM', 2, RULE).memory;
  expect(suppressedBy(waiting)).toBe('WaitPeriod');
  expect(suppressionUntil(waiting, 3.9).actions).toEqual([]);
  expect(suppressionUntil(waiting, 4).actions).toEqual([{ at: 4, state: 'ALARM' }]);
});

test('a suppressor that fires during the wait holds the actions until its extension ends', () => {
  const waiting = compositeChanged(startSuppression('OK', 'OK'), 'ALARM', 2, RULE).memory;
  const held = suppressorChanged(waiting, 'ALARM', 3, RULE);
  expect(held.ended).toEqual([{ kind: 'wait', start: 2, end: 3, outcome: 'discarded' }]);
  expect(suppressedBy(held.memory)).toBe('Alarm');
  const extended = suppressorChanged(held.memory, 'OK', 6, RULE).memory;
  expect(suppressedBy(extended)).toBe('ExtensionPeriod');
  expect(suppressionUntil(extended, 100).actions).toEqual([{ at: 9, state: 'ALARM' }]);
});

test('a suppressor that fires again during the extension holds the actions again', () => {
  const held = compositeChanged(startSuppression('OK', 'ALARM'), 'ALARM', 2, RULE).memory;
  const extended = suppressorChanged(held, 'OK', 6, RULE).memory;
  const again = suppressorChanged(extended, 'ALARM', 7, RULE);
  expect(again.ended).toEqual([{ kind: 'extension', start: 6, end: 7, outcome: 'discarded' }]);
  expect(suppressionUntil(again.memory, 100).actions).toEqual([]);
});

test('a wait that ends as the suppressor fires has ended: better to page', () => {
  const waiting = compositeChanged(startSuppression('OK', 'OK'), 'ALARM', 2, RULE).memory;
  expect(suppressorChanged(waiting, 'ALARM', 4, RULE).actions).toEqual([{ at: 4, state: 'ALARM' }]);
});

test('a wait of no length acts at once', () => {
  expect(compositeChanged(startSuppression('OK', 'OK'), 'ALARM', 2, { wait: 0, extension: 0 }).actions).toEqual([
    { at: 2, state: 'ALARM' },
  ]);
});

test('a suppressor without data does not suppress', () => {
  const waiting = compositeChanged(startSuppression('OK', 'INSUFFICIENT_DATA'), 'ALARM', 2, RULE).memory;
  expect(suppressionUntil(waiting, 4).actions).toEqual([{ at: 4, state: 'ALARM' }]);
});

test('a composite that changes during the extension waits anew, whatever was held', () => {
  const extended = suppressorChanged(startSuppression('OK', 'ALARM'), 'OK', 2, RULE).memory;
  const changed = compositeChanged(extended, 'ALARM', 3, RULE);
  expect(changed.ended).toEqual([{ kind: 'extension', start: 2, end: 3, outcome: 'discarded' }]);
  expect(suppressionUntil(changed.memory, 100).actions).toEqual([{ at: 5, state: 'ALARM' }]);
});

test('actions that were performed before the suppressor fired are not repeated after it', () => {
  const acted = suppressionUntil(compositeChanged(startSuppression('OK', 'OK'), 'ALARM', 2, RULE).memory, 5).memory;
  const over = suppressorChanged(suppressorChanged(acted, 'ALARM', 6, RULE).memory, 'OK', 8, RULE).memory;
  expect(suppressionUntil(over, 100).actions).toEqual([]);
});
