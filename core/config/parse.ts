/** Unknown in, a whole config or all of its problems out. */
import * as v from 'valibot';
import { calendarOf } from '../calendar/calendar.ts';
import type { Closure } from '../calendar/closures.ts';
import { botLogGroupName } from '../catalogue/names.ts';
import { hostName } from '../hosts/host-name.ts';
import { formatDecimal, multiply, parseDecimal } from '../money/decimal.ts';
import { err, ok, type Result } from '../result.ts';
import { type Calendars, calendarsFrom } from './calendars.ts';
import { crossProblems } from './cross-rules.ts';
import { defaultLimits, defaults } from './defaults.ts';
import { ecsServiceOf } from './ecs-service.ts';
import { type ConfigProblem, showValue } from './problem.ts';
import { type RoutingInput, routingFrom, severitiesOf } from './routing-input.ts';
import { configSchema, type WrittenConfig } from './schema.ts';
import type {
  BeatConfig,
  BotConfig,
  BotSignalsConfig,
  ChannelConfig,
  EcsRestartConfig,
  HeartbeatConfig,
  NightdeskConfig,
  ProbeConfig,
  ReportsConfig,
  RiskGroup,
  RunsOn,
  Severity,
  StrategyConfig,
  StrategyLimits,
  WatchConfig,
} from './types.ts';

/** Validates a written config and fills every default in. An already parsed config is no input: write what a person would. */
export function parseConfig(input: unknown): Result<NightdeskConfig, readonly ConfigProblem[]> {
  if (Array.isArray(input)) return err([{ code: 'WRONG_TYPE', path: '', value: 'a list', rule: 'must be an object' }]);
  const parsed = v.safeParse(configSchema, input);
  const shape = parsed.success ? [] : parsed.issues.flatMap(issue => problemsOf(issue)).map(masked);
  const problems = [...shape, ...crossProblems(input)];
  if (!parsed.success || problems.length > 0) return err(problems);
  return ok(complete(parsed.output));
}

type Issue = v.BaseIssue<unknown>;

/** A union that fails tells what each branch wanted; the branch that came furthest says it best. */
function problemsOf(issue: Issue, prefix: readonly unknown[] = []): readonly ConfigProblem[] {
  const keys = [...prefix, ...(issue.path ?? []).map(({ key }) => key)];
  const path = showPath(keys);
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return [{ code: 'UNKNOWN_KEY', path, value: showValue(issue.path?.at(-1)?.value), rule: 'is not a key of the config' }];
  if (issue.type === 'strict_object' && issue.received === 'undefined') return [{ code: 'MISSING', path, value: '', rule: 'is required' }];
  if (path.endsWith('.secretName') && issue.kind === 'validation')
    return [{ code: 'SECRET_IN_CONFIG', path, value: showValue(issue.input), rule: issue.message }];
  if (issue.kind === 'validation') return [{ code: 'INVALID_VALUE', path, value: showValue(issue.input), rule: issue.message }];
  if (issue.type === 'picklist' || issue.type === 'variant' || issue.type === 'literal')
    return [{ code: 'INVALID_VALUE', path, value: showValue(issue.input), rule: `must be one of ${issue.expected ?? ''}` }];
  const deepest = (issue.issues ?? []).filter(({ path: below }) => below !== undefined && below.length > 0);
  if (issue.type === 'union' && deepest.length > 0) return deepest.flatMap(sub => problemsOf(sub, keys));
  return [{ code: 'WRONG_TYPE', path, value: showValue(issue.input), rule: `must be ${(issue.expected ?? '').toLowerCase()}` }];
}

/** Whatever stands in a channel, or for a key of intake, may be a secret in the wrong place, but for what never is one. */
const masked = (problem: ConfigProblem): ConfigProblem =>
  secretPlaces.test(problem.path) && problem.value !== '' ? { ...problem, value: '***' } : problem;

const secretPlaces =
  /^watch\.(?:deadManUrl|pagerduty\.integrationKey)|^channels\.[^.]+\.(?!kind$|region$|(?:channel|chatId|topicArn|people|addresses)(?:\[\d+\])?$)|\.intake\.key/;

const showPath = (keys: readonly unknown[]): string =>
  keys.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');

type WrittenBot = WrittenConfig['bots'][number];
type WrittenStrategy = Exclude<NonNullable<WrittenBot['strategies']>[number], string>;

