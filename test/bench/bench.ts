export interface BenchOptions {
  /** A quick look instead of the full measurement. */
  readonly short: boolean;
}

/** One module of `npm run bench`: prints figures, as ratios wherever two things can be timed in one run. */
export interface Bench {
  readonly name: string;
  readonly run: (options: BenchOptions) => Promise<void>;
}
