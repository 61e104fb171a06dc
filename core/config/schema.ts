/** The shape of a written config: types, ranges and names of every key. Rules across keys are in cross-rules.ts. */
import * as v from 'valibot';
import { calendarsSchema } from '../calendar/custom.ts';
import { isIanaZone } from '../calendar/zone.ts';
import { isAlarmId, isBotAlarm } from '../catalogue/alarm-definitions.ts';
import { isMetricId } from '../catalogue/index.ts';
import { parseSchedule } from '../cloudwatch/schedule.ts';
import { isZone } from '../cloudwatch/zone.ts';
import { ecsClusterPattern, ecsServicePattern } from './ecs-service.ts';
import { routingEntries } from './routing-input.ts';

/** Retention periods that CloudWatch Logs accepts. Source: API reference, PutRetentionPolicy. */
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'));
const shortName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, 'must start with a letter and have at most 32 letters, digits or dashes'),
);
const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(256, 'must have at most 256 characters'));

/** Text form of a positive decimal; numbers are taken as far as doubles hold them exactly. */
const positiveDecimal = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(value => (typeof value === 'number' && Math.abs(value) < 1e15 ? String(value) : value)),
  v.string('must be a decimal of at most 15 digits, or text'),
  v.regex(/^(?=.*[1-9])\d{1,20}(\.\d{1,18})?$/, 'must be a positive decimal without exponent, such as "2500.50"'),
);

const fraction = v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.maxValue(1, 'must be at most 1: it is a fraction'));
const positive = v.pipe(v.number(), v.finite('must be finite'), v.gtValue(0, 'must be above 0'));
const wholeUpTo = (limit: number) =>
  v.pipe(
    v.number(),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(limit, `must be at most ${limit}`),
  );

const limits = v.strictObject({
  dailyLoss: v.optional(positiveDecimal),
  drawdown: v.optional(fraction),
  positionQty: v.optional(positiveDecimal),
  positionSoftQty: v.optional(positiveDecimal),
  grossExposure: v.optional(positiveDecimal),
  instruments: v.optional(v.pipe(v.array(text), v.minLength(1, 'must name at least one instrument'))),
  flatAtClose: v.optional(v.boolean()),
  lossStreak: v.optional(wholeUpTo(1000)),
  consecutiveRejects: v.optional(wholeUpTo(1000)),
  duplicateOrders: v.optional(wholeUpTo(1000)),
  ordersPerMinute: v.optional(wholeUpTo(1_000_000)),
  priceCollar: v.optional(fraction),
  markAgeSeconds: v.optional(positive),
  liquidationDistance: v.optional(fraction),
  unacknowledgedSeconds: v.optional(positive),
  pendingCancelSeconds: v.optional(positive),
  rejectShare: v.optional(fraction),
  orderLatencyMs: v.optional(positive),
  marketDataAgeSeconds: v.optional(positive),
  orderAgeSeconds: v.optional(positive),
  fillAgeSeconds: v.optional(positive),
});

const currencyCode = v.pipe(v.string(), v.regex(/^[A-Z0-9]{2,12}$/, 'must be a currency code, such as USD or USDT'));

const groupBasis = {
  currency: currencyCode,
  rates: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[A-Z0-9]{2,12}\/[A-Z0-9]{2,12}$/, 'must be two currency codes, such as EUR/USD')),
      positiveDecimal,
    ),
  ),
  rateMaxAgeSeconds: v.optional(positive),
  limits: v.strictObject({
    dailyLoss: v.optional(positiveDecimal),
    grossExposure: v.optional(positiveDecimal),
    netExposure: v.optional(positiveDecimal),
    positionQty: v.optional(v.record(text, positiveDecimal)),
  }),
};

const group = v.variant('kind', [
  v.strictObject({ kind: v.literal('account'), accountId: text, ...groupBasis }),
  v.strictObject({
    kind: v.literal('desk'),
    strategies: v.pipe(v.array(id), v.minLength(1, 'must name at least one strategy')),
    ...groupBasis,
  }),
  v.strictObject({
    kind: v.literal('firm'),
    strategies: v.optional(v.pipe(v.array(id), v.minLength(1, 'must name at least one strategy'))),
    ...groupBasis,
  }),
]);

