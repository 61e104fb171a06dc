import { describe, expect, it, test } from 'vitest';
import { parseLine } from '../../core/events/parse.ts';
import type { EventType, NightdeskEvent } from '../../core/events/types.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { emptyState } from '../../core/ledger/state.ts';
import { toEpochMs } from '../../core/time/instant.ts';
import { randomCandles } from '../../examples/paper-bot/market.ts';
import { createPaperBot, type PaperBot } from '../../examples/paper-bot/paper-bot.ts';
import { presets } from '../../examples/paper-bot/presets.ts';

const startMs = Date.UTC(2026, 2, 9);
const minuteMs = 60_000;

interface Desk {
  readonly bot: PaperBot;
  readonly lines: string[];
  /** Trades on for some minutes and gives the events of these minutes. */
  readonly trade: (minutes: number) => NightdeskEvent[];
}

function openDesk(strategyId = 'meanrev-btc', seed = 4): Desk {
  const preset = presets.find(each => each.strategyId === strategyId)!;
  const lines: string[] = [];
  const candles = randomCandles({ ...preset, seed, firstCloseMs: startMs + minuteMs, intervalMs: minuteMs });
  const bot = createPaperBot({ ...preset, seed, strategy: preset.strategy(1), candles, emit: line => lines.push(line) });
  let minute = 0;
  return {
    bot,
    lines,
    trade: minutes => {
      const from = lines.length;
      for (let at = 0; at < minutes; at++) bot.step(startMs + ++minute * minuteMs);
      return eventsOf(lines.slice(from));
    },
  };
}

function eventsOf(lines: readonly string[]): NightdeskEvent[] {
  return lines.flatMap(line => {
    const parsed = parseLine(line);
    if (parsed.kind === 'rejected') throw new Error(`${parsed.message}\n${line}`);
    return parsed.kind === 'event' ? [parsed.event] : [];
  });
}

const only = <T extends EventType>(events: readonly NightdeskEvent[], eventType: T) =>
  events.filter((event): event is Extract<NightdeskEvent, { eventType: T }> => event.eventType === eventType);

const dayOf = openDesk();
const day = dayOf.trade(1440);

describe('a day of the paper bot', () => {
  it('has every event type', () => {
    const types = new Set(day.map(({ eventType }) => eventType));
    expect([...types].sort()).toEqual(
      ['account', 'cash', 'control', 'error', 'execution', 'heartbeat', 'marketData', 'order', 'position', 'reference'].sort(),
    );
  });

  it('is the same again with the same seed, and another with another', () => {
    const again = openDesk();
    again.trade(1440);
    expect(again.lines).toEqual(dayOf.lines);
    const other = openDesk('meanrev-btc', 5);
    other.trade(1440);
    expect(other.lines).not.toEqual(dayOf.lines);
  });

  it('is told in order of time, numbered without a gap', () => {
    const times = day.map(({ tsEvent }) => tsEvent);
    expect(times.every((time, at) => at === 0 || time >= times[at - 1]!)).toBe(true);
    expect(day.map(({ seq }) => seq)).toEqual(day.map((_event, at) => at + 1));
  });

  it('has at most six events a minute and some tens of fills', () => {
    expect(day.length / 1440).toBeLessThan(6);
    expect(only(day, 'execution').length).toBeGreaterThan(10);
    expect(only(day, 'execution').length).toBeLessThan(300);
  });

  it('fills no order beyond its quantity, and says what is left', () => {
    const ordered = new Map(only(day, 'order').map(order => [order.clOrdId, Number(order.orderQty)]));
    for (const { clOrdId, cumQty, leavesQty } of only(day, 'execution')) {
      expect(Number(cumQty) + Number(leavesQty)).toBeCloseTo(ordered.get(clOrdId!)!, 9);
    }
  });

  it('acknowledges each order after it was sent, and ends each in one way', () => {
    const orders = only(day, 'order');
    for (const { tsSubmitted, tsAcked } of orders.filter(({ execType }) => execType === 'new')) expect(tsAcked! > tsSubmitted!).toBe(true);
    const ends = [
      ...orders.filter(({ execType }) => execType === 'canceled' || execType === 'rejected').map(({ clOrdId }) => clOrdId),
      ...only(day, 'execution')
        .filter(({ leavesQty }) => leavesQty === '0')
        .map(({ clOrdId }) => clOrdId!),
    ];
    expect(new Set(ends).size).toBe(ends.length);
  });
});