function complete(written: WrittenConfig): NightdeskConfig {
  const stage = written.stage ?? defaults.stage;
  const calendars = calendarsFrom(written.calendars);
  const channels = Object.fromEntries(Object.entries(written.channels ?? {}).map(([id, channel]) => [id, channelOf(channel)]));
  const routes = { ...defaultRoutes(channels), ...withoutUndefined(written.routes ?? {}) };
  const routing = isRouted(written) ? routingFrom(written as RoutingInput, Object.keys(channels), routes, calendars) : undefined;
  const { publish, budgetUsdPerMonth, dashboardBaseUrl, runbookUrl, timeZone, probeVpc } = written;
  const vantage = written.probeVpc === undefined ? 'internet' : 'vpc';
  const bots = written.bots.map(bot => botOf(bot, { stage, calendars, vantage }));
  const groups = groupsOf(written.groups ?? {}, bots);
  return {
    stage,
    bots,
    channels,
    routes: routing === undefined ? routes : severitiesOf(routing),
    ...withoutUndefined({ routing, watch: watchOf(written.watch) }),
    retentionDays: written.retentionDays ?? defaults.retentionDays,
    closedMarkets: {
      warmUpMinutes: written.closedMarkets?.warmUpMinutes ?? defaults.warmUpMinutes,
      horizonDays: written.closedMarkets?.horizonDays ?? defaults.muteHorizonDays,
    },
    ...(written.closures === undefined ? {} : { closures: written.closures.map(closureOf) }),
    ...(groups.length === 0 ? {} : { groups }),
    ...withoutUndefined({
      publish,
      budgetUsdPerMonth,
      dashboardBaseUrl,
      runbookUrl,
      timeZone,
      probeVpc,
      reports: reportsOf(written.reports),
    }),
    ...(written.probeControls === undefined ? {} : { probeControls: controlsOf(written.probeControls) }),
  };
}

function controlsOf({ internet, vpc }: NonNullable<WrittenConfig['probeControls']>): NonNullable<NightdeskConfig['probeControls']> {
  const target = (url: string | undefined) => (url === undefined ? undefined : { url, timeoutMs: defaults.probeTimeoutMs });
  return withoutUndefined({ internet: target(internet), vpc: target(vpc) });
}

const closureOf = ({ calendar, from, until, reason }: NonNullable<WrittenConfig['closures']>[number]): Closure => ({
  calendar,
  fromMs: Date.parse(from),
  untilMs: Date.parse(until),
  reason,
});

const reportsOf = (reports: WrittenConfig['reports']): ReportsConfig | undefined =>
  reports === undefined
    ? undefined
    : {
        afterCloseMinutes: reports.afterCloseMinutes ?? defaults.reportAfterCloseMinutes,
        periods: reports.periods ?? ['day', 'week', 'month'],
      };

/** Whether anything about routing is written beyond the short form. */
const isRouted = ({ route, receivers, inhibitRules, timeIntervals, quietHours, flapping, stormLimit }: WrittenConfig): boolean =>
  [route, receivers, inhibitRules, timeIntervals, quietHours, flapping, stormLimit].some(value => value !== undefined);

function watchOf(written: WrittenConfig['watch']): WatchConfig | undefined {
  if (written === undefined) return undefined;
  const { deadManUrl, email, pagerduty, testPage } = written;
  return withoutUndefined({
    deadManUrl,
    email,
    pagerduty: pagerduty === undefined ? undefined : { ...pagerduty, region: pagerduty.region ?? defaults.pagerdutyRegion },
    testPage: testPage === undefined ? undefined : { cron: weekly(testPage), zone: testPage.location ?? 'UTC' },
  });
}

const weekly = ({ weekday, time }: { readonly weekday: string; readonly time: string }): string =>
  `cron(${Number(time.slice(3))} ${Number(time.slice(0, 2))} ? * ${weekday.slice(0, 3).toUpperCase()} *)`;

/** An account has whoever trades in it, so every strategy is looked at. */
function groupsOf(written: NonNullable<WrittenConfig['groups']>, bots: readonly BotConfig[]): readonly RiskGroup[] {
  const all = bots.flatMap(({ strategies }) => strategies.map(strategy => strategy.id));
  return Object.entries(written).map(([groupId, group]) => ({
    id: groupId,
    kind: group.kind,
    strategies: group.kind === 'account' ? all : (group.strategies ?? all),
    ...(group.kind === 'account' ? { accountId: group.accountId } : {}),
    currency: group.currency,
    rates: group.rates ?? {},
    rateMaxAgeSeconds: group.rateMaxAgeSeconds ?? defaults.groupRateMaxAgeSeconds,
    limits: withoutUndefined(group.limits),
  }));
}

