import { expect, test } from 'vitest';
import { parseSearch } from '../../core/cloudwatch/search-expression.ts';

const metrics = [
  { namespace: 'Nightdesk/demo', metricName: 'SessionPnl', dimensions: { Strategy: 's1' } },
  { namespace: 'Nightdesk/demo', metricName: 'SessionPnl', dimensions: { Strategy: 's2' } },
  { namespace: 'Nightdesk/demo', metricName: 'OrderAckLatency', dimensions: { Strategy: 's1', Venue: 'SIM' } },
  { namespace: 'AWS/Lambda', metricName: 'Errors', dimensions: { FunctionName: 'demo-ledger' } },
];

test.each([
  ['{Nightdesk/demo,Strategy}', [0, 1]],
  ['{Nightdesk/demo,Strategy} MetricName="SessionPnl" s2', [1]],
  ['{Nightdesk/demo,Strategy,Venue} latency', [2]],
  ['Namespace="Nightdesk/demo" NOT MetricName="SessionPnl"', [2]],
  ['MetricName=("Errors" OR "SessionPnl") Strategy="s1"', [0]],
  ['order OR ledger', [2, 3]],
  ['Strategy="s1" AND MetricName="OrderAckLatency"', [2]],
  ['"SessionPnl"', [0, 1]],
  ['"sessionpnl"', []],
])('%s', (text, expected) => {
  const search = parseSearch(text);
  expect(search.ok ? metrics.flatMap((metric, at) => (search.value(metric) ? [at] : [])) : search.error.message).toEqual(expected);
});

test('what is not closed is refused', () => {
  expect(parseSearch('{Nightdesk').ok).toBe(false);
  expect(parseSearch('(a OR b').ok).toBe(false);
});
