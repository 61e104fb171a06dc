/** What a person writes in nightdesk.config.ts. Everything that is left out has a default (core/config/defaults.ts). */
import type { CalendarConfig } from '../calendar/custom.ts';
import type { RoutingInput } from './routing-input.ts';
import type { SecretReference, Severity } from './types.ts';

/** Money and quantities: a decimal as text, or a number of up to 15 significant digits. */
export type DecimalInput = string | number;

export interface LimitsInput {
  /** Largest loss of a session, positive, in the strategy's currency. Default 1000. */
  readonly dailyLoss?: DecimalInput;
  /** Largest fall below the equity peak, as a fraction. Default 0.1. */
  readonly drawdown?: number;
  /** Largest absolute quantity in one instrument. Default none. */
  readonly positionQty?: DecimalInput;
  /** Quantity from which on a position is worth a warning. Default 80 % of `positionQty`. */
  readonly positionSoftQty?: DecimalInput;
  /** Largest sum of the absolute values of open positions, in the strategy's currency. Default none. */
  readonly grossExposure?: DecimalInput;
  /** Instruments that the strategy may hold; a position in any other is unexpected. Default: any. */
  readonly instruments?: readonly string[];
  /** Positions outside the calendar's sessions are unexpected. Default false. */
  readonly flatAtClose?: boolean;
  /** Most losing round trips in a row. Default none. */
  readonly lossStreak?: number;
  /** Most new orders refused in a row. Default 9. */
  readonly consecutiveRejects?: number;
  /** Most identical new orders (instrument, side, price, quantity) within one second. Default 4. */
  readonly duplicateOrders?: number;
  /** Most new orders in a minute. Default none. */
  readonly ordersPerMinute?: number;
  /** Largest distance of an execution's price from the mark (or the mid at arrival), as a fraction. Default 0.05. */
  readonly priceCollar?: number;
  /** Seconds that the mark of an open position may be old while its market is open. Default 900. */
  readonly markAgeSeconds?: number;
  /** Smallest distance of the mark from the liquidation price, as a fraction of the mark. Default 0.03. */
  readonly liquidationDistance?: number;
  /** Seconds that a new order may wait for its acknowledgement. Default 30. */
  readonly unacknowledgedSeconds?: number;
  /** Seconds that a cancel or replace may wait for its answer. Default 30. */
  readonly pendingCancelSeconds?: number;
  /** Rejected orders as a share of all, as a fraction. Default 0.05. */
  readonly rejectShare?: number;
  /** Milliseconds to acknowledgement, 99th percentile. Default 500. */
  readonly orderLatencyMs?: number;
  /** Seconds without market data. Default 60. */
  readonly marketDataAgeSeconds?: number;
  /** Seconds of open market without a new order. Default none. */
  readonly orderAgeSeconds?: number;
  /** Seconds of open market without a fill. Default none. */
  readonly fillAgeSeconds?: number;
}

/** What a bot may set once for all of its strategies, and a strategy again for itself. */
interface TradingInput {
  readonly venue?: string;
  /** One of docs/calendars.md or of `calendars`. Default `24x7`. */
  readonly calendar?: string;
  readonly currency?: string;
  readonly initialCapital?: DecimalInput;
  /** Trading days a year. Default: the calendar's. */
  readonly annualization?: number;
  /** Annual, as a fraction. Default 0. */
  readonly riskFree?: number;
  /** Default `average`. */
  readonly costMethod?: 'average' | 'fifo';
  /** Instrument whose marks (marketData events of the strategy) alpha and beta are measured against. Default: none. */
  readonly benchmark?: string;
  /** Amounts whose conversion rate is older are withheld, with a finding. Default: a rate holds until the next one. */
  readonly rateMaxAgeSeconds?: number;
  readonly limits?: LimitsInput;
}

export interface StrategyInput extends TradingInput {
  readonly id: string;
}

/** Limits over several strategies together, in the group's currency. Default: none of them. */
export interface GroupLimitsInput {
  /** Largest loss of all sessions together, positive. */
  readonly dailyLoss?: DecimalInput;
  /** Largest sum of the absolute values of all positions. */
  readonly grossExposure?: DecimalInput;
  /** Largest absolute value of longs less shorts. */
  readonly netExposure?: DecimalInput;
  /** Largest absolute net quantity, by instrument. */
  readonly positionQty?: Readonly<Record<string, DecimalInput>>;
}

