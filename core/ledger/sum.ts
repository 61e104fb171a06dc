import { type Decimal, pow10, unitsAt } from '../money/decimal.ts';

/** A running exact total: a decimal that grows in place, as fine as the finest amount it has seen. */
export interface Sum {
  units: bigint;
  scale: number;
}

export function emptySum(): Sum {
  return { units: 0n, scale: 0 };
}

export function copySum(sum: Sum): Sum {
  return { units: sum.units, scale: sum.scale };
}

export function addUnits(sum: Sum, units: bigint, scale: number): void {
  if (scale === sum.scale) {
    sum.units += units;
  } else if (scale < sum.scale) {
    sum.units += units * pow10(sum.scale - scale);
  } else {
    sum.units = unitsAt(sum, scale) + units;
    sum.scale = scale;
  }
}

export function addTo(sum: Sum, value: Decimal): void {
  addUnits(sum, value.units, value.scale);
}
