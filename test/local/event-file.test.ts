import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../local/event-file.ts';
import { arrivingLines, surveyEvents } from '../../local/event-file.ts';

const minute = 60_000;
const start = Date.UTC(2026, 2, 9, 13, 0, 0);
const line = (atMinutes: number, more: object = {}) =>
  JSON.stringify({
    eventType: 'heartbeat',
    schemaVersion: 1,
    strategyId: 's1',
    accountId: 'a1',
    environment: 'paper',
    tsEvent: new Date(start + atMinutes * minute).toISOString(),
    component: 'b',
    status: 'ok',
    intervalMs: 30_000,
    ...more,
  });

const source = (...lines: readonly (string | Buffer)[]): ByteSource =>
  async function* () {
    yield Buffer.concat(lines.flatMap((text, index) => [...(index === 0 ? [] : [Buffer.from('\n')]), Buffer.from(text)]));
  };

const arrivals = async (bytes: ByteSource) => {
  const found: string[] = [];
  for await (const { atMs, text, strategyId } of arrivingLines(bytes, start))
    found.push(`${(atMs - start) / minute} ${strategyId ?? '-'} ${text.slice(0, 5)}`);
  return found;
};

describe('a file of events', () => {
  it('says who is in it, when, and how often hearts beat', async () => {
    expect(await surveyEvents(source(line(0), line(3, { strategyId: 's2', intervalMs: 60_000 }), 'text', line(1)))).toEqual({
      strategies: [
        { strategyId: 's1', accountId: 'a1', heartbeatSeconds: 30 },
        { strategyId: 's2', accountId: 'a1', heartbeatSeconds: 60 },
      ],
      events: 3,
      firstMs: start,
      lastMs: start + 3 * minute,
      unreadable: [],
    });
  });

  it('is nothing without an event', async () => {
    expect(await surveyEvents(source('text', '{"level":"INFO"}'))).toBeUndefined();
  });

  it('names lines that are no text', async () => {
    const survey = await surveyEvents(source(line(0), Buffer.from([0x7b, 0xff, 0xfe]), `{"x":"${'y'.repeat(300_000)}"}`));
    expect(survey?.unreadable.map(row => [row.line, row.code])).toEqual([
      [2, 'BAD_ENCODING'],
      [3, 'LINE_TOO_LONG'],
    ]);
  });

  it('never goes back in time: late events arrive when they come, lines without a time with the one before', async () => {
    expect(await arrivals(source(line(0), line(5), 'plain', line(2), '', '{"bad', line(6)))).toEqual([
      '0 s1 {"eve',
      '5 s1 {"eve',
      '5 - plain',
      '5 s1 {"eve',
      '5 - {"bad',
      '6 s1 {"eve',
    ]);
  });

  it('is not thrown decades ahead by one bad clock', async () => {
    const bytes = source(line(0), line(0, { tsEvent: '2099-01-01T00:00:00Z' }), line(1));
    expect(await arrivals(bytes)).toEqual(['0 s1 {"eve', '0 s1 {"eve', '1 s1 {"eve']);
    expect((await surveyEvents(bytes))?.lastMs).toBe(start + minute);
  });
});