function channelOf(channel: NonNullable<WrittenConfig['channels']>[string]): ChannelConfig {
  const written = withoutUndefined(channel) as typeof channel;
  if (written.kind === 'pagerduty') return { ...written, region: written.region ?? defaults.pagerdutyRegion } as ChannelConfig;
  if (written.kind === 'email') return { ...written, addresses: written.addresses ?? [] } as ChannelConfig;
  return written as ChannelConfig;
}

/** Critical goes everywhere; what can wait until morning wakes nobody. */
export function defaultRoutes(channels: Readonly<Record<string, ChannelConfig>>): Readonly<Record<Severity, readonly string[]>> {
  const all = Object.keys(channels);
  const quiet = all.filter(id => channels[id]?.kind !== 'pagerduty');
  const calm = quiet.length > 0 ? quiet : all;
  return { critical: all, warning: calm, info: calm };
}

interface BotPlace {
  readonly stage: string;
  readonly calendars: Calendars;
  /** Where probes come from unless the bot says. */
  readonly vantage: BotConfig['probedFrom'];
}

function botOf(bot: WrittenBot, { stage, calendars, vantage }: BotPlace): BotConfig {
  const strategies = (bot.strategies ?? [bot.id]).map(strategy =>
    strategyOf(typeof strategy === 'string' ? { id: strategy } : strategy, bot, calendars),
  );
  const { probes: { from = vantage, ...probes } = {}, logGroup, heartbeat = {}, group, intake, signals, ecsRestart } = bot;
  return {
    id: bot.id,
    strategies,
    logGroup:
      logGroup !== undefined && 'adopt' in logGroup
        ? { name: logGroup.adopt, adopt: true }
        : { name: logGroup?.name ?? botLogGroupName(stage, bot.id), adopt: false },
    heartbeat: heartbeatOf(
      { ...heartbeat, via: heartbeat.via ?? (intake?.everything === true ? 'direct' : 'logs') },
      strategies,
      calendars,
    ),
    probes: withoutUndefined({
      liveness: probeOf(probes.liveness),
      readiness: probeOf(probes.readiness),
      startup: probeOf(probes.startup),
    }),
    probedFrom: from,
    ...(bot.runsOn === undefined ? {} : { runsOn: runsOnOf(bot.runsOn, bot.id) }),
    ...(intake === undefined
      ? {}
      : {
          intake: {
            key: intake.key,
            everything: intake.everything ?? false,
            requestsPerSecond: intake.requestsPerSecond ?? defaults.intakeRequestsPerSecond,
          },
        }),
    ...withoutUndefined({
      group,
      signals: signals === undefined ? undefined : signalsOf(signals),
      ecsRestart: ecsRestart === undefined ? undefined : ecsRestartOf(ecsRestart, bot.runsOn),
    }),
  };
}

function heartbeatOf(
  written: NonNullable<WrittenBot['heartbeat']>,
  strategies: readonly StrategyConfig[],
  calendars: Calendars,
): HeartbeatConfig {
  const strategyId = written.strategyId ?? strategies[0]!.id;
  const strategy = strategies.find(({ id }) => id === strategyId) ?? strategies[0]!;
  const scheduled = (schedule: typeof written.schedule) => (schedule === undefined ? {} : { schedule: scheduleOf(schedule, calendars) });
  const bot: BeatConfig = {
    intervalSeconds: written.intervalSeconds ?? defaults.heartbeatIntervalSeconds,
    graceSeconds: written.graceSeconds ?? defaults.heartbeatGraceSeconds,
    deliverySeconds: written.deliverySeconds ?? defaults.heartbeatDeliverySeconds[written.via ?? 'logs'],
    ...scheduled(written.schedule),
  };
  const components = Object.entries(written.components ?? {}).map(([name, part]): readonly [string, BeatConfig] => [
    name,
    {
      intervalSeconds: part.intervalSeconds ?? bot.intervalSeconds,
      graceSeconds: part.graceSeconds ?? bot.graceSeconds,
      deliverySeconds: bot.deliverySeconds,
      ...scheduled(part.schedule),
    },
  ]);
  return {
    ...bot,
    strategyId,
    calendar: written.calendar === undefined ? strategy.calendar : calendars(written.calendar),
    startWithinSeconds: written.startWithinSeconds ?? defaults.heartbeatStartWithinSeconds,
    deployGraceSeconds: written.deployGraceSeconds ?? defaults.heartbeatDeployGraceSeconds,
    components: Object.fromEntries(components),
  };
}

