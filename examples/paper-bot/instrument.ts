import { type Decimal, formatDecimal, parseDecimal, pow10 } from '../../core/money/decimal.ts';

/**
 * What is traded. Inside the bot prices are whole ticks and quantities whole lots (plain numbers), and money is a bigint
 * of 1e-8 of the quote currency, so nothing is ever rounded but a fee, and that where the venue rounds it.
 */
export interface Instrument {
  readonly instrumentId: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly tickSize: string;
  readonly lotSize: string;
  /** Pays funding every eight hours. */
  readonly isPerpetual: boolean;
}

/** Digits of money after the point. */
export const moneyScale = 8;

export interface Units {
  readonly price: (ticks: number) => string;
  readonly qty: (lots: number) => string;
  /** Money of lots at a price; negative lots give negative money. */
  readonly notional: (ticks: number, lots: number) => bigint;
  readonly ticksOf: (price: number) => number;
  readonly lotsOf: (qty: number) => number;
  /** Average price as money per lots, to eight digits. */
  readonly averagePrice: (cost: bigint, lots: number) => string;
}

const step = (size: Decimal, count: number): string => formatDecimal({ units: size.units * BigInt(count), scale: size.scale });

export const money = (units: bigint): string => formatDecimal({ units, scale: moneyScale });

/** @throws RangeError when tick and lot together are finer than 1e-8. */
export function unitsOf(instrument: Instrument): Units {
  const tick = parseDecimal(instrument.tickSize);
  const lot = parseDecimal(instrument.lotSize);
  const rest = moneyScale - tick.scale - lot.scale;
  if (rest < 0)
    throw new RangeError(`${instrument.instrumentId}: tick ${instrument.tickSize} and lot ${instrument.lotSize} are finer than money`);
  const perTickLot = tick.units * lot.units * pow10(rest);
  const lotMoney = lot.units * pow10(moneyScale - lot.scale);
  return {
    price: ticks => step(tick, ticks),
    qty: lots => step(lot, lots),
    notional: (ticks, lots) => BigInt(ticks) * BigInt(lots) * perTickLot,
    ticksOf: price => Math.max(1, Math.round(price / Number(instrument.tickSize))),
    lotsOf: qty => Math.round(qty / Number(instrument.lotSize)),
    averagePrice: (cost, lots) => formatDecimal({ units: (cost * pow10(moneyScale)) / (BigInt(lots) * lotMoney), scale: moneyScale }),
  };
}