describe('the books of the paper bot', () => {
  test.each(presets.map(({ strategyId }) => strategyId))(
    'of %s agree with the ledger to the last digit, and nothing is found',
    strategyId => {
      let state = emptyState(settingsFor(undefined, strategyId));
      let compared = 0;
      for (const event of openDesk(strategyId).trade(1440)) {
        const folded = foldBatch(state, [event], { receivedAtMs: toEpochMs(event.tsSent) });
        state = folded.state;
        expect(folded.findings).toEqual([]);
        if (event.eventType !== 'account') continue;
        expect(scoreStrategy(state).equity).toBe(event.equity);
        compared += 1;
      }
      expect(compared).toBeGreaterThan(280);
    },
  );
});

describe('a provoked incident', () => {
  it('of a bot that dies is silence, then a new process with the old position', () => {
    const { bot, trade } = openDesk();
    trade(300);
    bot.die();
    expect([trade(5), bot.isAlive()]).toEqual([[], false]);
    bot.revive();
    const after = trade(5);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_event, at) => at + 1));
    expect(only(after, 'heartbeat')[0]).toMatchObject({ status: 'starting', runId: 'meanrev-btc-1.2' });
  });

  it('of a stale feed shows an old last message and a degraded bot', () => {
    const { bot, trade } = openDesk();
    trade(10);
    bot.staleFeed(true);
    const events = trade(5);
    const times = new Set(only(events, 'marketData').map(({ tsLastMessage }) => tsLastMessage));
    expect(times.size).toBe(1);
    expect(only(events, 'heartbeat').every(({ status }) => status === 'degraded')).toBe(true);
    bot.staleFeed(false);
    expect(only(trade(1), 'heartbeat')[0]!.status).toBe('ok');
  });

  it('of refused orders shows in every minute', () => {
    const { bot, trade } = openDesk();
    trade(10);
    bot.rejectOrders(true);
    for (let minute = 0; minute < 5; minute++) {
      const refused = only(trade(1), 'order').filter(({ execType }) => execType === 'rejected');
      expect(refused.length).toBeGreaterThan(2);
      expect(refused[0]).toMatchObject({ ordStatus: 'rejected', reject: { source: 'venue', code: 'RATE_LIMIT' } });
    }
  });

  it('of a slow venue shows in the acknowledgements', () => {
    const { bot, trade } = openDesk();
    bot.slowAcks(true);
    const acked = only(trade(3), 'order').filter(({ execType }) => execType === 'new');
    expect(acked.length).toBeGreaterThan(10);
    expect(acked.every(({ tsSubmitted, tsAcked }) => tsAcked! - tsSubmitted! >= 1_500_000_000n)).toBe(true);
  });

  it('of a loss costs more than one percent of the capital in five minutes', () => {
    const { bot, trade } = openDesk();
    trade(10);
    const before = Number(bot.equity());
    bot.loseMoney(true);
    trade(5);
    expect(before - Number(bot.equity())).toBeGreaterThan(1000);
  });

  it('of a repeated fill is the same line once more', () => {
    const { bot, trade, lines } = openDesk();
    expect(bot.repeatLastFill()).toBe(false);
    trade(1440);
    expect(bot.repeatLastFill()).toBe(true);
    expect(lines.indexOf(lines.at(-1)!)).toBeLessThan(lines.length - 1);
    expect(eventsOf([lines.at(-1)!])[0]!.eventType).toBe('execution');
  });

  it('of a halt is told, and trading resumes the next day', () => {
    const { bot, trade } = openDesk();
    trade(10);
    bot.loseMoney(true);
    trade(20);
    bot.loseMoney(false);
    const actions = only(trade(1440), 'control').map(({ action }) => action);
    expect(actions).toEqual(['halt', 'resume']);
  });
});
