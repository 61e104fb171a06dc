import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { actionsPath, httpAccessLogGroup, httpApiName, intakeLogGroup, intakePath } from '../core/catalogue/names.ts';
import { isInteractive } from '../core/config/channel-secrets.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { HttpApi, type HttpRoute } from './http-api.ts';
import type { MonitorFunction } from './monitor-function.ts';

/** The functions that are called from outside; those that a config does not need are absent. */
export interface OutsideFunctions {
  readonly intake?: MonitorFunction | undefined;
  readonly actions?: MonitorFunction | undefined;
}

/** What the gateway lets through beyond the function's own limit, which answers with the time to wait. */
const GATEWAY_SLACK = 2;
const BURST_SECONDS = 5;

/** The one HTTP API of a stage; undefined when nothing is called from outside. */
export function stageApi(stack: Stack, config: NightdeskConfig, { intake, actions }: OutsideFunctions): HttpApi | undefined {
  const routes = [
    ...(intake === undefined ? [] : intakeRoutes(config, intake)),
    ...(actions === undefined ? [] : actionsRoutes(config, actions)),
  ];
  if (routes.length === 0) return undefined;
  const api = new HttpApi(stack, 'HttpApi', {
    name: httpApiName(config.stage),
    description: `What is called from outside, Nightdesk ${config.stage}`,
    routes,
    accessLogName: httpAccessLogGroup(config.stage),
    retentionDays: config.retentionDays,
    unauthorizedBecause:
      'the functions verify signatures over the raw body, or a shared token, which an authorizer of the gateway cannot see',
  });
  if (intake !== undefined)
    new CfnOutput(stack, 'IntakeUrl', { value: `${api.url}/events`, description: 'Bots send to this address, followed by / and their id' });
  if (actions !== undefined)
    new CfnOutput(stack, 'ActionsUrl', {
      value: `${api.url}/actions`,
      description: 'Slack, Telegram and PagerDuty call this address, followed by / and the id of the channel',
    });
  return api;
}

/** People press a few buttons; a storm of incidents makes PagerDuty send some more. */
const ACTIONS_PER_SECOND = 10;

/** A route for each channel that something comes back from. */
const actionsRoutes = (config: NightdeskConfig, actions: MonitorFunction): readonly HttpRoute[] =>
  Object.entries(config.channels)
    .filter(([, channel]) => isInteractive(channel))
    .map(([id]) => ({
      method: 'POST',
      path: actionsPath(id),
      fn: actions.fn,
      throttle: { perSecond: ACTIONS_PER_SECOND, burst: ACTIONS_PER_SECOND * BURST_SECONDS },
    }));

/** A route for each bot, so that the gateway throttles each by itself: a flood to one address costs the others nothing. */
const intakeRoutes = (config: NightdeskConfig, intake: MonitorFunction): readonly HttpRoute[] =>
  config.bots.flatMap((bot): readonly HttpRoute[] => {
    if (bot.intake === undefined) return [];
    const perSecond = bot.intake.requestsPerSecond * GATEWAY_SLACK;
    return [{ method: 'POST', path: intakePath(bot.id), fn: intake.fn, throttle: { perSecond, burst: perSecond * BURST_SECONDS } }];
  });

/** Journal of what came through intake. Retained: it is what numbers are rebuilt from. */
export function intakeJournal(stack: Stack, config: NightdeskConfig): LogGroup {
  const journal = new LogGroup(stack, 'IntakeJournal', {
    logGroupName: intakeLogGroup(config.stage),
    retention: config.retentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  (journal.node.defaultChild as CfnLogGroup).overrideLogicalId('IntakeJournal');
  return journal;
}
