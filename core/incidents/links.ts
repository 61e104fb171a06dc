/** Where a reader goes next: the dashboard and the alarm at the time of the trouble, and the runbook. */
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
  readonly runbook: (reference: string | undefined) => Link | undefined;
  /** The same where there is no URL: the place in our documentation. */
  readonly runbookText: (reference: string) => string;
}

const HOUR = 3_600_000;

/** Links into the CloudWatch console, or below `baseUrl` where dashboards are served elsewhere (the local runtime does). */
export function linksFor(options: {
  readonly baseUrl?: string;
  readonly region?: string;
  readonly operationsDashboard?: string;
  readonly runbookUrl?: string;
}): Links {
  const base = httpUrl(options.baseUrl)?.replace(/\/+$/, '');
  const consoleOf = (region: string) => `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return {
    alarm: (name, region = options.region) => {
      if (base !== undefined) return `${base}/#alarms/${encodeURIComponent(wellFormed(name))}`;
      return region === undefined || !/^[a-z0-9-]+$/.test(region)
        ? undefined
        : `${consoleOf(region)}#alarmsV2:alarm/${encodeURIComponent(wellFormed(name))}`;
    },
    dashboard: (fromMs, toMs) => {
      if (base !== undefined) return `${base}/#operations`;
      if (options.region === undefined || options.operationsDashboard === undefined) return undefined;
      return `${consoleOf(options.region)}#dashboards/dashboard/${encodeURIComponent(options.operationsDashboard)}?start=${encodeURIComponent(isoFromMs(fromMs))}&end=${encodeURIComponent(isoFromMs(toMs))}`;
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

export function alarmLink(links: Links, signal: Signal): string | undefined {
  return signal.raw === undefined ? links.alarm(signal.alarm, signal.region) : undefined;
}

export function linksOf(
  links: Links,
  strategyId: string | undefined,
  alarm: string | undefined,
  sinceMs: EpochMs,
  atMs: EpochMs,
): readonly Link[] {
  const dashboard = links.dashboard(sinceMs - HOUR, atMs + HOUR, strategyId);
  return [
    ...(dashboard === undefined ? [] : [{ text: 'Dashboard', url: dashboard }]),
    ...(alarm === undefined || alarm.length > 2_000 ? [] : [{ text: 'Alarm', url: alarm }]),
  ];
}

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/** A URL that channels accept: http or https, at most 2,000 characters, no spaces or brackets. */
function httpUrl(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= 2_000 && /^https?:\/\/[^\s<>"|`\\^{}]+$/.test(text) ? text : undefined;
}
