import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nightdesk, paperBot } from '../run-nightdesk.ts';

interface Summary {
  readonly events: { readonly accepted: number; readonly rejected: number; readonly duplicates: number };
  readonly invocations: Readonly<Record<string, number>>;
  readonly clock: { readonly virtualMinutes: number };
  readonly strategies: Readonly<Record<string, { readonly netPnl?: string; readonly fills: number }>>;
  readonly transitions: readonly { readonly to: string }[];
}

interface Scored {
  readonly strategies: Summary['strategies'];
  readonly quality: { readonly accepted: number };
}

let folder: string;
let summary: Summary;
let scored: Scored;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-day-'));
  const events = join(folder, 'day.ndjson');
  await paperBot('--random', '--minutes', '1440', '--seed', '11', '--out', events);
  const replay = await nightdesk('start', '--input', events, '--speed', 'max', '--headless', '--until-end', '--json', '--fresh');
  expect(replay.code, replay.stderr).toBe(0);
  summary = JSON.parse(replay.stdout);
  scored = JSON.parse((await nightdesk('score', events, '--json')).stdout);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('ends one virtual day with the P&L of score, to the last digit', () => {
  expect(Object.values(summary.strategies).some(({ fills }) => fills > 0)).toBe(true);
  expect(summary.strategies).toEqual(scored.strategies);
  expect(summary.events).toEqual({ accepted: scored.quality.accepted, rejected: 0, duplicates: 0 });
});

it('sweeps once each virtual minute and evaluates every alarm', () => {
  expect(summary.clock.virtualMinutes).toBeGreaterThanOrEqual(1440);
  expect(Math.abs((summary.invocations['heartbeat'] ?? 0) - summary.clock.virtualMinutes)).toBeLessThanOrEqual(1);
  expect(summary.transitions.length).toBeGreaterThan(10);
});

it('fires no alarm on a healthy day', () => {
  expect(summary.transitions.filter(({ to }) => to === 'ALARM')).toEqual([]);
});
