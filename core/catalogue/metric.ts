/** What one row of the catalogue says. Rows are plain data; each output of the catalogue is a reader in a file of its own. */

import type { Statistic, TreatMissingData } from '../alarms/definition.ts';
import type { PresetName } from '../anomaly/presets.ts';
import { defaultLimits } from '../config/defaults.ts';
import type { GroupLimits, Severity, StrategyLimits } from '../config/types.ts';
import type { Resources } from '../events/types.ts';
import type { StrategyGauges } from '../ledger/gauges.ts';
import type { GroupGauges } from '../ledger/groups.ts';
import type { HostMetrics } from './host-metrics.ts';
import type { Quantity, Unit } from './unit.ts';

export type Category = 'system' | 'application' | 'trading' | 'health' | 'errors' | 'self';
export type Audience = 'developer' | 'trader' | 'operations';
export type DimensionName = 'Strategy' | 'RiskGroup' | 'Bot' | 'Function' | 'Queue';

/** Where the value comes from. Whoever publishes finds its rows by this, so no list of names exists twice. */
export type Source =
  /** A field of the ledger's gauges, published by `ledger` and again each minute by `heartbeat`. */
  | { readonly from: 'strategy'; readonly gauge: keyof StrategyGauges }
  /** A sum over the strategies of an account, desk or firm, published by `heartbeat`. */
  | { readonly from: 'group'; readonly gauge: keyof GroupGauges }
  /** The sum of fields of the newest heartbeat, published by `heartbeat` while it is fresh. */
  | { readonly from: 'heartbeat'; readonly fields: readonly HeartbeatField[] }
  /** What the health sweep of `heartbeat` decides. */
  | { readonly from: 'health'; readonly of: HealthValueName }
  /** CloudWatch's own count of log lines; works while every function is down. */
  | { readonly from: 'metricFilter'; readonly pattern: string; readonly dimension?: { readonly Strategy: string } }
  /** Every observed latency, by PutMetricData with values and counts, so that percentiles exist. */
  | { readonly from: 'sketch'; readonly of: 'orderAck' | 'orderFill' | 'orderCancel' | 'marketData' }
  /** Counted by a function while it works, as EMF. */
  | { readonly from: 'counter'; readonly of: CounterName; readonly by: FunctionName }
  /** Measured by a function while it works, as EMF. */
  | { readonly from: 'measure'; readonly of: MeasureName; readonly by: FunctionName }
  /** Published by an AWS service about one of our resources. */
  | { readonly from: 'aws'; readonly namespace: string; readonly metricName: string; readonly resources: AwsResources }
  /** The score of our own detector over a gauge of the ledger, published by `heartbeat` every five minutes: above 1 while an anomaly lasts. */
  | {
      readonly from: 'anomaly';
      readonly detector: 'nightdesk';
      readonly gauge: keyof StrategyGauges;
      readonly preset: PresetName;
      readonly is: Direction | 'outside';
    }
  /** Metric math over other rows; stored nowhere and free. Inputs that are missing are 0 unless the expression says otherwise. */
  | { readonly from: 'math'; readonly expression: string; readonly inputs: Readonly<Record<string, MathInput>> };

/** Which of our resources a service's metric is about. */
export type AwsResources =
  | { readonly kind: 'functions'; readonly only?: readonly FunctionName[]; readonly except?: readonly FunctionName[] }
  | { readonly kind: 'queues'; readonly only: readonly QueueName[] }
  /** The HTTP API of the stage. */
  | { readonly kind: 'api' }
  /** The machines of bots, measured by the agent, ECS or Container Insights. */
  | { readonly kind: 'bots'; readonly on: HostMetrics };

/** The events queue, the messages of the fast timer, and the dead-letter queues, by what fills them. */
export const queueNames = ['events', 'timer', 'events-dead', 'async-dead', 'notifier-dead', 'schedule-dead', 'wake', 'wake-dead'] as const;
export type QueueName = (typeof queueNames)[number];

export interface MathInput {
  readonly metric: string;
  readonly statistic: Statistic;
}

