/**
 * Two strategies, as pure functions of the closes seen so far. Signals are floats; what is ordered is a whole number of
 * lots. A strategy says which position it wants and how urgently, and knows nothing of orders.
 */

export interface Wish {
  /** Position wanted, in quote currency, signed. */
  readonly notional: number;
  /** Pay the spread rather than wait. */
  readonly urgent: boolean;
  readonly reason: string;
}

export interface Strategy {
  /** Sees the next close and the share of the largest position held (−1 to 1). Undefined while it is still warming up. */
  readonly onClose: (close: number, held: number) => Wish | undefined;
}

export interface MeanReversionSettings {
  /** Bars of the rolling window. */
  readonly window: number;
  /** Distance from the mean, in standard deviations, at which to enter and to leave. */
  readonly enter: number;
  readonly leave: number;
  /** Distance at which the idea was wrong. */
  readonly stop: number;
  /** Bars after which a position is given up. */
  readonly patience: number;
  /** Largest position, in quote currency. */
  readonly largest: number;
}

interface Window {
  readonly push: (value: number) => void;
  readonly isFull: () => boolean;
  readonly mean: () => number;
  readonly deviation: () => number;
}

/** The last `size` values in a ring. Recomputed each time: adding and removing would let rounding pile up. */
function createWindow(size: number): Window {
  const ring = new Float64Array(size);
  let count = 0;
  const mean = () => ring.reduce((sum, value) => sum + value, 0) / size;
  return {
    push: value => {
      ring[count++ % size] = value;
    },
    isFull: () => count >= size,
    mean,
    deviation: () => {
      const centre = mean();
      return Math.sqrt(ring.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (size - 1));
    },
  };
}

/**
 * z = (close − mean) / deviation over the window, sample deviation. Against a stretched price, out again near the mean,
 * when the stretch grows past the stop, or when patience ends; after a stop it waits until the price is back.
 */
export function meanReversion(settings: MeanReversionSettings): Strategy {
  const window = createWindow(settings.window);
  let barsHeld = 0;
  let isBurnt = false;

  return {
    onClose: (close, held) => {
      window.push(close);
      const deviation = window.isFull() ? window.deviation() : 0;
      if (deviation === 0) return undefined;
      const z = (close - window.mean()) / deviation;
      barsHeld = held === 0 ? 0 : barsHeld + 1;
      if (Math.abs(z) < settings.leave) isBurnt = false;
      const out = (reason: string, urgent: boolean): Wish => ({ notional: 0, urgent, reason: `${reason} (z ${z.toFixed(2)})` });

      if (held !== 0) {
        if (z * held > 0 || Math.abs(z) < settings.leave) return out('back at the mean', false);
        if (Math.abs(z) > settings.stop || barsHeld > settings.patience) {
          isBurnt = true;
          return out(barsHeld > settings.patience ? 'patience is over' : 'stretched past the stop', true);
        }
        return { notional: Math.sign(held) * settings.largest, urgent: false, reason: 'hold' };
      }
      if (isBurnt || Math.abs(z) < settings.enter || Math.abs(z) > settings.stop) return out('nothing to do', false);
      return { notional: -Math.sign(z) * settings.largest, urgent: false, reason: `stretched (z ${z.toFixed(2)})` };
    },
  };
}

export interface TrendSettings {
  /** Bars of the two averages. */
  readonly fast: number;
  readonly slow: number;
  /** The averages must part by this many bar deviations before the side changes. */
  readonly band: number;
  /** Quote currency that one deviation of a bar may move; decides the size. */
  readonly riskPerBar: number;
  readonly largest: number;
}

/**
 * Side = sign(EMA fast − EMA slow), changed only when they part by more than `band` deviations of a bar; size = risk per
 * bar / (deviation of a bar's return, EWMA with λ = 0.97), at most `largest`, and kept until the side changes.
 */
export function trendFollowing(settings: TrendSettings): Strategy {
  let fast = Number.NaN;
  let slow = Number.NaN;
  let last = Number.NaN;
  let variance = 0;
  let bars = 0;
  let side = 0;
  let size = 0;
  const average = (before: number, close: number, span: number) =>
    Number.isNaN(before) ? close : before + (2 / (span + 1)) * (close - before);

  return {
    onClose: close => {
      const change = Number.isNaN(last) ? 0 : close / last - 1;
      last = close;
      bars += 1;
      fast = average(fast, close, settings.fast);
      slow = average(slow, close, settings.slow);
      variance = bars <= 2 ? change * change : 0.97 * variance + 0.03 * change * change;
      const deviation = Math.sqrt(variance);
      if (bars < settings.slow || deviation === 0) return undefined;
      const apart = (fast / slow - 1) / deviation;
      const next = apart > settings.band ? 1 : apart < -settings.band ? -1 : Math.abs(apart) < settings.band / 3 ? 0 : side;
      if (next !== side) {
        side = next;
        size = Math.min(settings.largest, settings.riskPerBar / deviation);
      }
      return { notional: side * size, urgent: side === 0, reason: `averages ${apart.toFixed(2)} deviations apart` };
    },
  };
}
