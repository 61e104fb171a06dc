/** A summary on its way from the report function to the channels. Small: the notifier carries it. */
import { asArray, asObject, asText, parseJson } from '../cloudwatch/loose-json.ts';
import type { Fact, Page } from '../incidents/page.ts';
import { plainText } from '../incidents/plain-text.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { ReportPeriod } from './window.ts';

/** What goes through the info topic to the notifier. */
export interface ReportMessage {
  readonly period: ReportPeriod;
  /** `2026-01-14`, `2026-01`, `2026-01-12 to 2026-01-18`. */
  readonly days: string;
  readonly headline: string;
  readonly sentence: string;
  readonly facts: readonly Fact[];
  readonly atMs: EpochMs;
}

export function reportMessage({ atMs, ...rest }: ReportMessage): string {
  return JSON.stringify({ nightdesk: 1, kind: 'report', ...rest, at: isoFromMs(atMs) });
}

/** A report out of a decoded message; undefined when it is something else. */
export function readReportMessage(json: unknown): ReportMessage | undefined {
  const object = asObject(json);
  if (object?.['nightdesk'] !== 1 || object['kind'] !== 'report') return undefined;
  const headline = asText(object['headline']);
  const at = Date.parse(asText(object['at']) ?? '');
  const period = (['day', 'week', 'month'] as const).find(each => each === object['period']);
  if (headline === undefined || period === undefined || Number.isNaN(at)) return undefined;
  return {
    period,
    days: asText(object['days']) ?? '',
    headline,
    sentence: asText(object['sentence']) ?? '',
    facts: asArray(object['facts']).flatMap(entry => {
      const [label, value] = [asText(asObject(entry)?.['label']), asText(asObject(entry)?.['value'])];
      return label === undefined || value === undefined ? [] : [{ label, value }];
    }),
    atMs: at,
  };
}

/** The reports of an SNS delivery. */
export const reportsIn = (event: unknown): readonly ReportMessage[] =>
  asArray(asObject(event)?.['Records']).flatMap(
    record => readReportMessage(parseJson(asText(asObject(asObject(record)?.['Sns'])?.['Message']) ?? '')) ?? [],
  );

/** As a page of the channels: an info that opens no incident. */
export function reportPage({ period, days, headline, sentence, facts, atMs }: ReportMessage): Page {
  const key = `report-${period}-${days.replaceAll(' ', '-')}`;
  return {
    key,
    shownKey: key,
    duty: 'trigger',
    severity: 'info',
    headline: plainText(headline, 300),
    sentence: plainText(sentence, 600),
    facts: facts.map(({ label, value }) => ({ label: plainText(label, 100), value: plainText(value, 500) })),
    moneyAtRisk: [],
    measures: [],
    links: [],
    source: 'report',
    class: 'report',
    atMs,
    sinceMs: atMs,
    signals: [],
  };
}
