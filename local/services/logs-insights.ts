/** Logs Insights queries by core's parser, as the endpoint and the viewer answer them. */
import { splitSource } from '../../core/cloudwatch/dashboard-body.ts';
import { type LogRecord, parseLogsQuery, runLogsQuery } from '../../core/cloudwatch/logs-query.ts';
import { AwsError } from '../endpoint/errors.ts';

export interface InsightsResult {
  readonly fields: readonly string[];
  /** Absent fields are empty texts. */
  readonly rows: readonly (readonly string[])[];
  readonly scanned: number;
}

/** @throws AwsError when the query does not parse, with the position and the rule. */
export function runInsights(query: string, records: readonly LogRecord[]): InsightsResult {
  const parsed = parseLogsQuery(splitSource(query).query);
  if (!parsed.ok) throw new AwsError('MalformedQueryException', parsed.error.message);
  const { fields, rows, scanned } = runLogsQuery(parsed.value, records);
  return { fields, rows: rows.map(row => row.map(value => (value === null ? '' : String(value)))), scanned };
}