interface GroupBasis {
  /** Currency of the limits; other currencies are converted at the newest rates that the strategies report, or at `rates`. */
  readonly currency: string;
  /** Fixed rates by `FROM/TO`, such as `{ 'EUR/USD': '1.08' }`; they win over reported ones. */
  readonly rates?: Readonly<Record<string, DecimalInput>>;
  /** Reported rates that are older convert nothing, and the limit is not judged. Default 86400. */
  readonly rateMaxAgeSeconds?: number;
  readonly limits: GroupLimitsInput;
}

export type GroupInput =
  /** What is held in one account, by whichever strategy. */
  | (GroupBasis & { readonly kind: 'account'; readonly accountId: string })
  | (GroupBasis & { readonly kind: 'desk'; readonly strategies: readonly string[] })
  /** Default: all strategies. */
  | (GroupBasis & { readonly kind: 'firm'; readonly strategies?: readonly string[] });

/** A URL, or a URL with its own timing. */
export type ProbeInput =
  | string
  | {
      /** `http(s)://…`, `tcp://host:port`, `grpc(s)://host:port/service`. */
      readonly url: string;
      /** Default 2000. */
      readonly timeoutMs?: number;
      /** Whole minutes. Default 60. */
      readonly periodSeconds?: number;
      /** After a run of the bot began. Default 0. */
      readonly initialDelaySeconds?: number;
      /** Default 3. */
      readonly failureThreshold?: number;
      /** Default 1; others for readiness only. */
      readonly successThreshold?: number;
    };

/** Signals to the bot to halt, or to open nothing new: pressed on a page in two steps, or sent by an alarm. docs/channels.md has the receiver. */
export interface BotSignalsInput {
  /** A signed POST to the bot; `bot/` has a receiver that checks it. */
  readonly webhook?: { readonly url: SecretReference; readonly signingSecret: SecretReference };
  /** Or a message to an SNS topic that the bot reads. */
  readonly topicArn?: string;
  /** Default true: what would be sent is recorded, and nothing is sent. */
  readonly dryRun?: boolean;
  /** Default 3. */
  readonly maxPerHour?: number;
  /** Alarms of docs/metrics.md that send by themselves, such as `{ 'session-loss': 'halt' }`. Default none. */
  readonly onAlarm?: Readonly<Record<string, 'halt' | 'reduceOnly'>>;
}

/**
 * Restarts the bot's ECS service (UpdateService with a forced new deployment) when the bot has died or hangs. docs/health.md says when it is not done.
 * Where the bot has `runsOn: { on: 'ecs', … }`, cluster and service are those; `ecsRestart: {}` is a dry run.
 */
export interface EcsRestartInput {
  /** Name or ARN. */
  readonly cluster?: string;
  /** Name or ARN. */
  readonly service?: string;
  /** Alarms of docs/metrics.md about this bot or its strategies. Default `['heartbeat-missing', 'not-live']`. */
  readonly onAlarm?: readonly string[];
  /** Default true: what would be done is recorded, and nothing is restarted. */
  readonly dryRun?: boolean;
  /** Of the service, over all incidents. Default 2. */
  readonly maxPerHour?: number;
  /** Seconds after a start, a deploy or a restart in which it is left alone, 60 to 1800. Default 600. */
  readonly cooldownSeconds?: number;
  /** When nothing was heard of the bot for longer, its positions count as unknown. Default 900. */
  readonly positionsMaxAgeSeconds?: number;
  /** Default false: open positions, working orders, or not knowing of them, keep it from restarting. */
  readonly evenWithOpenPositions?: boolean;
  /** Default false: a service whose maximumPercent lets two tasks of a bot run side by side is not restarted. */
  readonly allowOverlap?: boolean;
}

export type ScheduleInput =
  | {
      readonly expression: string;
      /** IANA zone. Default UTC. */
      readonly zone?: string;
      /** On trading days of this calendar only, by the date in `zone`. Default every day that the expression names. */
      readonly calendar?: string;
    }
  | {
      /** Once for each session of the calendar, short days included. */
      readonly calendar: string;
      readonly at: 'open' | 'close';
      /** Minutes after it, or before it below 0; at most half a day. Default 0. */
      readonly offsetMinutes?: number;
    };