const trading = {
  venue: v.optional(text),
  calendar: v.optional(v.string()),
  currency: v.optional(v.pipe(v.string(), v.regex(/^[A-Z0-9]{2,12}$/, 'must be a currency code, such as USD or USDT'))),
  initialCapital: v.optional(positiveDecimal),
  annualization: v.optional(positive),
  riskFree: v.optional(
    v.pipe(
      v.number(),
      v.finite('must be finite'),
      v.gtValue(-1, 'must be above -1: it is a fraction'),
      v.ltValue(1, 'must be below 1: it is a fraction'),
    ),
  ),
  costMethod: v.optional(v.picklist(['average', 'fifo'])),
  benchmark: v.optional(text),
  rateMaxAgeSeconds: v.optional(positive),
  limits: v.optional(limits),
};

const url = v.pipe(v.string(), v.regex(/^https?:\/\/[^\s/]+/, 'must be an http or https URL'));
const probeUrl = v.pipe(
  v.string(),
  v.regex(
    /^(https?:\/\/[^\s/]+|(tcp|grpcs?):\/\/[^\s/]+:\d{1,5}(\/|$))/,
    'must be an http, https, tcp or grpc URL, the last two with a port',
  ),
  v.check(
    text => !/^\w+:\/\/([^/@]*@)?(\[?fe80|169\.254\.|100\.100\.100\.200|168\.63\.129\.16|\[?fd00:ec2)/i.test(text),
    'must not be a link-local address: metadata services are never asked',
  ),
);
const probe = v.union([
  probeUrl,
  v.strictObject({
    url: probeUrl,
    timeoutMs: v.optional(wholeUpTo(30_000)),
    periodSeconds: v.optional(v.pipe(wholeUpTo(3600), v.multipleOf(60, 'must be a whole number of minutes: the sweep asks'))),
    initialDelaySeconds: v.optional(v.pipe(v.number(), v.minValue(0, 'must not be negative'), v.maxValue(3600, 'must be at most 3600'))),
    failureThreshold: v.optional(wholeUpTo(60)),
    successThreshold: v.optional(wholeUpTo(60)),
  }),
]);

const logGroupName = v.pipe(
  v.string(),
  v.regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, 'must be a log group name of at most 512 letters, digits or . - _ / #'),
);

/** A name or ARN. What looks like the secret itself is refused, and never printed. */
const secret = v.strictObject({
  secretName: v.pipe(
    v.string(),
    v.check(name => !/^https?:|^xox|^xapp-|^[0-9a-f]{32,}$/i.test(name), 'must be the name or ARN of a secret, not the secret itself'),
    v.regex(/^(arn:aws[a-z-]*:secretsmanager:.+|[A-Za-z0-9/_+=.@-]{1,512})$/, 'must be the name or ARN of a Secrets Manager secret'),
  ),
});

const topicArn = v.pipe(
  v.string(),
  v.regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'must be the ARN of an SNS topic'),
);
const signals = v.strictObject({
  webhook: v.optional(v.strictObject({ url: secret, signingSecret: secret })),
  topicArn: v.optional(topicArn),
  dryRun: v.optional(v.boolean()),
  maxPerHour: v.optional(wholeUpTo(60)),
  onAlarm: v.optional(
    v.record(
      v.pipe(v.string(), v.check(isAlarmId, 'must be the id of an alarm in docs/metrics.md, such as session-loss')),
      v.picklist(['halt', 'reduceOnly']),
    ),
  ),
});

const ecsCluster = v.pipe(v.string(), v.regex(ecsClusterPattern, 'must be the name of an ECS cluster, or its ARN'));
const ecsRestart = v.strictObject({
  cluster: v.optional(ecsCluster),
  service: v.optional(
    v.pipe(v.string(), v.regex(ecsServicePattern, 'must be the name of an ECS service, or its ARN with the cluster in it')),
  ),
  onAlarm: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check(isBotAlarm, 'must be the id of an alarm in docs/metrics.md about a bot or a strategy, such as not-live'),
        ),
      ),
      v.minLength(1, 'must name at least one alarm'),
    ),
  ),
  dryRun: v.optional(v.boolean()),
  maxPerHour: v.optional(wholeUpTo(12)),
  cooldownSeconds: v.optional(v.pipe(v.number(), v.minValue(60, 'must be at least 60'), v.maxValue(1800, 'must be at most 1800'))),
  positionsMaxAgeSeconds: v.optional(v.pipe(positive, v.maxValue(3600, 'must be at most 3600'))),
  evenWithOpenPositions: v.optional(v.boolean()),
  allowOverlap: v.optional(v.boolean()),
});

