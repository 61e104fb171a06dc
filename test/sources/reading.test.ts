import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../adapters/sources/csv/index.ts';
import { parseExactJson } from '../../adapters/sources/exact-json.ts';
import { isoOfEpoch, isoOfText, symbolParts } from '../../adapters/sources/field-reader.ts';
import { messagesIn } from '../../adapters/sources/fix/message.ts';
import { jsonRecords } from '../../adapters/sources/frame.ts';
import { importBytes } from '../../adapters/sources/import-bytes.ts';
import { sources } from '../../adapters/sources/index.ts';
import { fillBetween, plainDecimal } from '../../adapters/sources/plain-decimal.ts';
import { createLineSplitter } from '../../core/events/lines.ts';
import { createScorer } from '../../core/ledger/scorer.ts';

describe('plainDecimal keeps every digit', () => {
  it.each([
    ['1.50e-3', '0.0015'],
    ['12345678901234567890.123456789012345', '12345678901234567890.123456789012345'],
    ['-0.0', '0'],
    ['+2', '2'],
    ['.5', '0.5'],
    ['1E3', '1000'],
    ['5e-324', undefined],
    ['1e999', undefined],
    ['0e999', '0'],
    ['1,5', undefined],
    ['NaN', undefined],
    ['', undefined],
  ])('%s → %s', (literal, plain) => {
    expect(plainDecimal(literal)).toBe(plain);
  });
});

describe('parseExactJson', () => {
  it('keeps the text of numbers that doubles cannot hold, and leaves texts alone', () => {
    const parsed = parseExactJson('{"a":0.10000000000000000001,"b":"1.5 \\"2\\" NaN","c":[-1e-8,NaN,-Infinity]}');
    expect(parsed).toEqual({
      ok: true,
      value: { a: { '#': '0.10000000000000000001' }, b: '1.5 "2" NaN', c: [{ '#': '-1e-8' }, null, null] },
    });
  });

  it('refuses what is not JSON', () => {
    expect(parseExactJson('{"a":}').ok).toBe(false);
  });
});

describe('times', () => {
  it.each([
    ['2026-03-09 13:30:00+00:00', '2026-03-09T13:30:00.000Z'],
    ['20260309-13:30:00.123456789', '2026-03-09T13:30:00.123456789Z'],
    ['2026-03-09T14:30:00.5+01:00', '2026-03-09T13:30:00.500Z'],
    ['20260309', '2026-03-09T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2026-02-30 00:00:00', undefined],
    ['yesterday', undefined],
  ])('%s → %s', (text, iso) => {
    expect(isoOfText(text)).toBe(iso);
  });

  it.each([
    ['1767225600.25', 's', '2026-01-01T00:00:00.250Z'],
    ['1515568500000.0', 'ms', '2018-01-10T07:15:00.000Z'],
    ['1767225600000000001', 'ns', '2026-01-01T00:00:00.000000001Z'],
    ['-5', 's', undefined],
  ] as const)('%s %s → %s', (count, unit, iso) => {
    expect(isoOfEpoch({ '#': count }, unit)).toBe(iso);
  });
});

it.each([
  ['BTC/USDT', { base: 'BTC', quote: 'USDT', settle: 'USDT', isContract: false }],
  ['BTC/USD:BTC-261225', { base: 'BTC', quote: 'USD', settle: 'BTC', isContract: true }],
  ['ETH-USDT', { base: 'ETH', quote: 'USDT', settle: 'USDT', isContract: false }],
  ['SPY', undefined],
])('symbol %s', (symbol, parts) => {
  expect(symbolParts(symbol)).toEqual(parts);
});

describe('a fill between two looks at an order', () => {
  it('has the price that makes both averages right', () => {
    const first = fillBetween(undefined, '2', '100')!;
    expect(fillBetween(first.now, '5', '103')).toMatchObject({ quantity: '3', price: '105' });
  });

  it('ignores a quantity that went backwards', () => {
    expect(fillBetween({ quantity: '5', notional: '500' }, '4', '100')).toBeUndefined();
  });
});

describe('framing', () => {
  it('reads an array, one object, or a value a line, and names broken lines', () => {
    expect(jsonRecords('[1,{"a":1}]').records.map(({ place }) => place)).toEqual(['record 1', 'record 2']);
    expect(jsonRecords('{"a":1}').records.map(({ place }) => place)).toEqual(['document']);
    const lines = jsonRecords('{"a":1}\n\n{broken\n{"b":2}\n');
    expect([lines.records.map(({ place }) => place), lines.problems.map(({ place }) => place)]).toEqual([['line 1', 'line 4'], ['line 3']]);
    expect(jsonRecords('no json').problems.map(({ place }) => place)).toEqual(['file']);
  });

  it('reads CSV cells with quotes', () => {
    expect(cellsOf('a,"b, ""c""",,d ', ',')).toEqual(['a', 'b, "c"', '', 'd']);
    expect(cellsOf('a,"b', ',')).toBeUndefined();
  });

  it('finds FIX messages behind a time, several on a line, and cut ones', () => {
    const found = messagesIn('20260309-13:30:00 : 8=FIX.4.2|9=5|35=0|10=161|8=FIX.4.4|9=5|35=0|');
    expect(found.map(({ kind }) => kind)).toEqual(['message', 'broken']);
    expect(messagesIn('<event> 58=FIX is fine')).toEqual([]);
  });
});

/** A short form of the comparison with a whole backtest file. */
it('a freqtrade backtest scores as its own figures say', () => {
  const trade = (pair: string, hour: number, open: number, close: number) => {
    const amount = 100 / open;
    const value = amount * close * 0.999;
    const cost = 100 * 1.001;
    return {
      pair,
      stake_amount: 100,
      amount,
      open_rate: open,
      close_rate: close,
      fee_open: 0.001,
      fee_close: 0.001,
      profit_abs: amount * (close - open),
      profit_ratio: Number((value / cost - 1).toFixed(8)),
      is_open: false,
      open_timestamp: 1_767_225_600_000 + hour * 3_600_000,
      close_timestamp: 1_767_225_600_000 + (hour + 1) * 3_600_000,
    };
  };
  const trades = Array.from({ length: 60 }, (_, at) =>
    trade(at % 2 === 0 ? 'A/USDT' : 'B/USDT', Math.floor(at / 2), 3 + at / 7, (3 + at / 7) * (1 + Math.sin(at) / 50)),
  );
  const file = { strategy: { S: { starting_balance: 1000, stake_currency: 'USDT', trades } } };
  const freqtrade = sources.find(({ name }) => name === 'freqtrade')!;
  const { lines } = importBytes(freqtrade, {}, new TextEncoder().encode(JSON.stringify(file)));
  const scorer = createScorer();
  const splitter = createLineSplitter();
  for (const line of splitter.push(new TextEncoder().encode(`${lines.join('\n')}\n`))) scorer.add(line);
  const score = scorer.result().strategies['S']!;
  const sum = (of: (each: (typeof trades)[number]) => number) => trades.reduce((total, each) => total + of(each), 0);
  expect(score.trades).toBe(60);
  expect(Number(score.grossPnl)).toBeCloseTo(
    sum(each => each.profit_abs),
    10,
  );
  expect(Number(score.netPnl)).toBeCloseTo(
    sum(each => each.stake_amount * (1 + each.fee_open) * each.profit_ratio),
    4,
  );
});
