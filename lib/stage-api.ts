import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { httpAccessLogGroup, httpApiName, intakeLogGroup, intakePath } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { HttpApi, type HttpRoute } from './http-api.ts';
import type { MonitorFunction } from './monitor-function.ts';

/** The functions that are called from outside; those that a config does not need are absent. */
export interface OutsideFunctions {
  readonly intake?: MonitorFunction | undefined;
}

/** What the gateway lets through beyond the function's own limit, which answers with the time to wait. */
const GATEWAY_SLACK = 2;
const BURST_SECONDS = 5;

/** The one HTTP API of a stage; undefined when nothing is called from outside. */
export function stageApi(stack: Stack, config: NightdeskConfig, { intake }: OutsideFunctions): HttpApi | undefined {
  const routes = intake === undefined ? [] : intakeRoutes(config, intake);
  if (routes.length === 0) return undefined;
  const api = new HttpApi(stack, 'HttpApi', {
    name: httpApiName(config.stage),
    description: `What is called from outside, Nightdesk ${config.stage}`,
    routes,
    accessLogName: httpAccessLogGroup(config.stage),
    retentionDays: config.retentionDays,
    unauthorizedBecause: 'the function verifies an HMAC signature over time and raw body, which an authorizer cannot see',
  });
  if (intake !== undefined)
    new CfnOutput(stack, 'IntakeUrl', { value: `${api.url}/events`, description: 'Bots send to this address, followed by / and their id' });
  return api;
}

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