const secondsUpToADay = v.pipe(v.number(), v.minValue(0, 'must not be negative'), v.maxValue(86_400, 'must be at most 86400'));

const cronSchedule = v.strictObject({
  expression: v.pipe(
    v.string(),
    v.check(
      expression => parseSchedule(expression).ok && !expression.startsWith('at'),
      'must be a schedule such as cron(0 22 ? * MON-FRI *) or rate(1 hour)',
    ),
  ),
  zone: v.optional(
    v.pipe(
      v.string(),
      v.check(zone => isIanaZone(zone), 'must be an IANA zone, such as Europe/London'),
    ),
  ),
  calendar: v.optional(v.string()),
});

const sessionSchedule = v.strictObject({
  at: v.picklist(['open', 'close'], 'must be open or close'),
  offsetMinutes: v.optional(
    v.pipe(
      v.number(),
      v.integer('must be whole minutes'),
      v.minValue(-720, 'must be at least -720'),
      v.maxValue(720, 'must be at most 720'),
    ),
  ),
  calendar: v.string(),
});

/** Which of the two decides its keys, so that problems are told of the one that was meant. */
const schedule = v.lazy(input => (typeof input === 'object' && input !== null && 'at' in input ? sessionSchedule : cronSchedule));

const bot = v.strictObject({
  id,
  ...trading,
  strategies: v.optional(
    v.pipe(v.array(v.union([id, v.strictObject({ id, ...trading })])), v.minLength(1, 'must name at least one strategy')),
  ),
  logGroup: v.optional(v.union([v.strictObject({ name: logGroupName }), v.strictObject({ adopt: logGroupName })])),
  heartbeat: v.optional(
    v.strictObject({
      /** The alarm on silence counts heartbeats per minute, so there must be one in each. */
      intervalSeconds: v.optional(v.pipe(positive, v.maxValue(60, 'must be at most 60, so that each minute has a heartbeat'))),
      graceSeconds: v.optional(secondsUpToADay),
      strategyId: v.optional(id),
      via: v.optional(v.picklist(['logs', 'direct'])),
      deliverySeconds: v.optional(secondsUpToADay),
      calendar: trading.calendar,
      startWithinSeconds: v.optional(v.pipe(positive, v.maxValue(86_400, 'must be at most 86400'))),
      deployGraceSeconds: v.optional(secondsUpToADay),
      schedule: v.optional(schedule),
      components: v.optional(
        v.record(
          text,
          v.strictObject({
            intervalSeconds: v.optional(v.pipe(positive, v.maxValue(86_400, 'must be at most 86400'))),
            graceSeconds: v.optional(secondsUpToADay),
            schedule: v.optional(schedule),
          }),
        ),
      ),
    }),
  ),
  runsOn: v.optional(
    v.variant('on', [
      v.strictObject({ on: v.literal('ec2') }),
      v.strictObject({ on: v.literal('ecs'), cluster: text, service: text }),
      v.strictObject({ on: v.literal('kubernetes'), cluster: text, namespace: v.optional(text), deployment: v.optional(text) }),
    ]),
  ),
  intake: v.optional(v.strictObject({ key: secret, everything: v.optional(v.boolean()), requestsPerSecond: v.optional(wholeUpTo(1000)) })),
  probes: v.optional(
    v.strictObject({
      liveness: v.optional(probe),
      readiness: v.optional(probe),
      startup: v.optional(probe),
      from: v.optional(v.picklist(['vpc', 'internet'])),
    }),
  ),
  group: v.optional(shortName),
  signals: v.optional(signals),
  ecsRestart: v.optional(ecsRestart),
});

const slackId = (letters: string, what: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^[${letters}][A-Z0-9]{4,20}$`), `must be the id of ${what}, such as ${letters[0]}0123456789`));
const telegramId = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(String),
  v.regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{4,64})$/, 'must be a numeric id of Telegram, such as -1001234567890, or an @name'),
);
const address = v.pipe(v.string(), v.regex(/^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/, 'must be an e-mail address'));
const list = <T extends v.GenericSchema>(item: T, most: number) =>
  v.pipe(v.array(item), v.minLength(1, 'must name at least one'), v.maxLength(most, `must name at most ${most}`));

/** Ids of EC2 have eight or, since 2016, seventeen hexadecimal digits. */
function resourceId(kind: string) {
  return v.pipe(v.string(), v.regex(new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`), `must be an id such as ${kind}-0123456789abcdef0`));
}

