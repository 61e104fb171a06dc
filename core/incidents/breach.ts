import type { AlarmState } from '../alarms/definition.ts';
import { parseAwsTime } from '../cloudwatch/aws-time.ts';
import { asNumber, asObject, asText } from '../cloudwatch/loose-json.ts';
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';

/** A hard limit crossed or cleared, or a death: what our own functions say at once, beside the CloudWatch alarm of the same row. */
export interface FastBreach {
  readonly row: string;
  /** Id of the catalogue's alarm, such as `heartbeat-missing`. */
  readonly alarm: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly state: Extract<AlarmState, 'ALARM' | 'OK'>;
  readonly severity: Severity;
  /** When the state changed: for a death the missed deadline, not the sweep that noticed. */
  readonly atMs: EpochMs;
  readonly sinceMs: EpochMs;
  readonly value?: number;
  readonly limit?: number;
  readonly unit?: string;
  /** One sentence for a person. */
  readonly reason: string;
  readonly firstAction?: string;
  readonly runbook?: string;
}

/** The SNS message of a breach, JSON text. */
export function breachMessage(breach: FastBreach): string {
  const { atMs, sinceMs, ...rest } = breach;
  return JSON.stringify({ nightdesk: 1, kind: 'breach', ...rest, at: isoFromMs(atMs), since: isoFromMs(sinceMs) });
}

/** A breach out of a decoded message; undefined when it is none or lacks what a page needs. */
export function readBreach(json: unknown): FastBreach | undefined {
  const object = asObject(json);
  if (object?.['nightdesk'] !== 1 || object['kind'] !== 'breach') return undefined;
  const alarm = asText(object['alarm']);
  const state = asText(object['state']);
  const atMs = parseAwsTime(object['at']);
  if (alarm === undefined || atMs === undefined || (state !== 'ALARM' && state !== 'OK')) return undefined;
  const value = asNumber(object['value']);
  const limit = asNumber(object['limit']);
  const unit = asText(object['unit']);
  const firstAction = asText(object['firstAction']);
  const runbook = asText(object['runbook']);
  return {
    row: asText(object['row']) ?? alarm,
    alarm,
    dimensions: Object.fromEntries(
      Object.entries(asObject(object['dimensions']) ?? {}).flatMap(([name, text]) => {
        const known = asText(text);
        return known === undefined ? [] : [[name, known]];
      }),
    ),
    state,
    severity: asSeverity(object['severity']) ?? 'critical',
    atMs,
    sinceMs: parseAwsTime(object['since']) ?? atMs,
    reason: asText(object['reason']) ?? '',
    ...(value === undefined ? {} : { value }),
    ...(limit === undefined ? {} : { limit }),
    ...(unit === undefined ? {} : { unit }),
    ...(firstAction === undefined ? {} : { firstAction }),
    ...(runbook === undefined ? {} : { runbook }),
  };
}

const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  crit: 'critical',
  page: 'critical',
  emergency: 'critical',
  high: 'critical',
  error: 'critical',
  sev1: 'critical',
  p1: 'critical',
  warning: 'warning',
  warn: 'warning',
  medium: 'warning',
  sev2: 'warning',
  p2: 'warning',
  info: 'info',
  low: 'info',
  notice: 'info',
};

/** A severity by any of its usual names, in any case. */
export function asSeverity(value: unknown): Severity | undefined {
  const text = asText(value)?.toLowerCase();
  return text !== undefined && Object.hasOwn(severities, text) ? severities[text] : undefined;
}
