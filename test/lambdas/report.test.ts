import { describe, expect, it } from 'vitest';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { emptyPulse } from '../../core/health/pulse.ts';
import { encodeState } from '../../core/ledger/codec.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { readReportMessage, reportPage, reportsIn } from '../../core/report/message.ts';
import { duePeriods, lastClosedDay } from '../../core/report/summary.ts';
import { reportAfterClose } from '../../lambdas/report/report.ts';
import { account, folded, monday, trade } from '../ledger/events.ts';

const day = 86_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined, metrics: () => undefined };

function story(written: object = { reports: {} }) {
  const config = parseConfig({ bots: [{ id: 's1' }, { id: 's2' }], ...written });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const table = createMemoryTable();
  const strategies = createStrategyStore(table);
  const said: { message: string; subject: string }[] = [];
  let nowMs = monday;
  let failures = 0;
  return {
    said,
    at: async (ms: number) => {
      nowMs = ms;
      await reportAfterClose({
        config: config.value,
        strategies,
        incidents: { list: async () => [] },
        table,
        publish: async (message, subject) => {
          if (failures-- > 0) throw new Error('unreachable');
          said.push({ message, subject });
        },
        now: () => nowMs,
        output: silent as never,
      });
    },
    fails: (times: number) => {
      failures = times;
    },
    store: async () => {
      const { state } = folded([
        account(0, '1000'),
        trade(10, 'buy', '1', '100', { fee: '1' }),
        trade(20, 'sell', '1', '150', { fee: '1' }),
      ]);
      await strategies.saveWith('s1', 0, encodeState(state), { pulse: emptyPulse, view: viewOf(state, monday + 60_000) });
    },
  };
}

describe('the report after the close', () => {
  it('comes once, a while after the close, with what the day made', async () => {
    const s = story({ reports: { afterCloseMinutes: 15, periods: ['day'] } });
    await s.store();
    await s.at(monday + day + 14 * 60_000);
    expect(s.said.filter(({ subject }) => subject.includes('2026-03-09'))).toEqual([]);
    await s.at(monday + day + 15 * 60_000);
    await s.at(monday + day + 30 * 60_000);
    const [said, ...others] = s.said.filter(({ subject }) => subject.includes('2026-03-09'));
    expect(others).toEqual([]);
    const message = readReportMessage(JSON.parse(said!.message));
    expect(message?.headline).toBe('[REPORT] demo day 2026-03-09: +48.00 USD');
    expect(message?.facts).toEqual([
      {
        label: 's1',
        value: expect.stringMatching(/^P&L 48\.00 USD \(4\.80 %\) · 1 round trips, 100 % won · fees 2\.00 · equity 1,048\.00/),
      },
    ]);
  });

  it('comes again when it could not be said', async () => {
    const s = story({ reports: { periods: ['day'] } });
    await s.store();
    s.fails(1);
    await expect(s.at(monday + day + 3_600_000)).rejects.toThrow('unreachable');
    await s.at(monday + day + 4_500_000);
    expect(s.said).toHaveLength(1);
  });

  it('does not come without being asked for', async () => {
    const s = story({});
    await s.store();
    await s.at(monday + 2 * day);
    expect(s.said).toEqual([]);
  });
});

describe('what is due', () => {
  const all = ['day', 'week', 'month'] as const;
  it.each([
    ['24x7', '2026-03-10', ['day']],
    ['24x7', '2026-03-15', ['day', 'week']],
    ['24x7', '2026-03-31', ['day', 'month']],
    ['XNYS', '2026-03-13', ['day', 'week']],
    ['XNYS', '2026-02-27', ['day', 'week', 'month']],
  ])('%s on %s', (calendar, date, expected) => {
    expect(duePeriods(calendarNamed(calendar), Date.parse(date) / day, all)).toEqual(expected);
  });

  it('knows early closes and closed days', () => {
    const newYork = calendarNamed('XNYS');
    const date = (text: string) => Date.parse(`${text}T00:00:00Z`) / day;
    // The day after Thanksgiving closes at 18:00 UTC.
    expect(lastClosedDay(newYork, Date.parse('2026-11-27T18:09:00Z'), 600_000)).toBe(date('2026-11-25'));
    expect(lastClosedDay(newYork, Date.parse('2026-11-27T18:10:00Z'), 600_000)).toBe(date('2026-11-27'));
  });
});

it('is read out of an SNS delivery, and text of strangers is cleaned', () => {
  const message = {
    nightdesk: 1,
    kind: 'report',
    period: 'day',
    days: '2026-03-09',
    headline: 'a\u202Eb',
    sentence: '',
    facts: [{ label: 's\n1', value: 'x' }],
    at: '2026-03-10T00:10:00Z',
  };
  const [report] = reportsIn({ Records: [{ Sns: { Message: JSON.stringify(message) } }] });
  const page = reportPage(report!);
  expect(page).toMatchObject({ severity: 'info', duty: 'trigger', headline: 'ab', facts: [{ label: 's 1', value: 'x' }] });
  expect(readReportMessage({ ...message, kind: 'breach' })).toBeUndefined();
  expect(readReportMessage({ ...message, at: 'never' })).toBeUndefined();
});