function scheduleOf(
  written: NonNullable<NonNullable<WrittenBot['heartbeat']>['schedule']>,
  calendars: Calendars,
): NonNullable<BeatConfig['schedule']> {
  if ('at' in written) return { at: written.at, offsetMinutes: written.offsetMinutes ?? 0, calendar: calendars(written.calendar) };
  const { expression, zone = 'UTC', calendar } = written;
  return { expression, zone, ...(calendar === undefined ? {} : { calendar: calendars(calendar) }) };
}

function strategyOf(strategy: WrittenStrategy, bot: WrittenBot, calendars: Calendars): StrategyConfig {
  const calendar = calendars(strategy.calendar ?? bot.calendar ?? defaults.calendar);
  return {
    id: strategy.id,
    botId: bot.id,
    calendar,
    annualization: strategy.annualization ?? bot.annualization ?? calendarOf(calendar).annualization,
    riskFree: strategy.riskFree ?? bot.riskFree ?? defaults.riskFree,
    costMethod: strategy.costMethod ?? bot.costMethod ?? defaults.costMethod,
    limits: withSoftPosition({
      ...defaultLimits,
      ...withoutUndefined(bot.limits ?? {}),
      ...withoutUndefined(strategy.limits ?? {}),
    }),
    ...withoutUndefined({
      venue: strategy.venue ?? bot.venue,
      currency: strategy.currency ?? bot.currency,
      benchmark: strategy.benchmark ?? bot.benchmark,
      initialCapital: strategy.initialCapital ?? bot.initialCapital,
      rateMaxAgeSeconds: strategy.rateMaxAgeSeconds ?? bot.rateMaxAgeSeconds,
    }),
  };
}

/** A warning comes before the limit: at 80 % of it unless the owner says where. */
function withSoftPosition(limits: StrategyLimits): StrategyLimits {
  const { positionQty, positionSoftQty } = limits;
  if (positionQty === undefined || positionSoftQty !== undefined) return limits;
  return { ...limits, positionSoftQty: formatDecimal(multiply(parseDecimal(positionQty), { units: 8n, scale: 1 })) };
}

function signalsOf({ webhook, topicArn, dryRun, maxPerHour, onAlarm }: NonNullable<WrittenBot['signals']>): BotSignalsConfig {
  return {
    dryRun: dryRun ?? defaults.signalDryRun,
    maxPerHour: maxPerHour ?? defaults.signalsPerHour,
    onAlarm: onAlarm ?? {},
    ...withoutUndefined({ webhook, topicArn }),
  };
}

function ecsRestartOf(written: NonNullable<WrittenBot['ecsRestart']>, runsOn: WrittenBot['runsOn']): EcsRestartConfig {
  const { cluster, service, onAlarm, dryRun, maxPerHour, cooldownSeconds, positionsMaxAgeSeconds, ...allowed } = written;
  const found = ecsServiceOf({ cluster, service }, runsOn?.on === 'ecs' ? runsOn : undefined);
  return {
    ...('problem' in found ? { cluster: '', service: '' } : found),
    onAlarm: onAlarm ?? defaults.restartOnAlarm,
    dryRun: dryRun ?? defaults.restartDryRun,
    maxPerHour: maxPerHour ?? defaults.restartsPerHour,
    cooldownSeconds: cooldownSeconds ?? defaults.restartCooldownSeconds,
    positionsMaxAgeSeconds: positionsMaxAgeSeconds ?? defaults.positionsMaxAgeSeconds,
    evenWithOpenPositions: allowed.evenWithOpenPositions ?? false,
    allowOverlap: allowed.allowOverlap ?? false,
  };
}

const runsOnOf = (written: NonNullable<WrittenBot['runsOn']>, botId: string): RunsOn =>
  written.on === 'kubernetes'
    ? { ...written, namespace: written.namespace ?? defaults.namespace, deployment: written.deployment ?? hostName(botId) }
    : written;

function probeOf(probe: NonNullable<WrittenBot['probes']>['liveness']): ProbeConfig | undefined {
  if (probe === undefined) return undefined;
  const written = typeof probe === 'string' ? { url: probe } : { ...probe };
  return {
    url: written.url,
    timeoutMs: written.timeoutMs ?? defaults.probeTimeoutMs,
    periodSeconds: written.periodSeconds ?? defaults.probePeriodSeconds,
    initialDelaySeconds: written.initialDelaySeconds ?? 0,
    failureThreshold: written.failureThreshold ?? defaults.probeFailureThreshold,
    successThreshold: written.successThreshold ?? 1,
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>;
}
