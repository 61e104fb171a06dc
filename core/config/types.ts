/** The configuration after validation, with every default filled in. Secrets are references, never values. */

import type { CalendarReference } from '../calendar/calendar.ts';
import type { Closure } from '../calendar/closures.ts';
import type { JobSchedule } from '../health/job-schedule.ts';
import type { Routing } from '../incidents/routing.ts';

export type Severity = 'critical' | 'warning' | 'info';

export interface SecretReference {
  /** Name or ARN of a Secrets Manager secret. */
  readonly secretName: string;
}

export type ChannelConfig =
  | { readonly kind: 'slack'; readonly webhook: SecretReference }
  | {
      readonly kind: 'slackApp';
      readonly botToken: SecretReference;
      /** Id of the Slack channel, such as `C0123456789`. */
      readonly channel: string;
      /** With it, messages have buttons. */
      readonly signingSecret?: SecretReference;
      /** Slack ids of the people who may press them; absent means everybody in the channel. */
      readonly people?: readonly string[];
    }
  | {
      readonly kind: 'pagerduty';
      readonly routingKey: SecretReference;
      readonly region: 'us' | 'eu';
      /** With it, what is done inside PagerDuty comes back. */
      readonly webhookSecret?: SecretReference;
    }
  | {
      readonly kind: 'telegram';
      readonly botToken: SecretReference;
      readonly chatId: string;
      /** With it, messages have buttons and the bot takes commands. */
      readonly webhookSecret?: SecretReference;
      /** Telegram ids of the people who may use them; absent means everybody in the chat. */
      readonly people?: readonly string[];
    }
  /** Through an SNS topic: one of this stack with these subscribers, or one that exists. */
  | { readonly kind: 'email'; readonly addresses: readonly string[]; readonly topicArn?: string }
  | { readonly kind: 'discord'; readonly webhook: SecretReference }
  | { readonly kind: 'teams'; readonly webhook: SecretReference }
  | { readonly kind: 'webhook'; readonly url: SecretReference; readonly signingSecret: SecretReference }
  | { readonly kind: 'amazonQ'; readonly topicArn?: string };

export interface StrategyLimits {
  /** Loss of the session in the strategy's currency, a positive decimal. */
  readonly dailyLoss?: string;
  /** Fraction of the equity peak, 0 to 1. */
  readonly drawdown?: number;
  /** Largest absolute quantity in one instrument, a positive decimal. */
  readonly positionQty?: string;
  /** From here on a position is large enough for a warning; 80 % of `positionQty` unless set. */
  readonly positionSoftQty?: string;
  /** Largest Σ |value| of open positions, in the strategy's currency. */
  readonly grossExposure?: string;
  /** Instruments that may be held; absent means any. */
  readonly instruments?: readonly string[];
  /** Whether positions outside the sessions of the calendar are unexpected. */
  readonly flatAtClose?: boolean;
  /** Losing round trips in a row. */
  readonly lossStreak?: number;
  /** New orders refused in a row. */
  readonly consecutiveRejects?: number;
  /** New orders with the same instrument, side, price and quantity within one second. */
  readonly duplicateOrders?: number;
  /** New orders in a minute. */
  readonly ordersPerMinute?: number;
  /** Distance of an execution's price from the mark or the mid at arrival, as a fraction of it. */
  readonly priceCollar?: number;
  /** Seconds since the mark of an open position, while the market is open. */
  readonly markAgeSeconds?: number;
  /** Distance of the mark from the liquidation price, as a fraction of the mark. */
  readonly liquidationDistance?: number;
  /** Seconds that a new order may wait for its acknowledgement. */
  readonly unacknowledgedSeconds?: number;
  /** Seconds that a cancel or replace may wait for its answer. */
  readonly pendingCancelSeconds?: number;
  /** Rejected new orders as a share of all, 0 to 1. */
  readonly rejectShare?: number;
  /** Milliseconds from submission to acknowledgement, 99th percentile. */
  readonly orderLatencyMs?: number;
  /** Seconds without market data before the feed is stale. */
  readonly marketDataAgeSeconds?: number;
  /** Seconds of open market without a new order, for a strategy that always sends some. */
  readonly orderAgeSeconds?: number;
  /** Seconds of open market without a fill, for a strategy that always trades. */
  readonly fillAgeSeconds?: number;
}

