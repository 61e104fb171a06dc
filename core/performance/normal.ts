/** The standard normal distribution. */

/** P(Z ≤ z), absolute error below 1e-15: erfc by series near zero and by continued fraction in the tails (Abramowitz and Stegun 7.1.6, 26.2.14). */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  if (size > 40) return z < 0 ? 0 : 1;
  const density = Math.exp((-size * size) / 2) / Math.sqrt(2 * Math.PI);
  if (size < 3) {
    let term = size;
    let sum = size;
    for (let odd = 3; Math.abs(term) > 1e-17 * sum; odd += 2) {
      term *= (size * size) / odd;
      sum += term;
    }
    const half = density * sum;
    return z < 0 ? 0.5 - half : 0.5 + half;
  }
  let fraction = size;
  for (let depth = 100; depth >= 1; depth--) fraction = size + depth / fraction;
  const tail = density / fraction;
  return z < 0 ? tail : 1 - tail;
}

/** The z with P(Z ≤ z) = p; undefined outside (0, 1). Bisection to a bracket of one unit, then Newton steps on the distribution above. */
export function normalQuantile(p: number): number | undefined {
  if (!(p > 0 && p < 1)) return undefined;
  if (p === 0.5) return 0;
  let low = -40;
  let high = 40;
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  let z = (low + high) / 2;
  for (let step = 0; step < 4; step++) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    z -= (normalCdf(z) - p) / density;
  }
  return z;
}
