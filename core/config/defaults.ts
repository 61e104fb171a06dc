/** Every default of the configuration, in one place. */

/**
 * Limits of a strategy that sets none. Limits on positions, exposure, order rate and losing streaks have no default: they are a matter of
 * style that only the owner knows.
 */
export const defaultLimits = {
  dailyLoss: '1000',
  drawdown: 0.1,
  rejectShare: 0.05,
  orderLatencyMs: 500,
  marketDataAgeSeconds: 60,
  /** The tenth refusal in a row is no accident. */
  consecutiveRejects: 9,
  /** The fifth identical order within a second is a loop. */
  duplicateOrders: 4,
  priceCollar: 0.05,
  markAgeSeconds: 900,
  liquidationDistance: 0.03,
  unacknowledgedSeconds: 30,
  pendingCancelSeconds: 30,
} as const;

export const defaults = {
  stage: 'demo',
  calendar: '24x7',
  /** Days in a year of a market that never closes. */
  annualization: 365,
  riskFree: 0,
  costMethod: 'average',
  heartbeatIntervalSeconds: 10,
  /** Two missed beats. */
  heartbeatGraceSeconds: 30,
  /** Log subscriptions have no documented bound; seconds are usual. A direct heartbeat needs none. */
  heartbeatDeliverySeconds: { logs: 10, direct: 0 },
  heartbeatStartWithinSeconds: 900,
  heartbeatDeployGraceSeconds: 300,
  warmUpMinutes: 5,
  muteHorizonDays: 60,
  /** A day: rates of a weekend are Friday's. */
  groupRateMaxAgeSeconds: 86_400,
  probeTimeoutMs: 2000,
  probePeriodSeconds: 60,
  /** Kubernetes' own default. */
  probeFailureThreshold: 3,
  intakeRequestsPerSecond: 10,
  /** Of Kubernetes, where a bot names none. */
  namespace: 'default',
  retentionDays: 90,
  /** For fills that come late. */
  reportAfterCloseMinutes: 10,
  pagerdutyRegion: 'us',
  /** A signal that stops trading is first watched, then armed. */
  signalDryRun: true,
  signalsPerHour: 3,
  restartDryRun: true,
  /** The second restart within an hour did not help. */
  restartsPerHour: 2,
  /** Longer than a bot takes to start, and to be believed. */
  restartCooldownSeconds: 600,
  positionsMaxAgeSeconds: 900,
  /** What Kubernetes restarts for: dead, or alive and not answering. A bot that is not ready lacks something that no restart brings back. */
  restartOnAlarm: ['heartbeat-missing', 'not-live'],
} as const;
