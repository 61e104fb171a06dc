import { expect, test } from 'vitest';
import { DEFAULT_ASSUMPTIONS } from '../../core/alarms/assumptions.ts';
import { muteOf, muteWindow, throughMute, UNMUTED } from '../../core/alarms/mute.ts';
import type { MuteRule } from '../../core/cloudwatch/template-alarm.ts';

const HOUR = 3_600_000;
const nightly: MuteRule = {
  name: 'closed',
  schedule: 'cron(0 17 * * MON-FRI)',
  timeZone: 'America/New_York',
  durationMs: 16 * HOUR,
  alarms: ['a'],
};

test('a weekly mute follows the exchange through the change of clocks', () => {
  // 17:00 in New York is 22:00 UTC in winter and 21:00 UTC in summer; the clocks go forward on 8 March 2026.
  expect(muteWindow(nightly, Date.parse('2026-03-06T21:59:00Z'))).toBeUndefined();
  expect(muteWindow(nightly, Date.parse('2026-03-06T22:00:00Z'))?.endMs).toBe(Date.parse('2026-03-07T14:00:00Z'));
  expect(muteWindow(nightly, Date.parse('2026-03-09T21:00:00Z'))?.startMs).toBe(Date.parse('2026-03-09T21:00:00Z'));
  expect(muteWindow(nightly, Date.parse('2026-03-08T12:00:00Z'))).toBeUndefined();
});

test('only named alarms are muted', () => {
  const now = Date.parse('2026-03-06T23:00:00Z');
  expect(muteOf('a', [nightly], now)?.rule).toBe('closed');
  expect(muteOf('b', [nightly], now)).toBeUndefined();
});

test('a one-off mute lasts from its start to its end, which is open', () => {
  const once: MuteRule = { ...nightly, schedule: 'at(2026-05-01T10:00:00)', timeZone: 'UTC', durationMs: HOUR };
  expect(muteWindow(once, Date.parse('2026-05-01T10:00:00Z'))).toBeDefined();
  expect(muteWindow(once, Date.parse('2026-05-01T11:00:00Z'))).toBeUndefined();
});

test('actions that were held run when the mute ends in ALARM', () => {
  const held = throughMute(UNMUTED, { muted: true, state: 'ALARM', due: 'ALARM' });
  expect(held.perform).toBeUndefined();
  const still = throughMute(held.memory, { muted: true, state: 'ALARM' });
  expect(throughMute(still.memory, { muted: false, state: 'ALARM' })).toMatchObject({ perform: 'ALARM', afterMute: true });
});

test('an alarm that recovered during the mute stays silent', () => {
  const held = throughMute(UNMUTED, { muted: true, state: 'ALARM', due: 'ALARM' });
  const recovered = throughMute(held.memory, { muted: true, state: 'OK', due: 'OK' });
  expect(throughMute(recovered.memory, { muted: false, state: 'OK' }).perform).toBeUndefined();
});

test('an alarm that had paged before the mute is paged again only where the assumption says so', () => {
  const muted = throughMute(UNMUTED, { muted: true, state: 'ALARM' }).memory;
  expect(throughMute(muted, { muted: false, state: 'ALARM' }).perform).toBeUndefined();
  expect(throughMute(muted, { muted: false, state: 'ALARM' }, { ...DEFAULT_ASSUMPTIONS, atMuteEnd: 'all' }).perform).toBe('ALARM');
});