export interface StrategyConfig {
  readonly id: string;
  readonly botId: string;
  readonly venue?: string;
  /** Decides sessions and days. */
  readonly calendar: CalendarReference;
  /** Currency that totals are shown in; absent means that of the first account event, else of the fills. */
  readonly currency?: string;
  /** Decimal; absent means the first account equity. */
  readonly initialCapital?: string;
  readonly annualization: number;
  /** Annual, as a fraction. */
  readonly riskFree: number;
  readonly costMethod: 'average' | 'fifo';
  /** Instrument whose daily marks are the benchmark of alpha and beta. */
  readonly benchmark?: string;
  /** Older conversion rates than this convert nothing; absent means that a rate holds until the next one. */
  readonly rateMaxAgeSeconds?: number;
  readonly limits: StrategyLimits;
}

export interface GroupLimits {
  /** All in the group's currency. */
  readonly dailyLoss?: string;
  readonly grossExposure?: string;
  readonly netExposure?: string;
  /** Largest absolute net quantity of all strategies, by instrument. */
  readonly positionQty?: Readonly<Record<string, string>>;
}

/** Strategies with limits over all of them together. */
export interface RiskGroup {
  readonly id: string;
  readonly kind: 'account' | 'desk' | 'firm';
  readonly strategies: readonly string[];
  /** Of kind account: only what is held in it counts. */
  readonly accountId?: string;
  readonly currency: string;
  /** Rates that hold until the config changes, by `FROM/TO`: units of the second for one of the first. */
  readonly rates: Readonly<Record<string, string>>;
  /** Older rates that strategies have heard convert nothing. */
  readonly rateMaxAgeSeconds: number;
  readonly limits: GroupLimits;
}

export interface ProbeTarget {
  /** `http`, `https`, `tcp`, `grpc` or `grpcs`. */
  readonly url: string;
  readonly timeoutMs: number;
}

export interface ProbeConfig extends ProbeTarget {
  /** Whole minutes: the sweep asks. */
  readonly periodSeconds: number;
  readonly initialDelaySeconds: number;
  readonly failureThreshold: number;
  /** Always 1 for liveness and startup. */
  readonly successThreshold: number;
}

/** How a bot sends over HTTPS. */
export interface IntakeConfig {
  /** Secret with one key, or two while they are rotated, one a line. */
  readonly key: SecretReference;
  /** True when nothing of the bot reaches its log group but through intake, as for a bot outside AWS. */
  readonly everything: boolean;
  /** In the long run; five seconds' worth may come at once. */
  readonly requestsPerSecond: number;
}

export interface BotSignalsConfig {
  /** A signed POST to the bot, or a message to an SNS topic that it reads. */
  readonly webhook?: { readonly url: SecretReference; readonly signingSecret: SecretReference };
  readonly topicArn?: string;
  /** Records what would be sent, and sends nothing. */
  readonly dryRun: boolean;
  readonly maxPerHour: number;
  /** Catalogue alarms that send by themselves when they begin to fire. */
  readonly onAlarm: Readonly<Record<string, 'halt' | 'reduceOnly'>>;
}

/** Restarts the ECS service that a bot runs in when the bot has died or hangs. Everything that is not certain keeps it from restarting. */
export interface EcsRestartConfig {
  /** Names, without what stands before them in an ARN. */
  readonly cluster: string;
  readonly service: string;
  /** The service's ARN where the config names one; absent means the account and region of the stack. */
  readonly arn?: string;
  /** Catalogue alarms of this bot, or of its strategies, that restart it when they begin to fire. */
  readonly onAlarm: readonly string[];
  /** Records what would be done, and restarts nothing. */
  readonly dryRun: boolean;
  /** Restarts of the service, whatever the incidents. */
  readonly maxPerHour: number;
  /** After a start, a deploy or a restart; an order that comes earlier waits. */
  readonly cooldownSeconds: number;
  /** What is known of positions counts as unknown when nothing was heard of the bot for longer. */
  readonly positionsMaxAgeSeconds: number;
  /** Also with open positions or working orders, or while they are not known. */
  readonly evenWithOpenPositions: boolean;
  /** Also where ECS starts the new task before the old one has stopped. */
  readonly allowOverlap: boolean;
}

export interface BeatConfig {
  readonly intervalSeconds: number;
  /** How much later than the interval a heartbeat may come before the bot counts as down. */
  readonly graceSeconds: number;
  /** Allowance for the way of a heartbeat to us. */
  readonly deliverySeconds: number;
  /** For a part that works at set times. */
  readonly schedule?: JobSchedule<CalendarReference>;
}

