import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decimalFromLiteral, isNegative, isPlainDecimal } from '../../core/events/decimal-text.ts';

describe('a plain decimal', () => {
  test.each(['0', '-0', '007', '12.50', '-0.00012300', '9'.repeat(64)])('is %s', text => {
    expect(isPlainDecimal(text)).toBe(true);
  });

  test.each(['', '-', '.', '.5', '5.', '+5', '1e3', '1_000', '0x10', ' 1', '1 ', '--1', '1.2.3', 'NaN', '٣', '9'.repeat(65)])(
    'is not %j',
    text => {
      expect(isPlainDecimal(text)).toBe(false);
    },
  );

  it('below zero is told from a negative zero', () => {
    expect([isNegative('-0.01'), isNegative('-0.00'), isNegative('1')]).toEqual([true, false, false]);
  });
});

describe('the literal of a number', () => {
  test.each([
    ['1.50e-3', '0.0015'],
    ['-12.0', '-12'],
    ['-0.0', '0'],
    ['1E5', '100000'],
    ['0.1e1', '1'],
    ['1234567890.12345', '1234567890.12345'],
  ])('%s becomes %s', (literal, decimal) => {
    expect(decimalFromLiteral(literal)).toBe(decimal);
  });

  test.each(['0.1234567890123456', '1e-70', '1e300', 'NaN'])('%s is refused', literal => {
    expect(decimalFromLiteral(literal)).toBeUndefined();
  });

  it('keeps its value', () => {
    const digits = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: -30, max: 12 }), (whole, power) => {
        expect(Number(decimalFromLiteral(`${whole}e${power}`))).toBe(Number(`${whole}e${power}`) + 0);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