/** What the health sweep decides; each name is a row. */
export const healthValueNames = [
  'heartbeatAge',
  'liveness',
  'readiness',
  'startup',
  'telemetrySilent',
  'silentComponents',
  'orderAge',
  'fillAge',
  'missedFills',
  'quoteAge',
  'haltedOrders',
  'missingEvents',
  'codeVersions',
  'configVersions',
  'clockOffset',
  'probeTime',
  'probeDnsTime',
  'probeConnectTime',
  'probeTlsTime',
  'probeFirstByteTime',
  'blindProbes',
  'certificateDays',
  'muteHorizonDays',
] as const;
export type HealthValueName = (typeof healthValueNames)[number];

export type HeartbeatField = keyof Resources | 'queueDepth' | 'loopLagMs' | 'openOrders';
export type CounterName =
  | 'accepted'
  | 'conflicting'
  | 'duplicates'
  | 'late'
  | 'amended'
  | 'problems'
  | 'rejectedLines'
  | 'failedSends'
  | 'deadSends'
  | 'intakeAccepted'
  | 'intakeUnproven'
  | 'intakeRefused'
  | 'intakeThrottled'
  | 'intakeRepeated';
export type MeasureName = 'ingestLagMs' | 'pageLatencyMs' | 'incompleteNumbers' | 'markAgeSeconds';
export const functionNames = [
  'ingest',
  'ledger',
  'heartbeat',
  'timer',
  'notifier',
  'widgets',
  'intake',
  'actions',
  'report',
  'prober',
  'vpc-prober',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** `table` rows reach dashboards through a custom widget, unless the config publishes them to CloudWatch. */
export type Storage = 'cloudwatch' | 'table' | 'computed';

export type Widget =
  | { readonly kind: 'line' | 'stacked' | 'number' }
  | { readonly kind: 'gauge'; readonly min: number; readonly max: number }
  /** In the table of current values. */
  | { readonly kind: 'table' };

interface LimitUnits {
  readonly dailyLoss: 'money';
  readonly drawdown: 'share';
  readonly rejectShare: 'share';
  readonly orderLatencyMs: 'ms';
  readonly marketDataAgeSeconds: 'seconds';
  readonly positionQty: 'quantity';
  readonly positionSoftQty: 'quantity';
  readonly grossExposure: 'money';
  readonly lossStreak: 'count';
  readonly consecutiveRejects: 'count';
  readonly duplicateOrders: 'count';
  readonly ordersPerMinute: 'count';
  readonly priceCollar: 'share';
  readonly markAgeSeconds: 'seconds';
  readonly liquidationDistance: 'share';
  readonly unacknowledgedSeconds: 'seconds';
  readonly pendingCancelSeconds: 'seconds';
  readonly orderAgeSeconds: 'seconds';
  readonly fillAgeSeconds: 'seconds';
}

type LimitKey = keyof LimitUnits & keyof StrategyLimits;
type LimitKeyOf<U extends Unit> = { [K in LimitKey]: LimitUnits[K] extends U ? K : never }[LimitKey];

/** A limit that each strategy may set in the config. */
export interface ConfigLimit<U extends Unit> {
  readonly config: LimitKeyOf<U>;
  /** The config holds the positive twin; the alarm watches its negative. */
  readonly negated?: boolean;
  /** What examples are read with where the config has no default; without a configured limit there is no alarm. */
  readonly inExamples?: number;
}

interface GroupLimitUnits {
  readonly dailyLoss: 'money';
  readonly grossExposure: 'money';
  readonly netExposure: 'money';
}

/** A limit that each group of strategies may set in the config; there is no default. */
export interface GroupLimit<U extends Unit> {
  readonly group: { [K in keyof GroupLimitUnits]: GroupLimitUnits[K] extends U ? K : never }[keyof GroupLimitUnits];
  readonly negated?: boolean;
  readonly inExamples: number;
}

export type Limit<U extends Unit> = Quantity<U> | ConfigLimit<U> | GroupLimit<U>;

/** Whose limits are meant; neither: those that examples mean. */
export interface LimitOwner {
  readonly limits?: StrategyLimits;
  readonly group?: GroupLimits;
}

/** The limit of one strategy or group; undefined when it has none and there is no default. Without an owner: the limit that examples mean. */
export function limitValue(limit: Limit<Unit>, { limits, group }: LimitOwner = {}): number | undefined {
  if ('value' in limit) return limit.value;
  const written = 'group' in limit ? groupLimit(limit, group) : strategyLimit(limit, limits);
  if (written === undefined) return undefined;
  return limit.negated === true ? -Number(written) : Number(written);
}

const groupLimit = (limit: GroupLimit<Unit>, group: GroupLimits | undefined): string | number | undefined => {
  const key: keyof GroupLimitUnits = limit.group;
  return group === undefined ? limit.inExamples : group[key];
};

function strategyLimit(limit: ConfigLimit<Unit>, limits: StrategyLimits | undefined): string | number | undefined {
  const key: LimitKey = limit.config;
  return limits === undefined ? (limit.inExamples ?? defaultOf(key)) : (limits[key] ?? defaultOf(key));
}

const defaultOf = (key: LimitKey): string | number | undefined =>
  (defaultLimits as Readonly<Partial<Record<LimitKey, string | number>>>)[key];

export type Direction = 'above' | 'below';

/** Series that an alarm is shown: the metric's points, or those of each input of a math row. One point a period; `_` is missing. */
export type Example = string | Readonly<Record<string, string>>;

interface AlarmProse {
  /** Kebab-case; alarm names are computed from it. */
  readonly id: string;
  readonly severity: Severity;
  /** The first thing to do, in the words of the page. */
  readonly first: string;
  readonly runbook: readonly [string, ...string[]];
}

/** Statistic and timing of an alarm on one series. */
interface AlarmTiming {
  /** Defaults to the row's statistic. */
  readonly statistic?: Statistic;
  readonly everySeconds: 60 | 300;
  /** Breaching points, and of how many. */
  readonly held: readonly [number, number];
  /** What missing points mean. */
  readonly silence: TreatMissingData;
  /** Held back while the bot's heartbeat is missing: this is then a consequence, not a second incident. */
  readonly follows?: 'heartbeat-missing';
}

export interface LimitAlarm<U extends Unit = Unit> extends AlarmProse, AlarmTiming {
  readonly kind: 'threshold' | 'health' | 'errorCount' | 'errorShare' | 'heartbeat';
  readonly is: Direction;
  readonly limit: Limit<NoInfer<U>>;
  readonly fires: readonly [Example, ...Example[]];
  readonly quiet: readonly [Example, ...Example[]];
}

/** Outside the band that CloudWatch learns. Its model is unpublished, so examples run on our stand-in with a warm-up of normal points. */
export interface AnomalyAlarm extends AlarmProse, AlarmTiming {
  readonly kind: 'anomaly';
  readonly is: Direction | 'outside';
  /** Width of the band in standard deviations. */
  readonly deviations: number;
  readonly fires: readonly [Example, ...Example[]];
  readonly quiet: readonly [Example, ...Example[]];
}

export type AlarmRule<U extends Unit = Unit> = LimitAlarm<U> | AnomalyAlarm;

/** Silence is argued: a metric without an alarm says why. */
export type Watch<U extends Unit> =
  | { readonly alarms: readonly [AlarmRule<U>, ...AlarmRule<U>[]] }
  | { readonly alarms: 'none'; readonly because: string };

export interface Metric<U extends Unit = Unit> {
  /** Heading of its widget, without unit and statistic, which are added. */
  readonly title: string;
  /** A lower-case phrase that sentences are built with. */
  readonly means: string;
  readonly definition: string;
  readonly formula: string;
  readonly interpretation: string;
  readonly unit: U;
  readonly source: Source;
  readonly storage: Storage;
  /** How a minute's points become one number. */
  readonly statistic: Statistic;
  /** Each dimension, and how many values it takes per bot (per stage for `Function` and `Queue`). Empty: one series a stage. */
  readonly per: Readonly<Partial<Record<DimensionName, number>>>;
  /** A bot of several strategies reports this for one of them only; or nothing reports it where no bot has probes. */
  readonly only?: 'heartbeatStrategy' | 'probed';
  readonly audience: readonly Audience[];
  readonly widget: Widget;
  readonly watch: Watch<NoInfer<U>>;
}

/** Lets the compiler hold the limits of a row against its unit. */
export const metric = <const U extends Unit>(row: Metric<U>): Metric<U> => row;