export interface BotInput extends TradingInput {
  readonly id: string;
  /** Default: one strategy with the bot's id. */
  readonly strategies?: readonly (string | StrategyInput)[];
  /** Default: a new group `/nightdesk/<stage>/<bot id>`. `adopt` names one that exists. */
  readonly logGroup?: { readonly name: string } | { readonly adopt: string };
  readonly heartbeat?: {
    /** Default 10; at most 60. */
    readonly intervalSeconds?: number;
    /** Default 30. */
    readonly graceSeconds?: number;
    /** Default: the first strategy. */
    readonly strategyId?: string;
    /** How heartbeats reach us: as log lines, or sent directly to the intake. Default `logs`, and `direct` where everything comes through intake. */
    readonly via?: 'logs' | 'direct';
    /** Allowance for their way. Default 10 by logs, 0 directly. */
    readonly deliverySeconds?: number;
    /** Outside of its sessions no heartbeat is awaited. Default: the calendar of the strategy that carries the heartbeats. */
    readonly calendar?: string;
    /** A bot that is not heard within this time after it was deployed here is dead. Default 900. */
    readonly startWithinSeconds?: number;
    /** How long a control event `deploy` excuses silence. Default 300. */
    readonly deployGraceSeconds?: number;
    /** For a job: EventBridge's `cron(…)` or `rate(…)`; a run that has begun must end within the grace. */
    readonly schedule?: ScheduleInput;
    /** Parts of the bot that differ, by the `component` of their heartbeats. */
    readonly components?: Readonly<
      Record<string, { readonly intervalSeconds?: number; readonly graceSeconds?: number; readonly schedule?: ScheduleInput }>
    >;
  };
  /** Lets the bot send signed events over HTTPS (docs/intake.md). */
  readonly intake?: {
    /** Secret with one key, or two while they are rotated, one a line; each of at least 32 characters. */
    readonly key: SecretReference;
    /** True for a bot whose log lines come through intake too, such as one outside AWS. Default false: it also writes its log group. */
    readonly everything?: boolean;
    /** Default 10. */
    readonly requestsPerSecond?: number;
  };
  /** Where it runs, for alarms and charts on its machine (docs/where-bots-run.md). Default: only the bot itself tells of it. */
  readonly runsOn?:
    | { readonly on: 'ec2' }
    | { readonly on: 'ecs'; readonly cluster: string; readonly service: string }
    /** Default namespace: `default`; default deployment: the bot's id in lower case with dashes. */
    | { readonly on: 'kubernetes'; readonly cluster: string; readonly namespace?: string; readonly deployment?: string };
  readonly probes?: {
    readonly liveness?: ProbeInput;
    readonly readiness?: ProbeInput;
    readonly startup?: ProbeInput;
    /** Where they come from. Default: `vpc` where `probeVpc` is set, else `internet`. */
    readonly from?: 'vpc' | 'internet';
  };
  readonly group?: string;
  readonly signals?: BotSignalsInput;
  readonly ecsRestart?: EcsRestartInput;
}

/** docs/channels.md says for each how it is set up, and what it can and cannot. */
export type ChannelInput =
  /** An incoming webhook: nothing to set up, new messages only. */
  | { readonly kind: 'slack'; readonly webhook: SecretReference }
  /** A bot token: one message per incident, edited as it changes, with thread, chart and, with the signing secret, buttons. */
  | {
      readonly kind: 'slackApp';
      readonly botToken: SecretReference;
      /** Id of the channel, such as `C0123456789`. */
      readonly channel: string;
      readonly signingSecret?: SecretReference;
      /** Slack ids of the people who may press buttons. Default: everybody in the channel. */
      readonly people?: readonly string[];
    }
  | {
      readonly kind: 'pagerduty';
      readonly routingKey: SecretReference;
      readonly region?: 'us' | 'eu';
      /** Of a v3 webhook: acknowledgements and resolutions made inside PagerDuty come back. */
      readonly webhookSecret?: SecretReference;
    }
  | {
      readonly kind: 'telegram';
      readonly botToken: SecretReference;
      readonly chatId: string | number;
      /** The `secret_token` of setWebhook: buttons, /status, /ack and /silence work. */
      readonly webhookSecret?: SecretReference;
      /** Telegram ids of the people who may use them. Default: everybody in the chat. */
      readonly people?: readonly (string | number)[];
    }
  /** Through SNS: the stack makes a topic with these subscribers, or publishes to one that exists. */
  | { readonly kind: 'email'; readonly addresses: readonly string[] }
  | { readonly kind: 'email'; readonly topicArn: string }
  | { readonly kind: 'discord'; readonly webhook: SecretReference }
  | { readonly kind: 'teams'; readonly webhook: SecretReference }
  /** JSON to an address of yours, signed; the address is a secret too, since it often holds a token. */
  | { readonly kind: 'webhook'; readonly url: SecretReference; readonly signingSecret: SecretReference }
  /** Amazon Q Developer in chat applications, through an SNS topic that its channel configuration names. */
  | { readonly kind: 'amazonQ'; readonly topicArn?: string };

