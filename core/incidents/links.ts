/** Where a reader goes next: the dashboard and the alarm at the time of the trouble, and the runbook. */
import { type FunctionName, functionNames } from '../catalogue/metric.ts';
import { functionLogGroupName } from '../catalogue/names.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { Signal } from './signal.ts';

export interface Link {
  readonly text: string;
  readonly url: string;
}

export interface Links {
  /** Undefined when there is no such place. */
  readonly alarm: (name: string, region: string | undefined) => string | undefined;
  readonly dashboard: (fromMs: EpochMs, toMs: EpochMs, strategyId: string | undefined) => string | undefined;
  /** The lines of a strategy's bot in that time, or those of a function of ours. */
  readonly logs: (fromMs: EpochMs, toMs: EpochMs, of: LogOwner) => string | undefined;
  readonly runbook: (reference: string | undefined) => Link | undefined;
  /** The same where there is no URL: the place in our documentation. */
  readonly runbookText: (reference: string) => string;
}

export interface LogOwner {
  readonly strategyId?: string;
  readonly functionName?: string;
}

const HOUR = 3_600_000;
/** Logs are read line by line: five minutes on both sides. */
const LOG_MARGIN = 300_000;

const rangeQuery = (fromMs: EpochMs, toMs: EpochMs) =>
  `from=${encodeURIComponent(isoFromMs(fromMs))}&to=${encodeURIComponent(isoFromMs(toMs))}`;

/** The console's own encoding of what stands after its `#`: percent-encoded twice, with `$` for the percent sign. */
const consoleEscape = (text: string) => encodeURIComponent(encodeURIComponent(wellFormed(text))).replaceAll('%', '$');

/** Links into the CloudWatch console, or below `baseUrl` where dashboards are served elsewhere (the local runtime does). */
export function linksFor(options: {
  readonly baseUrl?: string;
  readonly region?: string;
  readonly operationsDashboard?: string;
  readonly runbookUrl?: string;
  /** Log group of a strategy's bot. */
  readonly logGroupOf?: (strategyId: string) => string | undefined;
  /** Log group of a function of ours. */
  readonly functionLogGroupOf?: (name: string) => string | undefined;
}): Links {
  const base = httpUrl(options.baseUrl)?.replace(/\/+$/, '');
  const consoleOf = (region: string) => `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return {
    alarm: (name, region = options.region) => {
      if (base !== undefined) return `${base}/#/alarms/${encodeURIComponent(wellFormed(name))}`;
      return region === undefined || !/^[a-z0-9-]+$/.test(region)
        ? undefined
        : `${consoleOf(region)}#alarmsV2:alarm/${encodeURIComponent(wellFormed(name))}`;
    },
    dashboard: (fromMs, toMs) => {
      if (base !== undefined) return `${base}/#/operations?${rangeQuery(fromMs, toMs)}`;
      if (options.region === undefined || options.operationsDashboard === undefined) return undefined;
      return `${consoleOf(options.region)}#dashboards/dashboard/${encodeURIComponent(options.operationsDashboard)}?start=${encodeURIComponent(isoFromMs(fromMs))}&end=${encodeURIComponent(isoFromMs(toMs))}`;
    },
    logs: (fromMs, toMs, { strategyId, functionName }) => {
      const group =
        strategyId !== undefined
          ? options.logGroupOf?.(strategyId)
          : functionName !== undefined
            ? options.functionLogGroupOf?.(functionName)
            : undefined;
      if (group === undefined) return undefined;
      if (base !== undefined) return `${base}/#/logs?group=${encodeURIComponent(wellFormed(group))}&${rangeQuery(fromMs, toMs)}`;
      if (options.region === undefined) return undefined;
      return `${consoleOf(options.region)}#logsV2:log-groups/log-group/${consoleEscape(group)}/log-events$3Fstart$3D${fromMs}$26end$3D${toMs}`;
    },
    runbookText: reference => (reference.startsWith('#') ? `docs/metrics.md${reference}` : reference),
    runbook: reference => {
      if (reference === undefined) return undefined;
      const absolute = httpUrl(reference);
      if (absolute !== undefined) return { text: 'Runbook', url: absolute };
      const page = httpUrl(options.runbookUrl);
      return page === undefined || !reference.startsWith('#')
        ? undefined
        : { text: 'Runbook', url: httpUrl(`${page}${reference}`) ?? page };
    },
  };
}

/** Log group of the bot that a strategy runs in. */
export function logGroupOf({ bots }: Pick<NightdeskConfig, 'bots'>, strategyId: string): string | undefined {
  return bots.find(({ strategies }) => strategies.some(({ id }) => id === strategyId))?.logGroup.name;
}

/** Log group of a function; undefined for a name that none of ours has. */
export const functionLogGroupOf = ({ stage }: Pick<NightdeskConfig, 'stage'>, name: string): string | undefined =>
  functionNames.some(own => own === name) ? functionLogGroupName(stage, name as FunctionName) : undefined;

export function alarmLink(links: Links, signal: Signal): string | undefined {
  return signal.raw === undefined ? links.alarm(signal.alarm, signal.region) : undefined;
}

export function linksOf(links: Links, of: LogOwner, alarm: string | undefined, sinceMs: EpochMs, atMs: EpochMs): readonly Link[] {
  const dashboard = links.dashboard(sinceMs - HOUR, atMs + HOUR, of.strategyId);
  const logs = links.logs(sinceMs - LOG_MARGIN, atMs + LOG_MARGIN, of);
  return [
    ...(dashboard === undefined ? [] : [{ text: 'Dashboard', url: dashboard }]),
    ...(logs === undefined || logs.length > 2_000 ? [] : [{ text: 'Logs', url: logs }]),
    ...(alarm === undefined || alarm.length > 2_000 ? [] : [{ text: 'Alarm', url: alarm }]),
  ];
}

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/** A URL that channels accept: http or https, at most 2,000 characters, no spaces or brackets. */
function httpUrl(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= 2_000 && /^https?:\/\/[^\s<>"|`\\^{}]+$/.test(text) ? text : undefined;
}
