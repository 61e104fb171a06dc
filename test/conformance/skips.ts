/** Conventions of other tools that we can explain but do not compute. Only cases with `house_default: false` may be skipped. */
export interface Skip {
  readonly metric: string;
  /** Parameters that mark the convention; all must be equal. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly reason: string;
}

export const skips: readonly Skip[] = [
  {
    metric: 'sharpe_lean',
    reason:
      'lifts the arithmetic mean geometrically, (1 + mean)^A − 1, and divides by an arithmetically annualised deviation: two conventions in one ratio',
  },
  {
    metric: 'probabilistic_sharpe',
    params: { kurtosis_arg: 'excess' },
    reason: 'puts the excess kurtosis into a formula that is defined on the raw one',
  },
];