/** A watch on the watch: what works while our functions do not. */
export interface WatchInput {
  /** Secret with the URL of a dead man's switch (healthchecks.io, Better Stack, …), called each minute. */
  readonly deadManUrl?: SecretReference;
  /** Addresses that the critical topic tells directly, past our functions. */
  readonly email?: readonly string[];
  /** Key of PagerDuty's Amazon CloudWatch integration, subscribed directly to the critical topic. */
  readonly pagerduty?: { readonly integrationKey: SecretReference; readonly region?: 'us' | 'eu' };
  /** A page marked TEST through the whole path, each week. */
  readonly testPage?: { readonly weekday: string; readonly time: string; readonly location?: string };
}

export interface PlannedClosure {
  /** As it is named everywhere else. */
  readonly calendar: string;
  /** ISO 8601 with a zone, such as `2026-11-28T12:00:00Z`. */
  readonly from: string;
  /** Exclusive; at most 90 days after `from`. */
  readonly until: string;
  readonly reason: string;
}

export interface ConfigInput extends RoutingInput {
  /** Default `demo`. Part of every published name. */
  readonly stage?: string;
  /** Calendars of your own by name (docs/calendars.md), for wherever a calendar is named. */
  readonly calendars?: Readonly<Record<string, Omit<CalendarConfig, 'name'>>>;
  readonly bots: readonly BotInput[];
  /** Accounts, desks and the firm by name, with limits over their strategies together. */
  readonly groups?: Readonly<Record<string, GroupInput>>;
  readonly channels?: Readonly<Record<string, ChannelInput>>;
  /** Channel ids per severity. Default: critical to all, warning and info to all but PagerDuty. */
  readonly routes?: Readonly<Partial<Record<Severity, readonly string[]>>>;
  readonly watch?: WatchInput;
  /** Subnets and security groups of a VPC that exists: probes come from there, and reach private addresses (docs/health.md). */
  readonly probeVpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  /** URLs of hosts that are up whenever the network of the prober is: they tell a prober that is cut off from bots that are gone. */
  readonly probeControls?: { readonly internet?: string; readonly vpc?: string };
  /** Days that logs are kept. Default 90. */
  readonly retentionDays?: number;
  /** Metrics of the table that go to CloudWatch as well (docs/metrics.md), each about $0.30 a month per bot. */
  readonly publish?: readonly string[];
  /** Planned closures of a market that its calendar does not know, such as maintenance of an exchange. */
  readonly closures?: readonly PlannedClosure[];
  /** Alarms of strategies on a calendar with closures are muted while their market is closed. */
  readonly closedMarkets?: {
    /** Minutes after an opening before anybody is paged. Default 5. */
    readonly warmUpMinutes?: number;
    /** Days ahead that mute rules reach; synthesize again before they end. Default 60. */
    readonly horizonDays?: number;
  };
  /** Summaries of each strategy after the close of its session, sent to the channels of info. Default none. */
  readonly reports?: {
    /** Minutes after the close, for late fills; at most 720. Default 10. */
    readonly afterCloseMinutes?: number;
    /** Weeks and months come with their last trading day. Default all three. */
    readonly periods?: readonly ('day' | 'week' | 'month')[];
  };
  readonly budgetUsdPerMonth?: number;
  readonly dashboardBaseUrl?: string;
  /** Where people on call read docs/metrics.md, such as its page in your repository: pages link to their runbook there. Default: named as text. */
  readonly runbookUrl?: string;
  /** Zone of the people on call, such as `Europe/Berlin`: messages show its time beside UTC. Default UTC alone. */
  readonly timeZone?: string;
}

/** Gives an editor the types; the values are validated when the config is read. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
