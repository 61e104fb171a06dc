import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  compare,
  type Decimal,
  divideHalfEven,
  formatDecimal,
  multiply,
  parseDecimal,
  roundHalfEven,
  subtract,
  toApproximate,
  tryParseDecimal,
} from '../../core/money/decimal.ts';
import { addMoney } from '../../core/money/money.ts';

const text = (value: Decimal) => formatDecimal(value);
const decimals = fc.record({ units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.integer({ min: 0, max: 24 }) });

describe('text', () => {
  test.each([
    ['0', '0'],
    ['-0.000', '0'],
    ['10.500', '10.5'],
    ['-0.00012300', '-0.000123'],
    ['100', '100'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+7', '7'],
    ['123456789012345678901234567890.1234567890123456789', '123456789012345678901234567890.1234567890123456789'],
  ])('%s is written %s', (input, output) => {
    expect(text(parseDecimal(input))).toBe(output);
  });

  test.each(['', '-', '.', '1e5', '1.2.3', ' 1', 'NaN', 'Infinity', '0x10', '1,000'])('%j is no decimal', input => {
    expect(tryParseDecimal(input)).toBeUndefined();
    expect(() => parseDecimal(input)).toThrow(RangeError);
  });

  test('what is written is read back as the same value', () => {
    fc.assert(fc.property(decimals, value => compare(parseDecimal(text(value)), value) === 0));
  });
});

describe('arithmetic', () => {
  test('a sum taken apart again leaves nothing', () => {
    fc.assert(fc.property(decimals, decimals, (a, b) => compare(subtract(add(a, b), b), a) === 0));
  });

  test('products distribute over sums', () => {
    fc.assert(
      fc.property(decimals, decimals, decimals, (a, b, c) => compare(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c))) === 0),
    );
  });

  test.each([
    ['1', '3', 4, '0.3333'],
    ['2', '3', 4, '0.6667'],
    ['1', '8', 2, '0.12'],
    ['3', '8', 2, '0.38'],
    ['-1', '8', 2, '-0.12'],
    ['-3', '8', 2, '-0.38'],
    ['1', '-8', 2, '-0.12'],
    ['0.00000001', '10000', 2, '0'],
  ])('%s / %s at %i digits is %s', (a, b, scale, expected) => {
    expect(text(divideHalfEven(parseDecimal(a), parseDecimal(b), scale))).toBe(expected);
  });

  test('division by zero throws', () => {
    expect(() => divideHalfEven(parseDecimal('1'), parseDecimal('0'), 2)).toThrow(RangeError);
  });

  test.each([
    ['2.5', 0, '2'],
    ['3.5', 0, '4'],
    ['-2.5', 0, '-2'],
    ['1.005', 2, '1'],
    ['1.015', 2, '1.02'],
  ])('%s at %i digits is %s', (value, scale, expected) => {
    expect(text(roundHalfEven(parseDecimal(value), scale))).toBe(expected);
  });

  test('the float is the nearest one', () => {
    expect(toApproximate(parseDecimal('0.1'))).toBe(0.1);
    expect(toApproximate(parseDecimal('123456789012345678'))).toBe(123456789012345680);
  });

  test('unlike currencies never add', () => {
    const one = { currency: 'USD', amount: parseDecimal('1') };
    expect(() => addMoney(one, { ...one, currency: 'EUR' })).toThrow('USD with EUR');
  });
});