export interface HeartbeatConfig extends BeatConfig {
  /** Which strategyId carries the bot's heartbeats. */
  readonly strategyId: string;
  /** Calendar outside of whose sessions no heartbeat is awaited. */
  readonly calendar: CalendarReference;
  /** How long a bot may stay unheard after its first sweep. */
  readonly startWithinSeconds: number;
  /** How long a deploy excuses silence. */
  readonly deployGraceSeconds: number;
  /** Parts that differ from the bot. */
  readonly components: Readonly<Record<string, BeatConfig>>;
}

/** Where a bot runs: whose metrics its machine has. */
export type RunsOn =
  /** A machine with the CloudWatch agent, configured by `nightdesk agent-config`. */
  | { readonly on: 'ec2' }
  | { readonly on: 'ecs'; readonly cluster: string; readonly service: string }
  /** With Container Insights. */
  | { readonly on: 'kubernetes'; readonly cluster: string; readonly namespace: string; readonly deployment: string };

export interface BotConfig {
  readonly id: string;
  readonly strategies: readonly StrategyConfig[];
  readonly logGroup: { readonly name: string; readonly adopt: boolean };
  readonly heartbeat: HeartbeatConfig;
  /** Where the bot listens for signals to halt or to reduce only; absent means that it cannot be told. */
  readonly signals?: BotSignalsConfig;
  /** Absent means that nothing restarts it. */
  readonly ecsRestart?: EcsRestartConfig;
  /** Stack of the bot's alarms and filters; absent means ten bots a stack, in order. */
  readonly group?: string;
  /** Absent means that the bot's log group is its only way in. */
  readonly intake?: IntakeConfig;
  /** Absent means that only the bot itself tells of its machine. */
  readonly runsOn?: RunsOn;
  readonly probes: { readonly liveness?: ProbeConfig; readonly readiness?: ProbeConfig; readonly startup?: ProbeConfig };
  readonly probedFrom: 'vpc' | 'internet';
}

/** Of an existing VPC: where probes come from. */
export interface ProbeVpc {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** A watch on the watch (docs/alerting.md): what works while our functions do not. */
export interface WatchConfig {
  /** Called each minute while the notifier works; an outside service notices its silence. */
  readonly deadManUrl?: SecretReference;
  /** Addresses that the critical topic tells directly. */
  readonly email?: readonly string[];
  /** PagerDuty's own integration with the critical topic. */
  readonly pagerduty?: { readonly integrationKey: SecretReference; readonly region: 'us' | 'eu' };
  /** When a page marked TEST takes the whole path. */
  readonly testPage?: { readonly cron: string; readonly zone: string };
}

/** How alarms that only mean something in an open market are muted. */
export interface ClosedMarkets {
  /** Minutes after an opening before anybody is paged. */
  readonly warmUpMinutes: number;
  /** Days ahead for which mute rules are made at each synth. */
  readonly horizonDays: number;
}

export interface ReportsConfig {
  /** Minutes after the close of a session, for late fills. */
  readonly afterCloseMinutes: number;
  readonly periods: readonly ('day' | 'week' | 'month')[];
}

export interface NightdeskConfig {
  readonly stage: string;
  readonly bots: readonly BotConfig[];
  /** Absent means none. */
  readonly groups?: readonly RiskGroup[];
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  /** Channel ids per severity; where `routing` holds a tree, what it comes to for an alert with a severity and nothing else. */
  readonly routes: Readonly<Record<Severity, readonly string[]>>;
  /** Who is told what and when; absent: each alert by its severity, at once. */
  readonly routing?: Routing;
  readonly watch?: WatchConfig;
  readonly retentionDays: number;
  readonly closedMarkets: ClosedMarkets;
  /** Planned closures that no calendar knows; absent means none. */
  readonly closures?: readonly Closure[];
  /** Ids of catalogue rows of the table that go to CloudWatch as well, each about $0.30 a month per strategy or bot. */
  readonly publish?: readonly string[];
  readonly budgetUsdPerMonth?: number;
  /** Absent means that all probes come from the internet. */
  readonly probeVpc?: ProbeVpc;
  /** By where probes come from: a host that is up whenever the prober's own network is. */
  readonly probeControls?: Readonly<Partial<Record<BotConfig['probedFrom'], ProbeTarget>>>;
  /** Summaries after the close, to where info goes; absent means none. */
  readonly reports?: ReportsConfig;
  /** Where links in messages point; absent means the CloudWatch console. */
  readonly dashboardBaseUrl?: string;
  /** Page of the runbooks, to which an alarm's anchor is added; absent means that messages name the place in our documentation. */
  readonly runbookUrl?: string;
  /** Zone of the people on call: messages show its time beside UTC. */
  readonly timeZone?: string;
}