const channel = v.variant('kind', [
  v.strictObject({ kind: v.literal('slack'), webhook: secret }),
  v.strictObject({
    kind: v.literal('slackApp'),
    botToken: secret,
    channel: slackId('CGD', 'a channel'),
    signingSecret: v.optional(secret),
    people: v.optional(list(slackId('UW', 'a person'), 200)),
  }),
  v.strictObject({
    kind: v.literal('pagerduty'),
    routingKey: secret,
    region: v.optional(v.picklist(['us', 'eu'])),
    webhookSecret: v.optional(secret),
  }),
  v.strictObject({
    kind: v.literal('telegram'),
    botToken: secret,
    chatId: telegramId,
    webhookSecret: v.optional(secret),
    people: v.optional(list(telegramId, 200)),
  }),
  v.strictObject({ kind: v.literal('email'), addresses: v.optional(list(address, 50)), topicArn: v.optional(topicArn) }),
  v.strictObject({ kind: v.literal('discord'), webhook: secret }),
  v.strictObject({ kind: v.literal('teams'), webhook: secret }),
  v.strictObject({ kind: v.literal('webhook'), url: secret, signingSecret: secret }),
  v.strictObject({ kind: v.literal('amazonQ'), topicArn: v.optional(topicArn) }),
]);

/** Source of the limits: Lambda API reference, VpcConfig. */
const probeVpc = v.strictObject({
  subnetIds: list(resourceId('subnet'), 16),
  securityGroupIds: list(resourceId('sg'), 5),
});

const probeControls = v.strictObject({ internet: v.optional(probeUrl), vpc: v.optional(probeUrl) });

const route = v.optional(v.array(id));

const watch = v.strictObject({
  deadManUrl: v.optional(secret),
  email: v.optional(list(address, 20)),
  pagerduty: v.optional(v.strictObject({ integrationKey: secret, region: v.optional(v.picklist(['us', 'eu'])) })),
  testPage: v.optional(
    v.strictObject({
      weekday: v.picklist(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
      time: v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:00')),
      location: v.optional(v.pipe(v.string(), v.check(isZone, 'must be an IANA time zone, such as Europe/Berlin'))),
    }),
  ),
});

const instant = v.pipe(
  v.string(),
  v.check(
    written => /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(written) && !Number.isNaN(Date.parse(written)),
    'must be a time with its zone, such as 2026-11-28T12:00:00Z',
  ),
);

export const configSchema = v.strictObject({
  stage: v.optional(shortName),
  groups: v.optional(v.record(shortName, group)),
  calendars: v.optional(calendarsSchema),
  bots: v.pipe(v.array(bot), v.minLength(1, 'must name at least one bot')),
  channels: v.optional(v.record(id, channel)),
  routes: v.optional(v.strictObject({ critical: route, warning: route, info: route })),
  ...routingEntries,
  watch: v.optional(watch),
  probeVpc: v.optional(probeVpc),
  probeControls: v.optional(probeControls),
  retentionDays: v.optional(v.picklist(retentions)),
  publish: v.optional(v.array(v.pipe(v.string(), v.check(isMetricId, 'must be the id of a metric in docs/metrics.md')))),
  closures: v.optional(v.array(v.strictObject({ calendar: v.string(), from: instant, until: instant, reason: text }))),
  closedMarkets: v.optional(
    v.strictObject({
      warmUpMinutes: v.optional(v.pipe(v.number(), v.minValue(0, 'must not be negative'), v.maxValue(240, 'must be at most 240'))),
      horizonDays: v.optional(wholeUpTo(370)),
    }),
  ),
  reports: v.optional(
    v.strictObject({
      afterCloseMinutes: v.optional(v.pipe(v.number(), v.minValue(0, 'must not be negative'), v.maxValue(720, 'must be at most 720'))),
      periods: v.optional(v.pipe(v.array(v.picklist(['day', 'week', 'month'])), v.minLength(1, 'must name at least one period'))),
    }),
  ),
  budgetUsdPerMonth: v.optional(positive),
  dashboardBaseUrl: v.optional(url),
  runbookUrl: v.optional(url),
  timeZone: v.optional(v.pipe(v.string(), v.check(isZone, 'must be an IANA time zone, such as Europe/Berlin'))),
});

export type WrittenConfig = v.InferOutput<typeof configSchema>;
