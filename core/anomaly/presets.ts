/** The three numbers of a preset. Everything else is the same for every series and argued in docs/anomaly.md. */
export interface Sensitivity {
  /** Trailing window, in steps of five minutes, that a deviation is averaged over. Longer ignores more spikes and decides later. */
  readonly smoothSteps: number;
  /** The share of past smoothed deviations that counts as usual. */
  readonly usualShare: number;
  /** How many times the usual largest deviation is an anomaly. */
  readonly times: number;
}

export const presets = {
  /** Shows what is worth a look: about one wrong mark a week and series on the benchmark. */
  sensitive: { smoothSteps: 12, usualShare: 0.99, times: 1.3 },
  /** The default of alarms: two hours of twice the usual largest deviation. */
  quiet: { smoothSteps: 24, usualShare: 0.99, times: 2 },
} as const satisfies Record<string, Sensitivity>;

export type PresetName = keyof typeof presets;

/** Days that are remembered, per series: two trading weeks. */
export const MEMORY_DAYS = 10;
