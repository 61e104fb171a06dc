/** Event lines of the shape that a bot writes, made from a file of fills (`id,ts_ms,symbol,side,lots,px_ticks,px_dec,lot_dec,fee_e8,maker`). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A seeded stand-in for a fills file: a random walk in five symbols. */
export function madeFills(count: number): string[] {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const symbols = [
    ['ES-FUT', 520000, 2, 0],
    ['BTC-USD', 6500000, 2, 4],
    ['ETH-USD', 350000, 2, 3],
    ['SOL-USD', 15000, 2, 2],
    ['EUR-USD', 108000, 5, 0],
  ] as const;
  return Array.from({ length: count }, (_, at) => {
    const [symbol, base, priceDigits, lotDigits] = symbols[Math.floor(random() * symbols.length)]!;
    const price = base + Math.floor((random() - 0.5) * base * 0.02);
    const lots = 1 + Math.floor(random() * 20);
    const fee = Math.floor(random() * 1e6);
    return [
      at + 1,
      1735689600000 + at * 900,
      symbol,
      random() < 0.5 ? 1 : -1,
      lots,
      price,
      priceDigits,
      lotDigits,
      fee,
      random() < 0.5 ? 1 : 0,
    ].join(',');
  });
}

export function fillRows(path: string | undefined, count: number): string[] {
  if (path === undefined) return madeFills(count);
  const raw = readFileSync(path);
  const text = (raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw).toString('utf8');
  return text
    .trim()
    .split('\n')
    .slice(1, 1 + count);
}

/** One execution line per row, at most 450 bytes. */
export function executionLine(row: string): string {
  const [id, at, symbol, side, lots, ticks, priceDigits, lotDigits, fee, maker] = row.split(',');
  const time = new Date(Number(at)).toISOString();
  return JSON.stringify({
    schemaVersion: 1,
    eventId: `bench:${id}`,
    eventType: 'execution',
    source: { system: 'bench' },
    environment: 'backtest',
    strategyId: 'bench',
    accountId: 'a1',
    tsEvent: time,
    seq: Number(id),
    execId: id,
    execType: 'trade',
    instrumentId: symbol,
    venue: 'sim',
    side: side === '1' ? 'buy' : 'sell',
    lastQty: scaled(lots!, Number(lotDigits)),
    lastPx: scaled(ticks!, Number(priceDigits)),
    transactTime: time,
    liquidity: maker === '1' ? 'maker' : 'taker',
    fees: [{ amount: scaled(fee!, 8), currency: 'USD' }],
  });
}

export function scaled(units: string, digits: number): string {
  const negative = units.startsWith('-');
  const text = (negative ? units.slice(1) : units).padStart(digits + 1, '0');
  const value = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return negative ? `-${value}` : value;
}
